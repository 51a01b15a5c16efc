using MemoryPages.Diagnostics;
using MemoryPages.Testing;

namespace MemoryPages.Scenarios;

/// <summary>A process that may have no huge pages: that holds until its end.</summary>
internal static class HugePagesOfProcess
{
    [Scenario]
    public static int HugePagesForbiddenToProcess(string[] arguments)
    {
        const int SetDisabled = 41; // PR_SET_THP_DISABLE
        if (Kernel.ProcessControl(SetDisabled, 1, 0, 0, 0) != 0)
        {
            return 1;
        }

        nuint huge = PageSize.TransparentHuge;
        using Pages<ReadWrite> pages = Pages.Allocate(2 * huge, new() { HugePages = HugePages.Transparent, Populate = true });
        HugePageReport report = MemoryMap.ExplainHugePages(pages);
        Console.WriteLine(string.Join(' ', report.Obstacles.Where(obstacle => obstacle.Bytes == pages.Length).Select(obstacle => obstacle.Reason)));
        return report.Huge == 0 && pages.CountHugeBytes() == 0 ? 0 : 2;
    }
}

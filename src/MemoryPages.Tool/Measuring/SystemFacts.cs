using System.Globalization;
using System.Runtime.InteropServices;
using MemoryPages.Tool.Examining;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Measuring;

/// <summary>The machine that this program runs on.</summary>
internal static class SystemFacts
{
    public static IReadOnlyList<SystemFact> All() =>
    [
        new("system", RuntimeInformation.OSDescription),
        new("processor", string.Create(CultureInfo.InvariantCulture, $"{RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} logical")),
        new("runtime", RuntimeInformation.FrameworkDescription),
        new("user", Environment.IsPrivilegedProcess ? "root" : "ordinary user"),
        new("page size", Quantity.Bytes(PageSize.Base)),
        new("transparent huge pages", TransparentHugePages()),
        new("explicit huge pages", ExplicitHugePages()),
        new("may lock", LockLimit()),
    ];

    private static string TransparentHugePages()
    {
        string? mode = SystemFiles.Own.Choice("/sys/kernel/mm/transparent_hugepage/enabled");
        return PageSize.TransparentHuge == 0 ? "none" : Quantity.Bytes(PageSize.TransparentHuge) + (mode is null ? "" : $", {mode}");
    }

    private static string ExplicitHugePages()
    {
        var pools = new List<string>();
        foreach (nuint size in PageSize.Huge)
        {
            string folder = string.Create(CultureInfo.InvariantCulture, $"/sys/kernel/mm/hugepages/hugepages-{size / 1024}kB");
            string free = SystemFiles.Own.FirstLine(folder + "/free_hugepages") ?? "?";
            string total = SystemFiles.Own.FirstLine(folder + "/nr_hugepages") ?? "?";
            pools.Add($"{Quantity.Bytes(size)}: {free} of {total} free");
        }

        return pools.Count == 0 ? "none" : string.Join(", ", pools);
    }

    private static string LockLimit()
    {
        string? soft = SystemFiles.Own.Field("/proc/self/limits", "Max locked memory");
        string limit = long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) ? Quantity.Bytes(bytes) : soft ?? "unknown";
        return limit + (Environment.IsPrivilegedProcess ? " (root may lock more)" : "");
    }
}

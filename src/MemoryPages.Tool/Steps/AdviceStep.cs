using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;
using MemoryPages.Unsafe;

namespace MemoryPages.Tool.Steps;

internal sealed class AdviceStep : TourStep
{
    public override string Name => "advice";

    public override string Title => "Advice";

    public override string Lesson => "The running kernel is asked what it takes. What it was told shows in the mapping's flags.";

    public override void Run(StepRecorder record)
    {
        using var pages = Pages.Allocate(256 * PageSize.Base);          //> mmap … munmap
        record.Look("no advice", pages);

        foreach (var advice in Enum.GetValues<Advice>())                //>
        {
            bool taken = advice.IsSupported;                            //> madvise(NULL, 0); mmap; madvise; mincore; munmap — on a scratch page, once
            record.Ask($"{advice}", taken);
        }

        foreach (var advice in Enum.GetValues<UncheckedAdvice>())       //>
        {
            bool taken = advice.IsSupported;                            //> madvise(NULL, 0); mmap; madvise; munmap — on a scratch page, once
            record.Ask($"{advice}", taken);
        }

        pages.Advise(Advice.Random);                                    //> madvise(MADV_RANDOM)
        Snapshot random = record.Look("random", pages);
        pages.Advise(Advice.Sequential);                                //> madvise(MADV_SEQUENTIAL)
        Snapshot sequential = record.Look("sequential", pages);
        pages.Advise(Advice.Normal);                                    //> madvise(MADV_NORMAL)
        Snapshot normal = record.Look("normal again", pages);

        record.Claim("Random set the flag rr", Has(random, "rr"));
        record.Claim("Sequential set sr in its place", Has(sequential, "sr") && !Has(sequential, "rr"));
        record.Claim("Normal took both away", !Has(normal, "rr") && !Has(normal, "sr"));
        int safeOnes = Enum.GetValues<Advice>().Count(static advice => advice.IsSupported);
        int uncheckedOnes = Enum.GetValues<UncheckedAdvice>().Count(static advice => advice.IsSupported);
        record.Conclude($"{safeOnes + uncheckedOnes} kinds of advice taken; VmFlags rr, sr");
    }

    private static bool Has(Snapshot snapshot, string flag) => snapshot.Regions.Any(region => region.VmFlags.Split(' ').Contains(flag));
}

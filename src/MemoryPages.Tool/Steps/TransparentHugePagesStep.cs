using System.Diagnostics;
using System.Runtime.CompilerServices;
using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Steps;

internal sealed class TransparentHugePagesStep : TourStep
{
    private const int Length = 64 << 20;

    public override string Name => "transparent-huge-pages";

    public override string Title => "Transparent huge pages";

    public override string Lesson => "A wish at allocation, heard before the first touch: one fault brings hundreds of pages.";

    public override void Run(StepRecorder record)
    {
        using var ordinary = Pages.Allocate(Length);                    //> mmap … munmap
        if (Advice.NoHugePage.IsSupported)                              //> madvise(NULL, 0) — once
            ordinary.Advise(Advice.NoHugePage);                         //> madvise(MADV_NOHUGEPAGE)
        double ordinaryTime = Touch(ordinary);
        Snapshot small = record.Look("ordinary, touched", ordinary);

        using var huge = Pages.Allocate(Length,                         //>
            new() { HugePages = HugePages.Transparent });               //> mmap; madvise(MADV_HUGEPAGE) … munmap
        // where the kernel did not align it by itself:                 //> munmap; mmap(PROT_NONE); mmap(MAP_FIXED)
        double hugeTime = Touch(huge);
        Snapshot large = record.Look("huge, touched", huge);

        long got = large.Regions.Sum(static region => region.TransparentHuge);
        string page = Quantity.Bytes(PageSize.Base);
        record.Measure($"{page} pages", small.Faults.Minor, Unit.Faults, "faults");
        record.Measure("huge pages", large.Faults.Minor, Unit.Faults, "faults");
        record.Measure($"{page} pages", ordinaryTime, Unit.Milliseconds, "time to touch all of it");
        record.Measure("huge pages", hugeTime, Unit.Milliseconds, "time to touch all of it");
        record.Measure("in huge pages", got, Unit.Bytes);
        record.Measure("times as fast", ordinaryTime / hugeTime, Unit.Times);
        record.Claim("all of it is resident, huge or not", small.Resident == Length && large.Resident == Length);
        if (got == 0)
        {
            record.Skip("the system gave ordinary pages: transparent huge pages are off, or none was to be had");
            return;
        }

        record.Conclude($"AnonHugePages {Quantity.Bytes(got)}, touched {Quantity.Of(ordinaryTime / hugeTime, Unit.Times)} as fast");
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Touch(Pages<ReadWrite> pages)
    {
        using WriteView view = pages.Write();
        long start = Stopwatch.GetTimestamp();
        for (nuint at = 0; at < view.Length; at += PageSize.Base)       //>
            view[at] = 1;                                               //>
        return StepRecorder.MillisecondsSince(start);
    }
}

using System.Diagnostics;
using System.Runtime.CompilerServices;
using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Steps;

internal sealed class PrefaultStep : TourStep
{
    private const int Length = 32 << 20;

    public override string Name => "prefault";

    public override string Title => "Prefault";

    public override string Lesson => "One call makes all pages resident, or says why not. The loop after it takes no fault.";

    public override void Run(StepRecorder record)
    {
        using var lazy = Pages.Allocate(Length);                        //> mmap … munmap
        record.Look("allocated", lazy);
        (FaultCount lazyFaults, double lazyTime) = Touch(record, lazy);
        record.Look("touched", lazy);

        bool atOnce = Advice.PopulateWrite.IsSupported;                 //> madvise(NULL, 0); mmap; madvise; mincore; munmap — on a scratch page, once
        using var ready = Pages.Allocate(Length);                       //> mmap … munmap
        long start = Stopwatch.GetTimestamp();
        ready.Prefault();                                               //> madvise(MADV_POPULATE_WRITE)
        double prefaultTime = StepRecorder.MillisecondsSince(start);
        Snapshot prefaulted = record.Look("prefaulted", ready);
        (FaultCount readyFaults, double readyTime) = Touch(record, ready);

        record.Measure("touch every page", lazyFaults.Minor, Unit.Faults, "faults taken by the loop");
        record.Measure("after Prefault", readyFaults.Minor, Unit.Faults, "faults taken by the loop");
        record.Measure("touch every page", lazyTime, Unit.Milliseconds, "time");
        record.Measure("Prefault", prefaultTime, Unit.Milliseconds, "time");
        record.Measure("the same loop after it", readyTime, Unit.Milliseconds, "time");
        record.Claim("everything was resident before the loop", prefaulted.Resident == Length);
        record.Claim("the loop after it took none of the faults", readyFaults.Minor < lazyFaults.Minor / 100);
        record.Conclude($"{Quantity.Of(lazyFaults.Minor, Unit.Faults)} → {readyFaults.Minor}{(atOnce ? "" : " (this kernel: page by page)")}");
    }

    // Compiled once and for good: a loop that is recompiled while it runs takes faults that are not the memory's.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (FaultCount Faults, double Milliseconds) Touch(StepRecorder record, Pages<ReadWrite> pages)
    {
        using WriteView view = pages.Write();
        FaultCount before = record.FaultsSoFar();
        long start = Stopwatch.GetTimestamp();
        for (nuint at = 0; at < view.Length; at += PageSize.Base)       //>
            view[at] = 1;                                               //>
        double milliseconds = StepRecorder.MillisecondsSince(start);
        return (record.FaultsSoFar() - before, milliseconds);
    }
}

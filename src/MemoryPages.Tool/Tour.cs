using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;
using MemoryPages.Tool.Steps;

namespace MemoryPages.Tool;

/// <summary>The steps in their order, each run when it is asked for.</summary>
internal sealed class Tour(string file)
{
    private static readonly TourStep[] s_steps =
    [
        new AllocateStep(),
        new WriteStep(),
        new SealStep(),
        new CompileErrorStep(),
        new DiscardStep(),
        new OfferStep(),
        new PrefaultStep(),
        new TransparentHugePagesStep(),
        new ExplicitHugePagesStep(),
        new MapFileStep(),
        new SharedMemoryStep(),
        new SecretMemoryStep(),
        new LockStep(),
        new NumaStep(),
        new AdviceStep(),
        new ProtectionScopeStep(),
        new WrittenPagesStep(),
        new GrowingListStep(),
        new RingStep(),
        new PagePoolStep(),
        new BoxStep(),
        new RunCodeStep(),
        new CodeHeapStep(),
    ];

    public static int Length => s_steps.Length;

    /// <summary>The file that is shown.</summary>
    public string File => file;

    /// <remarks>
    /// Each step is rehearsed first, on a small file of its own: compiling it and loading what it needs takes page faults too, and those are not
    /// what it is to show.
    /// </remarks>
    public IEnumerable<StepReport> Walk()
    {
        using var faults = new FaultCounter();
        string rehearsalFile = SmallFile();
        foreach (TourStep step in s_steps)
        {
            _ = Run(step, rehearsalFile, faults);
            yield return Run(step, file, faults);
        }
    }

    private static StepReport Run(TourStep step, string file, FaultCounter faults)
    {
        var record = new StepRecorder(faults, file);
        try
        {
            step.Run(record);
        }
        catch (Exception refused) when (refused is MemoryPagesException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            record.Fail(refused.Message);
        }

        return record.ToReport(step);
    }

    private string SmallFile()
    {
        string library = Path.Combine(AppContext.BaseDirectory, "MemoryPages.dll");
        return System.IO.File.Exists(library) ? library : file;
    }
}

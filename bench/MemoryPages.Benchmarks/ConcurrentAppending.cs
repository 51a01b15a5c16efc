using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>
/// Words appended by several threads at once, beside a lock around a list and what virtual-buffer does. Time for each word, all threads together.
/// </summary>
[BenchmarkCategory("Lists")]
[InvocationCount(1, unrollFactor: 1)]
public class ConcurrentAppending
{
    private const int Words = 1 << 20;
    private ThreadTeam _team = null!;
    private IAppendTarget _target = null!;

    [Params(1, 2, 4)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup() => _team = ThreadTeam.Start(Threads);

    [GlobalCleanup]
    public void Cleanup() => _team.Dispose();

    [IterationCleanup]
    public void CleanupIteration() => _target.Dispose();

    [IterationSetup(Target = nameof(BareFetchAddAndStore))]
    public void SetupBare() => _target = NewBare();

    [Benchmark(Baseline = true, OperationsPerInvoke = Words)]
    public void BareFetchAddAndStore() => Run();

    [IterationSetup(Target = nameof(ConcurrentListPresent))]
    public void SetupPresent() => _target = NewPresent();

    [Benchmark(OperationsPerInvoke = Words)]
    public void ConcurrentListPresent() => Run();

    [IterationSetup(Target = nameof(ConcurrentListFresh))]
    public void SetupFresh() => _target = NewFresh();

    [Benchmark(OperationsPerInvoke = Words)]
    public void ConcurrentListFresh() => Run();

    [IterationSetup(Target = nameof(ConcurrentListBatches))]
    public void SetupBatches() => _target = NewPresent();

    /// <summary>1024 words a batch.</summary>
    [Benchmark(OperationsPerInvoke = Words)]
    public void ConcurrentListBatches() => RunBatches();

    [IterationSetup(Target = nameof(FlaggedSlotsPresent))]
    public void SetupFlagged() => _target = NewFlagged();

    [Benchmark(OperationsPerInvoke = Words)]
    public void FlaggedSlotsPresent() => Run();

    [IterationSetup(Target = nameof(FlaggedSlotsFresh))]
    public void SetupFlaggedFresh() => _target = NewFlaggedFresh();

    [Benchmark(OperationsPerInvoke = Words)]
    public void FlaggedSlotsFresh() => Run();

    [IterationSetup(Target = nameof(LockedList))]
    public void SetupLocked() => _target = NewLocked();

    [Benchmark(OperationsPerInvoke = Words)]
    public void LockedList() => Run();

    internal static IAppendTarget NewBare() => new BareTarget(Words);

    internal static IAppendTarget NewPresent() => new ConcurrentListTarget(Words, isPresent: true);

    internal static IAppendTarget NewFresh() => new ConcurrentListTarget(Words, isPresent: false);

    internal static IAppendTarget NewFlagged() => new FlaggedSlotsTarget(Words, isPresent: true);

    internal static IAppendTarget NewFlaggedFresh() => new FlaggedSlotsTarget(Words, isPresent: false);

    internal static IAppendTarget NewLocked() => new LockedListTarget(Words);

    /// <summary>Both by as many threads, in turns.</summary>
    internal static double InTurns(int threads, Func<IAppendTarget> numerator, Func<IAppendTarget> denominator, bool inBatches = false)
    {
        var appending = new ConcurrentAppending { Threads = threads };
        appending.Setup();
        double ratio = PairedMeasurement.RatioOfPrepared(
            () => appending.Measure(numerator, inBatches), () => appending.Measure(denominator, inBatches: false));
        appending.Cleanup();
        return ratio;
    }

    private double Measure(Func<IAppendTarget> target, bool inBatches)
    {
        _target = target();
        double time = inBatches ? RunBatches() : Run();
        _target.Dispose();
        return time;
    }

    private double Run() => _team.Run(() => _target.Append(Words / Threads));

    private double RunBatches() => _team.Run(() => ((ConcurrentListTarget)_target).AppendBatches(Words / Threads));
}

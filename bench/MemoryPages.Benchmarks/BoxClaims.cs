namespace MemoryPages.Benchmarks;

/// <summary>What is claimed of boxes.</summary>
internal static class BoxClaims
{
    public static IReadOnlyList<Claim> All { get; } =
    [
        new("a box of 64 bytes, new + dispose, beside NativeMemory", "BoxLife.NewDispose", "BoxLife.NativeMemoryAllocFree", 1.1)
        {
            InTurns = static () => LifeInTurns(life => life.NewDispose, life => life.NativeMemoryAllocFree),
        },
        new("the same with using, beside NativeMemory in try and finally", "BoxLife.NewInUsing", "BoxLife.NativeMemoryInTryFinally", 1.1)
        {
            InTurns = static () => LifeInTurns(life => life.NewInUsing, life => life.NativeMemoryInTryFinally),
        },
        new("a box of 64 bytes, new + dispose, managed memory", "BoxLife.NewDispose", null, 0)
        {
            Measure = Measure.AllocatedBytes,
        },
        new("a box with a cleanup, managed memory", "BoxLife.NewInUsingWithCleanup", null, 0)
        {
            Measure = Measure.AllocatedBytes,
        },
        new("10,000 boxes live, then disposed, beside NativeMemory", "BoxCrowd.NewDispose", "BoxCrowd.NativeMemoryAllocFree", 1.1)
        {
            InTurns = static () =>
            {
                var crowd = new BoxCrowd();
                return PairedMeasurement.RatioOfBest(crowd.NewDispose, crowd.NativeMemoryAllocFree);
            },
        },
        new("a value read through its box, beside a pointer", "BoxAccess.Value", "BoxAccess.RawPointer", 1.03)
        {
            InTurns = static () =>
            {
                var access = new BoxAccess();
                double ratio = PairedMeasurement.RatioOfBest(() => access.Value(), () => access.RawPointer());
                access.Cleanup();
                return ratio;
            },
        },
    ];

    private static double LifeInTurns(Func<BoxLife, Action> ours, Func<BoxLife, Action> rival)
    {
        var life = new BoxLife();
        return PairedMeasurement.RatioOfBest(ours(life), rival(life));
    }
}

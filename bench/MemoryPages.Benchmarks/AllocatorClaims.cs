namespace MemoryPages.Benchmarks;

/// <summary>What is claimed of allocators of small blocks.</summary>
internal static class AllocatorClaims
{
    public static IEnumerable<Claim> All =>
    [
        new("64 bytes from the heap through NativeAllocator and back, beside NativeMemory",
            "Allocating.NativeAllocator", "Allocating.NativeMemoryAllocFree", 1.05)
        {
            InTurns = static () => InTurns(allocating => (allocating.NativeAllocator, allocating.NativeMemoryAllocFree)),
        },
        new("64 bytes from an arena", "Allocating.Arena", "Allocating.NativeMemoryAllocFree", 3)
        {
            Measure = Measure.Nanoseconds,
        },
        new("64 bytes from a pool and back", "Allocating.Pool", "Allocating.NativeMemoryAllocFree", 15)
        {
            Measure = Measure.Nanoseconds,
        },
        new("64 bytes from a pool and back, managed memory", "Allocating.Pool", null, 0)
        {
            Measure = Measure.AllocatedBytes,
        },
        new("as many from a pool by 2 threads, beside 1",
            "PoolThreads.AllocateAndFree(Threads: 2)", "PoolThreads.AllocateAndFree(Threads: 1)", 1 / 1.7)
        {
            InTurns = PoolThreads.TwoBesideOne,
            Obstacle = static () => Environment.ProcessorCount < 2 ? "there is one processor" : null,
        },
    ];

    private static double InTurns(Func<Allocating, (Action Ours, Action Rival)> rivals)
    {
        var allocating = new Allocating();
        allocating.Setup();
        (Action ours, Action rival) = rivals(allocating);
        double ratio = PairedMeasurement.RatioOfBest(ours, rival);
        allocating.Cleanup();
        return ratio;
    }
}

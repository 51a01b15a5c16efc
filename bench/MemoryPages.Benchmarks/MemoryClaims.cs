namespace MemoryPages.Benchmarks;

/// <summary>What is claimed of allocators where the framework wants memories, and of lists in their memory.</summary>
internal static class MemoryClaims
{
    public static IEnumerable<Claim> All =>
    [
        new("4,000 bytes from a pool's MemoryPool and back", "MemoryRenting.PoolAllocator", "MemoryRenting.SharedMemoryPool", 60)
        {
            Measure = Measure.Nanoseconds,
        },
        new("a number into a boxed list on the heap, which grows, managed memory", "BoxedListAdding.OnTheHeap", null, 0)
        {
            Measure = Measure.AllocatedBytes,
        },
        new("a number into a boxed list that grows, beside List", "BoxedListAdding.OnTheHeap", "BoxedListAdding.FrameworkList", 1.2)
        {
            InTurns = static () => Adding(adding => adding.OnTheHeap()),
        },
    ];

    private static double Adding(Action<BoxedListAdding> ours)
    {
        var adding = new BoxedListAdding();
        adding.Setup();
        double ratio = PairedMeasurement.RatioOfBest(() => ours(adding), () => adding.FrameworkList());
        adding.Cleanup();
        return ratio;
    }
}

using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>Blocks of 64 bytes from one pool, by several threads: time for each block, all threads together.</summary>
[BenchmarkCategory("Allocating")]
[InvocationCount(1, unrollFactor: 1)]
public unsafe class PoolThreads
{
    private const int Blocks = 1 << 22;
    private static readonly Layout s_layout = new(64, 16);

    private ThreadTeam _team = null!;
    private PoolAllocator _pool = null!;

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _team = ThreadTeam.Start(Threads);
        _pool = new PoolAllocator();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _team.Dispose();
        _pool.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Blocks)]
    public void AllocateAndFree() => Run();

    /// <summary>How much of one thread's time two take for as many blocks: 0.5 would be perfect.</summary>
    internal static double TwoBesideOne()
    {
        var one = new PoolThreads { Threads = 1 };
        var two = new PoolThreads { Threads = 2 };
        one.Setup();
        two.Setup();
        double ratio = PairedMeasurement.RatioOfPrepared(two.Run, one.Run);
        one.Cleanup();
        two.Cleanup();
        return ratio;
    }

    private double Run() => _team.Run(() =>
    {
        PoolAllocator pool = _pool;
        for (int i = Blocks / Threads; i > 0; i--)
        {
            pool.TryAllocate(s_layout, out AllocatedBlock block);
            *(long*)block.Pointer = i;
            pool.Free(block.Pointer, s_layout);
        }
    });
}

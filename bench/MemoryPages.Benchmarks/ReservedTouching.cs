using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>A huge page of the pool: had, its first byte written, which makes the kernel clear all of it, and given back.</summary>
[BenchmarkCategory("Physical")]
public class ReservedTouching
{
    private HugePagePool? _pool;

    private nuint _size;

    [GlobalSetup]
    public void Setup()
    {
        _size = HugePages.Explicit().ExplicitSize;
        _pool = HugePagePool.TryRaise(_size);
    }

    [GlobalCleanup]
    public void Cleanup() => _pool?.Dispose();

    [Benchmark(Baseline = true)]
    public unsafe void RawMmap()
    {
        byte* start = RawSystem.MapHuge(_size);
        start[0] = 1;
        RawSystem.Unmap(start, _size);
    }

    [Benchmark]
    public void PagesAllocate()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(_size, new() { HugePages = HugePages.Explicit() });
        using WriteView view = pages.Write();
        view[0] = 1;
    }

    /// <summary>In turns, since they differ by a few hundredths.</summary>
    public static double InTurns()
    {
        var touching = new ReservedTouching();
        touching.Setup();
        double ratio = PairedMeasurement.Ratio(touching.PagesAllocate, touching.RawMmap);
        touching.Cleanup();
        return ratio;
    }
}

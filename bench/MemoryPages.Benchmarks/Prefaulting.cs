using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>Fresh memory made present before it is used: in one call, or by touching each page.</summary>
[BenchmarkCategory("Prefaulting")]
public class Prefaulting
{
    private readonly ByteSize _size = new(4 << 20);

    [Benchmark(Baseline = true)]
    public unsafe void RawMmapAndTouchLoop()
    {
        byte* start = RawSystem.Map(_size.Bytes);
        Touch.EachPage(new Span<byte>(start, (int)_size.Bytes));
        RawSystem.Unmap(start, _size.Bytes);
    }

    /// <summary>The kernel's own way, which hides that it failed.</summary>
    [Benchmark]
    public unsafe void RawMmapPopulate()
    {
        byte* start = RawSystem.MapPopulated(_size.Bytes);
        RawSystem.Unmap(start, _size.Bytes);
    }

    [Benchmark]
    public void PagesTouchLoop()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(_size.Bytes);
        using WriteView view = pages.Write();
        Touch.EachPage(view.Span);
    }

    [Benchmark]
    public void PagesPrefault()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(_size.Bytes);
        pages.Prefault();
    }

    [Benchmark]
    public void PagesPrefaultTransparentHuge()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(_size.Bytes, new AllocationOptions { HugePages = HugePages.Transparent });
        pages.Prefault();
    }
}

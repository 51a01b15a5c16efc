using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>Physical memory given back and taken again, with the addresses kept.</summary>
[BenchmarkCategory("Release")]
public class Release
{
    private readonly ByteSize _size = new(4 << 20);
    private Pages<ReadWrite> _pages = null!;
    private unsafe byte* _raw;

    [GlobalSetup]
    public unsafe void Setup()
    {
        _pages = Pages.Allocate(_size.Bytes, new AllocationOptions { NearAddress = RawSystem.PlaceBetweenGuards(_size.Bytes) });
        _raw = RawSystem.Map(_size.Bytes, RawSystem.PlaceBetweenGuards(_size.Bytes));
    }

    [GlobalCleanup]
    public unsafe void Cleanup()
    {
        _pages.Dispose();
        RawSystem.Unmap(_raw, _size.Bytes);
    }

    [Benchmark(Baseline = true)]
    public unsafe void RawDontNeedAndRefill()
    {
        RawSystem.Advise(_raw, _size.Bytes, RawSystem.DropPages);
        new Span<byte>(_raw, (int)_size.Bytes).Fill(1);
    }

    [Benchmark]
    public void PagesDiscardAndRefill()
    {
        _ = _pages.Discard();
        using WriteView view = _pages.Write();
        view.Span.Fill(1);
    }

    /// <summary>What a program does that has no discard: clears the bytes and keeps the memory.</summary>
    [Benchmark]
    public void ClearAndRefill()
    {
        using WriteView view = _pages.Write();
        view.Span.Clear();
        view.Span.Fill(1);
    }
}

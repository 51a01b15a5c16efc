using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>A terabyte of addresses, and memory in them, beside the calls that a user would write.</summary>
[BenchmarkCategory("Reserving")]
public class Reserving
{
    private const nuint Part = 1 << 20;
    private readonly nuint _terabyte = (nuint)1 << 40;
    private VirtualBuffer _buffer = null!;
    private unsafe byte* _raw;

    [GlobalSetup]
    public unsafe void Setup()
    {
        _buffer = VirtualBuffer.Reserve(_terabyte);
        _raw = RawSystem.Reserve(_terabyte);
    }

    [GlobalCleanup]
    public unsafe void Cleanup()
    {
        _buffer.Dispose();
        RawSystem.Unmap(_raw, _terabyte);
    }

    [Benchmark(Baseline = true)]
    public unsafe void RawReserve() => RawSystem.Unmap(RawSystem.Reserve(_terabyte), _terabyte);

    [Benchmark]
    public void BufferReserve() => VirtualBuffer.Reserve(_terabyte).Dispose();

    /// <summary>1 MiB, each page touched. As decommitting must be for the commit charge to come back: mapped anew.</summary>
    [Benchmark]
    public unsafe void RawCommitAndDecommit()
    {
        RawSystem.Protect(_raw, Part, RawSystem.ReadWriteAccess);
        Touch.EachPage(new Span<byte>(_raw, (int)Part));
        RawSystem.Decommit(_raw, Part);
    }

    [Benchmark]
    public void BufferCommitAndDecommit()
    {
        _buffer.Commit(0, Part);
        using (WriteView view = _buffer.Write(new PageRange(0, Part)))
        {
            Touch.EachPage(view.Span);
        }

        _buffer.Decommit(0, Part);
    }
}

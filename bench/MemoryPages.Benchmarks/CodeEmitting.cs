using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>A function of 64 bytes made runnable and freed again, in a heap that holds a thousand others.</summary>
[BenchmarkCategory("Code")]
public unsafe class CodeEmitting
{
    private const int Others = 1000;

    private readonly byte[] _code = new byte[64];
    private readonly CodeHeap _dual = HeapOf(CodeMode.DualMapped);
    private readonly CodeHeap _flipped = HeapOf(CodeMode.Flipped);
    private byte* _page;

    [GlobalSetup]
    public void Setup()
    {
        _code.AsSpan().Fill(0xC3);
        for (int i = 0; i < Others; i++)
        {
            _ = _dual.Emit(_code);
        }

        _page = RawSystem.Map(PageSize.Base);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _dual.Dispose();
        _flipped.Dispose();
        RawSystem.Unmap(_page, PageSize.Base);
    }

    /// <summary>What a program does that has one page for its code.</summary>
    [Benchmark(Baseline = true)]
    public void RawFlip()
    {
        RawSystem.Protect(_page, PageSize.Base, RawSystem.ReadWriteAccess);
        _code.CopyTo(new Span<byte>(_page, _code.Length));
        RawSystem.Protect(_page, PageSize.Base, RawSystem.ReadExecuteAccess);
    }

    [Benchmark]
    public void DualMapped() => _dual.Emit(_code).Dispose();

    [Benchmark]
    public void Flipped() => _flipped.Emit(_code).Dispose();

    internal static CodeHeap HeapOf(CodeMode mode) => new(new() { Mode = mode });
}

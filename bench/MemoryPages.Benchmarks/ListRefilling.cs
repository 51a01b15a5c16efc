using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>64 MiB given back to the system and filled again, block by block.</summary>
[BenchmarkCategory("Lists")]
[InvocationCount(1, unrollFactor: 1)]
public class ListRefilling
{
    private const int Length = 64 << 20;

    private readonly byte[] _block = new byte[64 << 10];
    private VirtualList<byte> _list = null!;
    private unsafe byte* _raw;

    [GlobalSetup]
    public unsafe void Setup()
    {
        _list = [];
        _list.EnsureCapacity(Length);
        _raw = RawSystem.Map(Length);
    }

    [GlobalCleanup]
    public unsafe void Cleanup()
    {
        _list.Dispose();
        RawSystem.Unmap(_raw, Length);
    }

    [Benchmark(Baseline = true)]
    public unsafe void RawDontNeed()
    {
        RawSystem.Advise(_raw, Length, RawSystem.DropPages);
        for (int start = 0; start < Length; start += _block.Length)
        {
            _block.CopyTo(new Span<byte>(_raw + start, _block.Length));
        }
    }

    [Benchmark]
    public void ClearAndDecommit()
    {
        _list.ClearAndDecommit();
        for (int start = 0; start < Length; start += _block.Length)
        {
            _list.AddRange(_block);
        }
    }
}

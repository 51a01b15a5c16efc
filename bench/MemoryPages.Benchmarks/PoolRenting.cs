using System.Buffers;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>A buffer of 64 KiB for a moment, of which one byte is written: from the pool, from what the framework has, and from the system.</summary>
[BenchmarkCategory("PoolRenting")]
public class PoolRenting
{
    private readonly nuint _size = ByteSize.SixteenPages.Bytes;
    private PagePool _pool = null!;
    private MemoryPool<byte> _adapter = null!;

    [GlobalSetup]
    public void Setup()
    {
        _pool = new PagePool();
        _adapter = _pool.AsMemoryPool();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _adapter.Dispose();
        _pool.Dispose();
    }

    /// <summary>A fresh page for the byte, and the rest of the pages never made.</summary>
    [Benchmark(Baseline = true)]
    public unsafe void RawMmap()
    {
        byte* start = RawSystem.Map(_size);
        start[0] = 1;
        RawSystem.Unmap(start, _size);
    }

    [Benchmark]
    public void PoolRent()
    {
        using RentedPages rented = _pool.Rent(_size);
        rented[0] = 1;
    }

    [Benchmark]
    public void PoolAsMemoryPool()
    {
        using IMemoryOwner<byte> rented = _adapter.Rent((int)_size);
        rented.Memory.Span[0] = 1;
    }

    [Benchmark]
    public void SharedArrayPool()
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent((int)_size);
        rented[0] = 1;
        ArrayPool<byte>.Shared.Return(rented);
    }

    [Benchmark]
    public unsafe void NativeMemoryAlloc()
    {
        byte* start = (byte*)NativeMemory.Alloc(_size);
        start[0] = 1;
        NativeMemory.Free(start);
    }
}

using System.Buffers;
using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>A buffer of 4,000 bytes for a moment, of which one byte is written: from allocators as pools of memory, and from the framework's pools.</summary>
[BenchmarkCategory("MemoryRenting")]
public class MemoryRenting
{
    private const int Length = 4000;

    private PoolAllocator _allocator = null!;
    private MemoryPool<byte> _pool = null!;
    private MemoryPool<byte> _heap = null!;

    [GlobalSetup]
    public void Setup()
    {
        _allocator = new PoolAllocator();
        _pool = _allocator.AsMemoryPool();
        _heap = default(NativeAllocator).AsMemoryPool();
    }

    [GlobalCleanup]
    public void Cleanup() => _allocator.Dispose();

    [Benchmark(Baseline = true)]
    public void SharedMemoryPool() => Rent(MemoryPool<byte>.Shared);

    [Benchmark]
    public void SharedArrayPool()
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(Length);
        rented[0] = 1;
        ArrayPool<byte>.Shared.Return(rented);
    }

    [Benchmark]
    public void PoolAllocator() => Rent(_pool);

    [Benchmark]
    public void NativeAllocator() => Rent(_heap);

    [Benchmark]
    public void AllocatedZeroed()
    {
        using IMemoryOwner<byte> owner = _allocator.AllocateMemory<byte>(Length);
        owner.Memory.Span[0] = 1;
    }

    private static void Rent(MemoryPool<byte> pool)
    {
        using IMemoryOwner<byte> owner = pool.Rent(Length);
        owner.Memory.Span[0] = 1;
    }
}

using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>Blocks of 64 bytes from each allocator that deals in small ones, beside the heap called directly. One operation is one block.</summary>
[BenchmarkCategory("Allocating")]
public unsafe class Allocating
{
    private const int Blocks = 1024;
    private static readonly Layout s_layout = new(64, 16);

    private readonly nuint[] _blocks = new nuint[Blocks];
    private ArenaAllocator _arena = null!;
    private PoolAllocator _pool = null!;

    [GlobalSetup]
    public void Setup()
    {
        _arena = new ArenaAllocator();
        _pool = new PoolAllocator();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _arena.Dispose();
        _pool.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Blocks)]
    public void NativeMemoryAllocFree()
    {
        for (int i = 0; i < Blocks; i++)
        {
            void* block = NativeMemory.Alloc(64);
            *(long*)block = i;
            NativeMemory.Free(block);
        }
    }

    [Benchmark(OperationsPerInvoke = Blocks)]
    public void NativeAllocator() => AllocateAndFree(default(NativeAllocator));

    /// <summary>Allocated only, and all taken back at once.</summary>
    [Benchmark(OperationsPerInvoke = Blocks)]
    public void Arena()
    {
        ArenaAllocator arena = _arena;
        using (MemoryPages.Unsafe.ArenaDangerous.DangerousMark(arena))
        {
            for (int i = 0; i < Blocks; i++)
            {
                arena.TryAllocate(s_layout, out AllocatedBlock block);
                *(long*)block.Pointer = i;
            }
        }
    }

    [Benchmark(OperationsPerInvoke = Blocks)]
    public void Pool() => AllocateAndFree(_pool);

    /// <summary>All at once: what does not fit at hand goes through the slabs.</summary>
    [Benchmark(OperationsPerInvoke = Blocks)]
    public void PoolManyLive() => AllocateThenFree(_pool);

    [Benchmark(OperationsPerInvoke = Blocks)]
    public void NativeManyLive() => AllocateThenFree(default(NativeAllocator));

    private static void AllocateAndFree<TAllocator>(TAllocator allocator)
        where TAllocator : IAllocator
    {
        for (int i = 0; i < Blocks; i++)
        {
            allocator.TryAllocate(s_layout, out AllocatedBlock block);
            *(long*)block.Pointer = i;
            allocator.Free(block.Pointer, s_layout);
        }
    }

    private void AllocateThenFree<TAllocator>(TAllocator allocator)
        where TAllocator : IAllocator
    {
        for (int i = 0; i < _blocks.Length; i++)
        {
            allocator.TryAllocate(s_layout, out AllocatedBlock block);
            *(long*)block.Pointer = i;
            _blocks[i] = block.Address;
        }

        foreach (nuint block in _blocks)
        {
            allocator.Free((void*)block, s_layout);
        }
    }
}

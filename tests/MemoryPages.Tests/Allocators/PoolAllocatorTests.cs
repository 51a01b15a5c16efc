#pragma warning disable MP1001 // what a disposed pool answers is tested

using MemoryPages.Testing;
using static MemoryPages.Testing.SystemCallFailure;

namespace MemoryPages.Tests.Allocators;

/// <summary>Sizes, slabs that come and go, and what is left when a pool or a thread ends.</summary>
public sealed unsafe class PoolAllocatorTests
{
    private const nuint Slab = 64 << 10;
    private static readonly Layout s_layout = new(64, 16);

    [Fact]
    public void Small_blocks_lose_a_fifth_at_most_and_are_aligned_as_their_size_allows()
    {
        using var pool = new PoolAllocator();
        for (nuint size = 16; size <= 8 << 10; size += 8)
        {
            var layout = new Layout(size, 8);
            AllocatedBlock block = pool.Allocate(layout);
            Assert.InRange<ulong>((ulong)block.Size, size, Math.Max(size * 5 / 4, 16 + size));
            pool.Free(block.Pointer, layout);
        }

        Assert.Equal((nuint)80, pool.Allocate(new Layout(65, 16)).Size);
        Assert.Equal((nuint)128, pool.Allocate(new Layout(65, 32)).Size);
    }

    [Fact]
    public void A_block_that_was_freed_is_the_next_of_its_thread()
    {
        using var pool = new PoolAllocator();
        AllocatedBlock block = pool.Allocate(s_layout);
        pool.Free(block.Pointer, s_layout);
        Assert.Equal(block, pool.Allocate(new Layout(50, 8))); // of the same class
    }

    [Fact]
    public void Slabs_go_back_when_their_blocks_are_free()
    {
        using var pages = new PagePool();
        using var pool = new PoolAllocator(pages);
        AllocatedBlock[] blocks = [.. Enumerable.Range(0, 10_000).Select(_ => pool.Allocate(s_layout))];
        Assert.InRange<ulong>((ulong)pool.RentedBytes, 640_000, (ulong)(640_000 + (2 * Slab)));
        Assert.Equal(pool.RentedBytes, pages.Counters.RentedBytes);
        Array.ForEach(blocks, block => pool.Free(block.Pointer, s_layout));
        Assert.InRange<ulong>((ulong)pool.RentedBytes, 0, (ulong)(3 * Slab)); // one, and those of the blocks at hand
        pool.Trim();
        Assert.Equal(((nuint)0, 0L), (pool.RentedBytes, pages.Counters.RentedBlocks));
    }

    [Fact]
    public void Large_blocks_are_pages_and_stay_where_they_are_as_they_grow_within_them()
    {
        using var pool = new PoolAllocator();
        Layout layout = new(100_000, 16), larger = new(128 << 10, 16);
        AllocatedBlock block = pool.Allocate(layout);
        Assert.Equal((nuint)(128 << 10), block.Size);
        Assert.Equal(block, pool.Grow(block.Pointer, layout, larger));
        AllocatedBlock small = pool.Shrink(block.Pointer, larger, s_layout);
        Assert.Equal((nuint)64, small.Size);
        Assert.Throws<InvalidOperationException>(() => pool.Free(block.Pointer, larger)); // it was freed as it shrank
        pool.Free(small.Pointer, s_layout);
        Assert.Equal(0, pool.LiveBlocks);
    }

    [Fact]
    public void Beyond_what_the_pages_pool_keeps_alignment_is_kept_too()
    {
        using var pages = new PagePool(new() { MaximumBlock = PageSize.Base });
        using var pool = new PoolAllocator(pages);
        var layout = new Layout(3 * PageSize.Base, 64 * PageSize.Base);
        AllocatedBlock block = pool.AllocateZeroed(layout);
        Assert.Equal((nuint)0, block.Address % layout.Alignment);
        new Span<byte>(block.Pointer, (int)block.Size).Fill(1);
        pool.Free(block.Pointer, layout);
        Assert.Equal((0L, (nuint)0), (pages.Counters.RentedBlocks, pool.RentedBytes));
    }

    [Fact]
    public void What_a_thread_had_at_hand_comes_back_when_it_ends()
    {
        const int InSlab = 1023; // and a header
        using var pool = new PoolAllocator();
        OnAnotherThread(pool);
        int distinct = 0;
        for (int attempt = 0; attempt < 100 && distinct != InSlab; attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            AllocatedBlock[] blocks = [.. Enumerable.Range(0, InSlab).Select(_ => pool.Allocate(s_layout))];
            distinct = pool.RentedBytes == Slab ? blocks.Distinct().Count() : 0; // all of the slab, and so what the thread had
            Array.ForEach(blocks, block => pool.Free(block.Pointer, s_layout));
        }

        Assert.Equal((InSlab, 0L), (distinct, pool.LiveBlocks));

        static void OnAnotherThread(PoolAllocator pool)
        {
            var thread = new Thread(() => pool.Free(pool.Allocate(s_layout).Pointer, s_layout));
            thread.Start();
            thread.Join();
        }
    }

    /// <summary>Threads hand blocks to one another while another empties their fronts, over and over.</summary>
    [Fact]
    public void Trimming_disturbs_nobody()
    {
        const int Threads = 3, Rounds = 20_000;
        using var pool = new PoolAllocator();
        var handed = new System.Collections.Concurrent.ConcurrentQueue<(nuint Address, ulong Stamp)>();
        int wrong = 0;
        bool done = false;
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                AllocatedBlock block = pool.Allocate(s_layout);
                ulong stamp = ((ulong)number << 32) | (uint)round;
                new Span<ulong>(block.Pointer, 8).Fill(stamp);
                handed.Enqueue((block.Address, stamp));
                if (handed.Count > 500 && handed.TryDequeue(out (nuint Address, ulong Stamp) other))
                {
                    Interlocked.Add(ref wrong, new Span<ulong>((void*)other.Address, 8).ContainsAnyExcept(other.Stamp) ? 1 : 0);
                    pool.Free((void*)other.Address, s_layout);
                }
            }
        }))];
        var trimmer = new Thread(() =>
        {
            while (!Volatile.Read(ref done))
            {
                pool.Trim();
            }
        });
        Array.ForEach(threads, thread => thread.Start());
        trimmer.Start();
        Array.ForEach(threads, thread => thread.Join());
        Volatile.Write(ref done, true);
        trimmer.Join();
        Assert.Equal(handed.Count, pool.LiveBlocks);
        foreach ((nuint address, _) in handed)
        {
            pool.Free((void*)address, s_layout);
        }

        pool.Trim();
        Assert.Equal((0, 0L, (nuint)0), (wrong, pool.LiveBlocks, pool.RentedBytes));
    }

    [Fact]
    public void Blocks_in_use_keep_their_memory_when_the_pool_ends()
    {
        var pool = new PoolAllocator();
        Layout large = new(1 << 20, 16);
        AllocatedBlock one = pool.Allocate(s_layout), other = pool.Allocate(large);
        pool.Free(pool.Allocate(new Layout(1000, 8)).Pointer, new Layout(1000, 8));
        pool.Dispose();
        pool.Dispose();
        new Span<byte>(one.Pointer, 64).Fill(1);
        new Span<byte>(other.Pointer, 1 << 20).Fill(2);
        Assert.Throws<ObjectDisposedException>(() => pool.TryAllocate(s_layout, out _));
        Assert.Throws<ObjectDisposedException>(() => pool.TryAllocateZeroed(large, out _));
        Assert.Throws<ObjectDisposedException>(() => pool.TryGrow(one.Pointer, s_layout, large, out _));
        Assert.Throws<ObjectDisposedException>(() => pool.Trim());
        Assert.Equal((2L, Slab + (1 << 20)), (pool.LiveBlocks, pool.RentedBytes));
        pool.Free(one.Pointer, s_layout);
        pool.Free(other.Pointer, large);
        Assert.Equal((0L, (nuint)0), (pool.LiveBlocks, pool.RentedBytes));
        Assert.Null(SystemMap.At(other.Address));
    }

    [Fact]
    public void A_lost_pool_gives_back_what_is_free()
    {
        using var pages = new PagePool();
        Lose(pages);
        for (int attempt = 0; attempt < 100 && pages.Counters.RentedBlocks != 0; attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal(0, pages.Counters.RentedBlocks);

        static void Lose(PagePool pages)
        {
#pragma warning disable MP1007 // lost on purpose
            var pool = new PoolAllocator(pages);
#pragma warning restore MP1007
            pool.Free(pool.Allocate(s_layout).Pointer, s_layout);
        }
    }

    [Fact]
    public void What_the_system_refuses_is_told_and_nothing_is_lost()
    {
        Assert.SkipUnless(IsPossible, "Refusing calls takes seccomp on x86-64 Linux.");
        const nuint Capacity = 0x1357_0000;
        using var pages = new PagePool(new() { ClassCapacity = Capacity });
        using var pool = new PoolAllocator(pages);
        During(
            () =>
            {
                MemoryPagesException refused = Assert.Throws<MemoryPagesException>(() => pool.Allocate(s_layout));
                Assert.Equal(("Allocate", "mmap", "ENOMEM"), (refused.Operation, refused.NativeCall, refused.ErrorSymbol));
                Assert.False(pool.TryAllocateZeroed(new Layout(Slab, 8), out AllocatedBlock none));
                Assert.Equal(default, none);
            },
            new FailingCall(Mmap, ENOMEM, Capacity + Slab - PageSize.Base));
        Assert.Equal((0L, 0L), (pool.LiveBlocks, pages.Counters.RentedBlocks));
        pool.Free(pool.Allocate(s_layout).Pointer, s_layout);
    }

    [Fact]
    public void Several_pools_on_a_thread_do_not_mix_and_places_are_used_again()
    {
        for (int round = 0; round < 100; round++)
        {
            using PoolAllocator one = new(), other = new();
            AllocatedBlock first = one.Allocate(s_layout), second = other.Allocate(s_layout);
            one.Free(first.Pointer, s_layout);
            Assert.NotEqual(first, other.Allocate(s_layout));
            Assert.Equal((0L, 2L), (one.LiveBlocks, other.LiveBlocks));
            other.Free(second.Pointer, s_layout);
        }
    }
}

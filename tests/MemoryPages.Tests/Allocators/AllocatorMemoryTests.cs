#pragma warning disable MP1007 // what is refused needs no end

using System.Buffers;
using System.IO.Pipelines;

namespace MemoryPages.Tests.Allocators;

/// <summary>Any allocator where the framework wants memories: each block comes back once, whoever held it last.</summary>
public sealed class AllocatorMemoryTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void A_memory_is_zero_and_as_long_as_was_asked_for()
    {
        using var arena = new ArenaAllocator();
        using (IMemoryOwner<long> dirty = arena.AllocateMemory<long>(100))
        {
            dirty.Memory.Span.Fill(-1);
        }

        using (IMemoryOwner<long> owner = arena.AllocateMemory<long>(100))
        {
            Assert.Equal((100, 1), (owner.Memory.Length, arena.LiveBlocks));
            Assert.False(owner.Memory.Span.ContainsAnyExcept(0));
        }

        using IMemoryOwner<long> none = arena.AllocateMemory<long>(0);
        Assert.True(none.Memory.IsEmpty);
        Assert.Equal(1, arena.LiveBlocks);
    }

    [Theory]
    [InlineData(-1, 4096)]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(5000, 5000)]
    public void A_rental_has_at_least_what_was_asked_for_and_all_that_its_block_has(int asked, int atLeast)
    {
        using var pool = new PoolAllocator();
        using (IMemoryOwner<byte> owner = pool.AsMemoryPool().Rent(asked))
        {
            nuint block = SizeOfBlock(pool, Math.Max(asked < 0 ? 4096 : asked, 0));
            Assert.Equal((int)block, owner.Memory.Length);
            Assert.True(owner.Memory.Length >= atLeast);
            owner.Memory.Span.Fill(7);
        }

        Assert.Equal(0, pool.LiveBlocks);

        static unsafe nuint SizeOfBlock(PoolAllocator pool, int size)
        {
            AllocatedBlock block = pool.Allocate(new Layout((nuint)size, 1));
            pool.Free(block.Pointer, new Layout((nuint)size, 1));
            return block.Size;
        }
    }

    [Fact]
    public void Elements_of_any_size_are_aligned_and_counted()
    {
        var counting = new CountingAllocator<NativeAllocator>();
        MemoryPool<Wide> pool = counting.AsMemoryPool<Wide>();
        using (IMemoryOwner<Wide> rented = pool.Rent(), one = pool.Rent(3))
        {
            Assert.Equal((1, 3), (rented.Memory.Length, one.Memory.Length)); // 4 KiB hold none of them
            using MemoryHandle pin = one.Memory.Pin();
            unsafe
            {
                Assert.Equal((nuint)0, (nuint)pin.Pointer % 64);
                ((Wide*)pin.Pointer)->Last = 5;
            }

            Assert.Equal(5, one.Memory.Span[0].Last);
        }

        Assert.Equal((0L, 2L), (counting.Counters.LiveBlocks, counting.Counters.Frees));
    }

    [Fact]
    public void An_owner_ends_once_and_gives_nothing_afterwards()
    {
        var counting = new CountingAllocator<NativeAllocator>();
        IMemoryOwner<int> owner = counting.AllocateMemory<int>(10);
        Memory<int> memory = owner.Memory;
        owner.Dispose();
        owner.Dispose();
        Assert.Equal((0L, 1L), (counting.Counters.LiveBlocks, counting.Counters.Frees));
        Assert.Throws<ObjectDisposedException>(() => owner.Memory);
        Assert.Throws<ObjectDisposedException>(() => memory.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => memory.Pin());
    }

    [Fact]
    public unsafe void Pins_hold_the_block_past_its_owner()
    {
        var counting = new CountingAllocator<NativeAllocator>();
        IMemoryOwner<int> owner = counting.AllocateMemory<int>(10);
        owner.Memory.Span[3] = 42;
        MemoryHandle first = owner.Memory.Pin(), second = owner.Memory[3..].Pin();
        owner.Dispose();
        first.Dispose();
        Assert.Equal((1L, 42), (counting.Counters.LiveBlocks, *(int*)second.Pointer));
        second.Dispose();
        second.Dispose();
        Assert.Equal((0L, 1L), (counting.Counters.LiveBlocks, counting.Counters.Frees));
        Assert.Throws<InvalidOperationException>(((MemoryManager<int>)owner).Unpin);
    }

    [Fact]
    public void A_disposed_pool_rents_nothing_and_ends_nothing()
    {
        using var allocator = new PoolAllocator();
        MemoryPool<byte> pool = allocator.AsMemoryPool();
        using IMemoryOwner<byte> before = pool.Rent(100);
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pool.Rent(1));
        before.Memory.Span.Fill(1);
        allocator.AllocateMemory<byte>(1).Dispose();
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        NativeAllocator heap = default;
        Assert.Equal(int.MaxValue, heap.AsMemoryPool().MaxBufferSize);
        Assert.Throws<ArgumentOutOfRangeException>("minBufferSize", () => heap.AsMemoryPool().Rent(-2));
        Assert.Throws<ArgumentOutOfRangeException>("length", () => heap.AllocateMemory<int>(-1).Dispose());
        Assert.Throws<ArgumentOutOfRangeException>("length", () => heap.TryAllocateMemory<int>(-1, out _));
        Assert.Throws<ArgumentNullException>("allocator", () => ((IAllocator)null!).AsMemoryPool());
        Assert.Throws<ArgumentNullException>("allocator", () => ((IAllocator)null!).AllocateMemory<int>(1).Dispose());
    }

    [Fact]
    public void Where_there_is_no_memory_the_allocator_says_why()
    {
        using var small = new FixedAllocator(new byte[1000]);
        MemoryPagesException refused = Assert.Throws<MemoryPagesException>(() => small.AllocateMemory<long>(1000).Dispose());
        Assert.Equal("AllocateMemory", refused.Operation);
        Assert.Contains("are free, at most", refused.Hint);
        Assert.Equal("Rent", Assert.Throws<MemoryPagesException>(() => small.AsMemoryPool<long>().Rent(1000).Dispose()).Operation);
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool given = small.TryAllocateMemory(1000, out IMemoryOwner<long>? memory);
        Assert.Equal((false, null, before), (given, memory, GC.GetAllocatedBytesForCurrentThread()));
        Assert.Equal(small.Capacity, small.FreeBytes);
    }

    /// <summary>A guarded block that was freed is inaccessible, whoever still has a span of it.</summary>
    [Fact]
    public unsafe void Under_a_guard_a_span_that_was_kept_is_a_fault()
    {
        using var guarded = new GuardedAllocator<NativeAllocator>();
        IMemoryOwner<byte> owner = guarded.AllocateMemory<byte>(100);
        nuint address;
        fixed (byte* first = owner.Memory.Span)
        {
            address = (nuint)first;
        }

        owner.Dispose();
        Assert.Contains("was freed", guarded.Describe(address));
        owner.Dispose(); // not a second free: that would be reported
    }

    [Fact]
    public void Pins_and_the_end_may_race()
    {
        var counting = new CountingAllocator<NativeAllocator>();
        for (int round = 1; round <= 200; round++)
        {
            var owner = (MemoryManager<byte>)counting.AllocateMemory<byte>(64);
            using var start = new Barrier(2);
            var other = new Thread(() =>
            {
                start.SignalAndWait(Stop);
                for (int i = 0; i < 50; i++)
                {
                    try
                    {
                        using MemoryHandle pin = owner.Pin();
                    }
                    catch (ObjectDisposedException)
                    {
                    }
                }
            });
            other.Start();
            start.SignalAndWait(Stop);
            ((IDisposable)owner).Dispose();
            other.Join();
            Assert.Equal((0L, (long)round), (counting.Counters.LiveBlocks, counting.Counters.Frees));
        }
    }

    [Fact]
    public async Task A_pipe_runs_on_it_and_gives_every_block_back()
    {
        using var allocator = new PoolAllocator();
        var pipe = new Pipe(new PipeOptions(allocator.AsMemoryPool(), minimumSegmentSize: 16 << 10));
        byte[] sent = [.. Enumerable.Range(0, 1_000_000).Select(i => (byte)(i * 31 % 251))];
        using var received = new MemoryStream();
        Task writing = Task.Run(
            async () =>
            {
                await pipe.Writer.WriteAsync(sent, Stop);
                await pipe.Writer.CompleteAsync();
            },
            Stop);
        await pipe.Reader.CopyToAsync(received, Stop);
        await writing;
        await pipe.Reader.CompleteAsync();
        Assert.Equal(sent, received.ToArray());
        Assert.Equal(0, allocator.LiveBlocks);
    }

    [Alignment(64)]
    private unsafe struct Wide
    {
        public fixed byte Bytes[5000];
        public int Last;
    }
}

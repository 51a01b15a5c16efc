using System.Buffers;
using System.IO.Pipelines;
using static MemoryPages.Tests.Virtual.PagePoolWitness;

namespace MemoryPages.Tests.Virtual;

/// <summary>The pool where the framework wants a <see cref="MemoryPool{T}"/>.</summary>
public sealed class PagePoolMemoryTests
{
    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(100_000, 131_072)]
    public void An_owner_has_at_least_what_was_asked_for(int asked, int length)
    {
        using var pool = new PagePool();
        using IMemoryOwner<byte> owner = pool.AsMemoryPool().Rent(asked);
        Assert.Equal(Math.Max(length, (int)Page), owner.Memory.Length);
        owner.Memory.Span.Fill(7);
        Assert.Equal(7, owner.Memory.Span[^1]);
        Assert.Equal(1, pool.Counters.RentedBlocks);
    }

    [Fact]
    public void Two_gigabytes_are_a_byte_more_than_a_memory_can_say()
    {
        using var pool = new PagePool(new() { MaximumBlock = (nuint)1 << 31 });
        MemoryPool<byte> memory = pool.AsMemoryPool();
        Assert.Equal(int.MaxValue, memory.MaxBufferSize);
        using IMemoryOwner<byte> owner = memory.Rent(int.MaxValue);
        Assert.Equal(int.MaxValue, owner.Memory.Length);
        owner.Memory.Span[^1] = 1;
    }

    [Fact]
    public void A_negative_size_is_no_size()
    {
        using var pool = new PagePool();
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.AsMemoryPool().Rent(-2));
    }

    [Fact]
    public void An_owner_ends_once_and_gives_no_span_afterwards()
    {
        using var pool = new PagePool();
        IMemoryOwner<byte> owner = pool.AsMemoryPool().Rent(1);
        Memory<byte> memory = owner.Memory;
        owner.Dispose();
        Assert.Equal((0L, Page), (pool.Counters.RentedBlocks, pool.Counters.WarmBytes));
        IMemoryOwner<byte>[] others = [.. Enumerable.Range(0, 40).Select(_ => pool.AsMemoryPool().Rent(1))];
        owner.Dispose(); // its block is another's by now
        Assert.Equal(40, pool.Counters.RentedBlocks);
        Assert.Throws<ObjectDisposedException>(() => owner.Memory);
        Assert.Throws<ObjectDisposedException>(() => memory.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => memory.Pin());
        Array.ForEach(others, other => other.Dispose());
        Assert.Equal(0, pool.Counters.RentedBlocks);
    }

    [Fact]
    public unsafe void A_pin_holds_the_block_past_its_owner()
    {
        using var pool = new PagePool();
        IMemoryOwner<byte> owner = pool.AsMemoryPool().Rent((int)Block);
        owner.Memory.Span[10] = 42;
        MemoryHandle first = owner.Memory.Pin();
        MemoryHandle second = owner.Memory[10..].Pin();
        owner.Dispose();
        first.Dispose();
        Assert.Equal(1, pool.Counters.RentedBlocks);
        Assert.Equal(42, *(byte*)second.Pointer);
        second.Dispose();
        Assert.Equal(0, pool.Counters.RentedBlocks);
    }

    [Fact]
    public void Unpinning_once_too_often_is_told_and_does_no_harm()
    {
        using var pool = new PagePool();
        var owner = (MemoryManager<byte>)pool.AsMemoryPool().Rent(1);
        Assert.Throws<InvalidOperationException>(owner.Unpin);
        owner.Pin();
        owner.Unpin();
        Assert.Throws<InvalidOperationException>(owner.Unpin);
        Assert.Throws<ArgumentOutOfRangeException>(() => owner.Pin((int)Page + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => owner.Pin(-1));
        Assert.Equal(1, pool.Counters.RentedBlocks);
        ((IDisposable)owner).Dispose();
        Assert.Throws<InvalidOperationException>(owner.Unpin);
        Assert.Equal(0, pool.Counters.RentedBlocks);
    }

    [Fact]
    public void Pins_and_the_end_may_race()
    {
        using var pool = new PagePool();
        for (int round = 0; round < 300; round++)
        {
            var owner = (MemoryManager<byte>)pool.AsMemoryPool().Rent(1);
            using var start = new Barrier(3);
            Thread[] threads = [new(() => Pin()), new(() => Pin()), new(() => { start.SignalAndWait(); ((IDisposable)owner).Dispose(); })];
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());
            Assert.Equal(0, pool.Counters.RentedBlocks);

            unsafe void Pin()
            {
                start.SignalAndWait();
                try
                {
                    for (int i = 0; i < 50; i++)
                    {
                        using MemoryHandle pin = owner.Pin();
                        *(byte*)pin.Pointer = 1;
                    }
                }
                catch (ObjectDisposedException)
                {
                }
            }
        }
    }

    [Fact]
    public unsafe void A_span_kept_past_the_pool_faults_and_is_nobody_elses()
    {
        var pool = new PagePool(new() { ClassCapacity = 1 << 20 });
        nuint address;
        using (IMemoryOwner<byte> owner = pool.AsMemoryPool().Rent((int)Block))
        {
            fixed (byte* first = owner.Memory.Span)
            {
                address = (nuint)first;
            }
        }

        pool.Dispose();
        Assert.StartsWith("---p", SystemMap.At(address)!.Access); // quarantined: a fault, not a stranger's bytes
    }

    [Fact]
    public void Disposing_the_adapter_leaves_the_pool_alone()
    {
        using var pool = new PagePool();
        pool.AsMemoryPool().Dispose();
        Assert.Same(pool.AsMemoryPool(), pool.AsMemoryPool());
        using IMemoryOwner<byte> owner = pool.AsMemoryPool().Rent(1);
        owner.Memory.Span[0] = 1;
    }

    [Fact]
    public async Task A_pipe_runs_on_it_and_returns_every_block()
    {
        using var pool = new PagePool();
        var pipe = new Pipe(new PipeOptions(pool.AsMemoryPool(), minimumSegmentSize: 16 << 10));
        byte[] sent = new byte[3_000_000];
        for (int i = 0; i < sent.Length; i++)
        {
            sent[i] = (byte)(i * 31 % 251);
        }

        using var received = new MemoryStream();
        Task writing = Task.Run(
            async () =>
            {
                await pipe.Writer.WriteAsync(sent, TestContext.Current.CancellationToken);
                await pipe.Writer.CompleteAsync();
            },
            TestContext.Current.CancellationToken);
        await pipe.Reader.CopyToAsync(received, TestContext.Current.CancellationToken);
        await writing;
        await pipe.Reader.CompleteAsync();
        Assert.Equal(sent, received.ToArray());
        Assert.NotEqual(0, pool.Counters.Misses);
        Assert.Equal(0, pool.Counters.RentedBlocks);
    }
}

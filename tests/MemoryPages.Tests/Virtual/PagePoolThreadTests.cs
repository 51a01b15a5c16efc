using System.Runtime.InteropServices;
using MemoryPages.Virtual;
using static MemoryPages.Tests.Virtual.PagePoolWitness;

namespace MemoryPages.Tests.Virtual;

public sealed class PagePoolThreadTests
{
    [Fact]
    public void Threads_that_end_take_no_blocks_with_them()
    {
        using var pool = new PagePool();
        for (int i = 0; i < 200; i++)
        {
            var thread = new Thread(() =>
            {
                using RentedPages one = pool.Rent(Block);
                using RentedPages other = pool.Rent(Block);
                one[0] = other[0] = 1;
            });
            thread.Start();
            thread.Join();
        }

        PagePoolCounters counters = pool.Counters;
        Assert.Equal((0L, 400L), (counters.RentedBlocks, counters.Hits + counters.Misses));
        Assert.Equal(counters.CommittedBytes, counters.WarmBytes); // none is missing
        Assert.True(counters.CommittedBytes <= 2 * Block * (nuint)Environment.ProcessorCount * 2);
    }

    [Fact]
    public void A_block_may_be_returned_by_another_thread()
    {
        using var pool = new PagePool();
        for (int i = 0; i < 100; i++)
        {
            List<PoolBlock> blocks = Rent(pool, Block, 4);
            var thread = new Thread(() => Return(blocks));
            thread.Start();
            thread.Join();
        }

        Assert.Equal((0L, pool.Counters.CommittedBytes), (pool.Counters.RentedBlocks, pool.Counters.WarmBytes));
    }

    /// <summary>Blocks that are too large for the fronts pass the pool's lock, which others hold: waiting for it must not be where the interrupt comes.</summary>
    [Fact]
    public void An_interrupt_loses_no_block()
    {
        const nuint Large = 8 << 20;
        using var pool = new PagePool(new() { ResidentBudget = 32 << 20 });
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        int interrupted = 0;
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(Work))];
        Array.ForEach(threads, thread => thread.Start());
        while (!end.IsCancellationRequested)
        {
            Array.ForEach(threads, thread => thread.Interrupt());
        }

        Array.ForEach(threads, thread => thread.Join());
        Assert.Equal(0, interrupted);
        Assert.Equal((0L, 0UL), (pool.Counters.RentedBlocks, (ulong)pool.Counters.RentedBytes));
        Assert.Equal(pool.Counters.CommittedBytes, pool.Trim());

        void Work()
        {
            try
            {
                while (!end.IsCancellationRequested)
                {
                    using RentedPages one = pool.Rent(Large);
                    using RentedPages other = pool.Rent(Large);
                }
            }
            catch (ThreadInterruptedException)
            {
                Interlocked.Increment(ref interrupted);
            }
        }
    }

    /// <summary>Many threads over few processors; each block is stamped by its owner all over and must be so still when it goes back.</summary>
    [Theory]
    [InlineData(0UL)]
    [InlineData(1UL << 20)]
    [InlineData(64UL << 20)]
    public void No_block_ever_has_two_owners(ulong budget)
    {
        using var pool = new PagePool(new() { ResidentBudget = (nuint)budget });
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        long rentals = 0;
        long faults = 0;
        long over = 0;
        Thread[] threads = [.. Enumerable.Range(1, 8).Select(number => new Thread(() => Work((ulong)number))), new Thread(Disturb)];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        Assert.Equal((0L, 0L), (faults, over));
        PagePoolCounters counters = pool.Counters;
        Assert.Equal((0L, (nuint)0, rentals), (counters.RentedBlocks, counters.RentedBytes, counters.Hits + counters.Misses));
        Assert.True(rentals > 1000);
        Assert.True(counters.Trims > 0);
        Assert.Equal(counters.CommittedBytes, pool.Trim());

        void Work(ulong number)
        {
            ulong stamp = number << 32;
            var held = new Queue<(PoolBlock Block, ulong Stamp)>();
            while (!end.IsCancellationRequested)
            {
                PoolBlock block = pool.RentBlock(Page << (int)(stamp % 5));
                Words(block).Fill(++stamp);
                held.Enqueue((block, stamp));
                Interlocked.Increment(ref rentals);
                if (held.Count > (int)(stamp % 7))
                {
                    GiveBack(held.Dequeue());
                }
            }

            foreach ((PoolBlock, ulong) one in held)
            {
                GiveBack(one);
            }
        }

        void GiveBack((PoolBlock Block, ulong Stamp) held)
        {
            if (Words(held.Block).IndexOfAnyExcept(held.Stamp) >= 0)
            {
                Interlocked.Increment(ref faults);
            }

            pool.Return(held.Block, held.Block.Ticket);
        }

        void Disturb()
        {
            for (int turn = 1; !end.IsCancellationRequested; turn++)
            {
                over += pool.Counters.WarmBytes > budget ? 1 : 0;
                if (turn % 16 == 0)
                {
                    pool.Trim();
                }

                Thread.Yield();
            }
        }

        static Span<ulong> Words(PoolBlock block) => MemoryMarshal.Cast<byte, ulong>(Bytes(block));
    }

    [Fact]
    public void Disposing_under_load_ends_every_thread_in_order_and_unmaps()
    {
        for (int round = 0; round < 20; round++)
        {
            var pool = new PagePool(new() { ResidentBudget = 1 << 20 });
            List<PoolBlock> first = Rent(pool, Block, 1);
            int ended = 0;
            Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(Work))];
            Array.ForEach(threads, thread => thread.Start());
            Thread.Sleep(5);
            pool.Dispose();
            Array.ForEach(threads, thread => thread.Join());
            Assert.Equal(4, ended);
            Assert.True(IsMapped(first[0].Address));
            Return(first);
            Assert.False(IsMapped(first[0].Address));

            void Work()
            {
                try
                {
                    while (true)
                    {
                        using RentedPages one = pool.Rent(Block);
                        using RentedPages other = pool.Rent(1 << 20);
                        one.Span[0] = other.Span[0] = 1;
                        pool.Trim();
                    }
                }
                catch (ObjectDisposedException)
                {
                    Interlocked.Increment(ref ended);
                }
            }
        }
    }
}

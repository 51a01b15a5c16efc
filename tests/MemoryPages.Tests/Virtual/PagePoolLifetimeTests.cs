#pragma warning disable MP1001 // spent objects are used on purpose: what the run time says of them is tested
#pragma warning disable MP1003 // leases are refused, or lost, on purpose
#pragma warning disable MP1005 // owners end and change under views on purpose: what the run time does then is tested

using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using MemoryPages.Diagnostics;
using MemoryPages.Virtual;
using static MemoryPages.Tests.Virtual.PagePoolWitness;

namespace MemoryPages.Tests.Virtual;

/// <summary>The end of a pool: at once, with rentals open, and when nobody ends it.</summary>
public sealed class PagePoolLifetimeTests
{
    [Fact]
    public void A_disposed_pool_gives_its_addresses_back()
    {
        var pool = new PagePool();
        PoolBlock[] blocks = [.. Rent(pool, Block, 3), .. Rent(pool, Page, 3)];
        Return(blocks);
        pool.Dispose();
        pool.Dispose();
        Assert.All(blocks, block => Assert.False(IsMapped(block.Address)));
    }

    [Fact]
    public void A_disposed_pool_is_of_no_use()
    {
        var pool = new PagePool();
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { using RentedPages none = pool.Rent(1); });
        Assert.Throws<ObjectDisposedException>(() => { using RentedPages none = pool.Rent(pool.MaximumBlock + 1); });
        Assert.Throws<ObjectDisposedException>(() => pool.TryRent(1, out _));
        Assert.Throws<ObjectDisposedException>(() => pool.AsMemoryPool().Rent(1));
        Assert.Throws<ObjectDisposedException>(() => pool.Trim());
        Assert.Throws<ObjectDisposedException>(() => pool.Counters);
        Assert.False(pool.TrimUnderPressure(100, 100));
        Assert.False(pool.TrimUnderPressure(0, 100));
    }

    [Fact]
    public void What_is_rented_outlives_the_pool_and_what_is_free_does_not_wait_for_it()
    {
        _ = Needed.File("/proc/self/smaps");
        var pool = new PagePool();
        List<PoolBlock> free = Rent(pool, Block, 40);
        List<PoolBlock> rented = Rent(pool, Block, 2);
        free.ForEach(block => Fill(block));
        rented.ForEach(block => Fill(block, 0x22));
        nuint own;
        using (RentedPages mapping = pool.Rent(pool.MaximumBlock + 1))
        {
            own = AddressOf(mapping);
            Return(free);
            pool.Dispose();

            Assert.Equal((nuint)0, Resident(free));
            Assert.All(free, block => Assert.False(IsCharged(block.Address)));
            mapping[0] = 1;
            Assert.Throws<ObjectDisposedException>(() => { using RentedPages none = pool.Rent(1); });
        }

        Assert.False(IsMapped(own));
        Assert.Equal(-1, Bytes(rented[0]).IndexOfAnyExcept((byte)0x22));
        Return(rented[..1]);
        Assert.Equal((nuint)0, Resident(rented[..1])); // at once, though the pool waits for the other
        Assert.Equal(-1, Bytes(rented[1]).IndexOfAnyExcept((byte)0x22));
        Return(rented[1..]);
        Assert.All(rented.Concat(free), block => Assert.False(IsMapped(block.Address)));
    }

    [Fact]
    public void Addresses_are_nobody_elses_while_the_pool_lives()
    {
        using var pool = new PagePool(new() { ResidentBudget = 0 });
        List<PoolBlock> blocks = Rent(pool, Block, 10);
        Return(blocks);
        pool.Trim();
        for (int i = 0; i < 200; i++)
        {
            using Pages<ReadWrite> stranger = Pages.Allocate(Block);
            using var view = stranger.Write();
            nuint address = StrangerAddress(view);
            Assert.DoesNotContain(blocks, block => address < block.Address + Block && block.Address < address + Block);
        }

        static unsafe nuint StrangerAddress(scoped in WriteView view)
        {
            fixed (byte* first = view.Span)
            {
                return (nuint)first;
            }
        }
    }

    [Fact]
    public void Pools_do_not_mix()
    {
        using var one = new PagePool();
        using var other = new PagePool();
        HashSet<PoolBlock> ofOne = [], ofOther = [];
        for (int round = 0; round < 100; round++)
        {
            List<PoolBlock> first = Rent(one, Block, 5);
            List<PoolBlock> second = Rent(other, Block, 5);
            ofOne.UnionWith(first);
            ofOther.UnionWith(second);
            Return(first.Concat(second).OrderBy(block => (block.Address >> 16) * 7 % 11));
        }

        Assert.Empty(ofOne.Intersect(ofOther));
        Assert.Single(ofOne.Select(block => block.Mapping.Address).Distinct());
        Assert.Single(ofOther.Select(block => block.Mapping.Address).Distinct());
        Assert.Equal(((nuint)ofOne.Count * Block, (nuint)ofOther.Count * Block), (one.Counters.WarmBytes, other.Counters.WarmBytes));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_lost_pool_is_reported_and_unmapped_unless_something_is_rented(bool rented)
    {
        string name = "lost pool " + Guid.NewGuid();
        var found = new ConcurrentQueue<PageLeakEventArgs>();
        EventHandler<PageLeakEventArgs> remember = (_, leak) => found.Enqueue(leak);
        PageLeaks.Found += remember;
        nuint address = Lose(name, rented);
        PageLeakEventArgs? leak = null;
        for (int attempt = 0; attempt < 100 && leak is null; attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            leak = found.FirstOrDefault(leak => leak.Name == name);
        }

        PageLeaks.Found -= remember;
        Assert.NotNull(leak);
        Assert.Equal((!rented, rented ? 1L : 0L), (leak.WasUnmapped, leak.OpenLeases));
        Assert.Equal(rented, IsMapped(address));

        [MethodImpl(MethodImplOptions.NoInlining)]
        static nuint Lose(string name, bool rented)
        {
            var pool = new PagePool(new() { Name = name });
            List<PoolBlock> blocks = Rent(pool, Block, 2);
            Return(rented ? blocks[..1] : blocks);
            return blocks[0].Address;
        }
    }
}

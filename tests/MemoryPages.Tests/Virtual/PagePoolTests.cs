#pragma warning disable MP1003 // leases are refused, or lost, on purpose
#pragma warning disable MP1004 // values are copied on purpose: what the run time says of copies is tested

using MemoryPages.Virtual;
using static MemoryPages.Tests.Virtual.PagePoolWitness;

namespace MemoryPages.Tests.Virtual;

public sealed class PagePoolTests
{
    private const nuint Maximum = 1 << 20;

    public static TheoryData<ulong, ulong> Sizes()
    {
        ulong page = PagePoolWitness.Page;
        return new()
        {
            { 1, page },
            { page - 1, page },
            { page, page },
            { page + 1, 2 * page },
            { (3 * page) - 1, 4 * page },
            { Maximum - 1, Maximum },
            { Maximum, Maximum },
            { Maximum + 1, Maximum + page },
            { (5 * Maximum) - page, (5 * Maximum) - page },
        };
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_block_is_the_next_power_of_two_or_its_own_mapping(ulong wished, ulong length)
    {
        using var pool = new PagePool(new() { MaximumBlock = Maximum });
        nuint address;
        using (RentedPages rented = pool.Rent((nuint)wished))
        {
            address = AddressOf(rented);
            Assert.Equal(length, rented.Length);
            Assert.Equal(0u, address % (length <= Maximum ? (nuint)length : Page));
            rented.Span.Fill(0x5A);
            Assert.Equal(0x5A, rented[rented.Length - 1]);
            Assert.Equal((1, (nuint)length), (pool.Counters.RentedBlocks, pool.Counters.RentedBytes));
        }

        Assert.Equal((0, (nuint)0), (pool.Counters.RentedBlocks, pool.Counters.RentedBytes));
        Assert.Equal(length <= Maximum, IsMapped(address)); // kept warm, or back with the system
    }

    [Fact]
    public void Nothing_is_no_request()
    {
        using var pool = new PagePool();
        Assert.Throws<ArgumentOutOfRangeException>("length", () => { using RentedPages none = pool.Rent(0); });
        Assert.Throws<ArgumentOutOfRangeException>("length", () => pool.TryRent(0, out _));
        Assert.Equal(default, pool.Counters);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 62)]
    [InlineData((1UL << 47) + 1)]
    public void More_than_any_system_has_is_refused_by_the_system(ulong length)
    {
        using var pool = new PagePool();
        var refused = Assert.Throws<MemoryPagesException>(() => { using RentedPages none = pool.Rent((nuint)length); });
        Assert.Equal(("Rent", Witness.OutOfMemory, (nuint)length), (refused.Operation, refused.ErrorSymbol, refused.Size));
        Assert.Equal(ErrorReason.AddressSpaceLimit, refused.Reason);
        Assert.False(pool.TryRent((nuint)length, out _));
        Assert.Equal(default, pool.Counters);
        using RentedPages rented = pool.Rent(1);
        rented[0] = 1;
    }

    [Theory]
    [InlineData(1UL, 0UL)]
    [InlineData(0UL, 16UL << 20)]
    [InlineData((64UL << 10) + 1, 128UL << 10)]
    [InlineData(1UL << 62, 1UL << 62)]
    public void The_largest_block_is_a_power_of_two(ulong wished, ulong maximum)
    {
        using var pool = new PagePool(new() { MaximumBlock = (nuint)wished });
        Assert.Equal(Math.Max((nuint)maximum, Page), pool.MaximumBlock);
    }

    [Fact]
    public void No_power_of_two_is_beyond_the_address_space() =>
        Assert.Throws<ArgumentOutOfRangeException>("MaximumBlock", () => new PagePool(new() { MaximumBlock = nuint.MaxValue }));

    [Fact]
    public void Rented_memory_is_seen_by_byte_by_part_and_by_element()
    {
        using var pool = new PagePool();
        using RentedPages rented = pool.Rent(Block);
        rented.Elements<int>()[3] = 0x01020304;
        Assert.Equal(Block / sizeof(int), (nuint)rented.Elements<int>().Length);
        Assert.Equal([4, 3, 2, 1], rented.Slice(12, 4).ToArray());
        Assert.Equal(4, rented[12]);
        Assert.Equal(0, rented.Slice(Block, 0).Length);
        try
        {
            _ = rented[Block];
            Assert.Fail("There is no such byte.");
        }
        catch (ArgumentOutOfRangeException)
        {
        }

        try
        {
            _ = rented.Slice(Block - 3, 4);
            Assert.Fail("There is no such part.");
        }
        catch (ArgumentOutOfRangeException)
        {
        }
    }

    [Theory]
    [InlineData("Span<byte> kept; { using var r = pool.Rent(1); kept = r.Span; }", "CS8168")]
    [InlineData("Span<int> kept; { using var r = pool.Rent(1); kept = r.Elements<int>(); }", "CS8168")]
    [InlineData("Span<byte> kept; { using var r = pool.Rent(1); kept = r.Slice(0, 1); }", "CS8168")]
    [InlineData("ref byte kept = ref (new byte[1])[0]; { using var r = pool.Rent(1); kept = ref r[0]; }", "CS8374")]
    [InlineData("using var r = pool.Rent(1); r.Dispose();", "CS1061")]
    [InlineData("object kept = pool.Rent(1);", "CS0029")]
    public void What_would_outlive_its_rental_does_not_compile(string use, string error) =>
        Assert.StartsWith(error, Assert.Single(Snippet.Errors($"using var pool = new PagePool(); {use}")));

    [Fact]
    public void A_rental_that_was_copied_returns_its_block_once()
    {
        using var pool = new PagePool();
        RentedPages copy;
        using (RentedPages rented = pool.Rent(Block))
        {
            copy = rented;
            copy[0] = 1;
        }

        try
        {
            using (copy)
            {
            }

            Assert.Fail("The second return was taken.");
        }
        catch (InvalidOperationException)
        {
        }

        Assert.Equal((0L, Block), (pool.Counters.RentedBlocks, pool.Counters.WarmBytes));
        List<PoolBlock> blocks = Rent(pool, Block, 20);
        Assert.Equal(20, blocks.DistinctBy(block => block.Address).Count());
        Return(blocks);
    }

    [Fact]
    public void A_copy_is_of_no_use_once_the_rental_has_ended_nor_when_the_block_is_rented_anew()
    {
        using var pool = new PagePool();
        RentedPages copy;
        using (RentedPages rented = pool.Rent(Block))
        {
            copy = rented;
        }

        AssertUseless(copy);
        List<PoolBlock> blocks = Rent(pool, Block, 40); // among them that one
        AssertUseless(copy);
        Return(blocks);
        AssertUseless(default);
    }

    [Fact]
    public void Renting_and_returning_allocates_no_managed_memory()
    {
        using var pool = new PagePool();
        Cycle(pool); // compiled, and a block for each front
        long before = GC.GetAllocatedBytesForCurrentThread();
        Cycle(pool);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        static void Cycle(PagePool pool)
        {
            for (int i = 0; i < 10_000; i++)
            {
                using RentedPages small = pool.Rent(1);
                using RentedPages rented = pool.Rent(Block);
                using RentedPages large = pool.Rent(16 << 20); // beyond a front's share
                rented.Span[0] = 1;
            }
        }
    }

    [Fact]
    public void Warm_blocks_are_hits_and_fresh_ones_misses()
    {
        using var pool = new PagePool(new() { Name = "counted" });
        List<PoolBlock> blocks = Rent(pool, Block, 100);
        Assert.Equal((0L, 100L, 100L, 100 * Block, (nuint)0), Facts(pool.Counters));
        Assert.Equal(100 * Block, pool.Counters.CommittedBytes);
        Return(blocks);
        Assert.Equal((0L, 100L, 0L, (nuint)0, 100 * Block), Facts(pool.Counters));

        // A thread may move to another processor, whose front has none: the store then, and only after that a new one.
        blocks = Rent(pool, Block, 50);
        PagePoolCounters counters = pool.Counters;
        Assert.Equal((150L, 50L), (counters.Hits + counters.Misses, counters.RentedBlocks));
        Assert.InRange(counters.Hits, 34, 50);
        Return(blocks);
    }

    [Fact]
    public void Memory_is_as_its_last_user_left_it_unless_zeros_are_wished()
    {
        using var pool = new PagePool();
        using var zeroed = new PagePool(new() { Zeroed = true });
        foreach (PagePool each in new[] { pool, zeroed })
        {
            List<PoolBlock> blocks = Rent(each, Block, 64);
            blocks.ForEach(block => Fill(block));
            Return(blocks);
        }

        List<PoolBlock> dirty = Rent(pool, Block, 64);
        List<PoolBlock> clean = Rent(zeroed, Block, 64);
        Assert.Contains(dirty, block => Bytes(block)[0] == 0xEE);
        Assert.True(zeroed.Counters.Hits > 0);
        Assert.All(clean, block => Assert.Equal(-1, Bytes(block).IndexOfAnyExcept((byte)0)));
        Return(dirty);
        Return(clean);
    }

    private static (long Hits, long Misses, long Rented, nuint RentedBytes, nuint WarmBytes) Facts(PagePoolCounters counters) =>
        (counters.Hits, counters.Misses, counters.RentedBlocks, counters.RentedBytes, counters.WarmBytes);

    private static void AssertUseless(RentedPages rented)
    {
        int refusals = 0;
        for (int use = 0; use < 5; use++)
        {
            try
            {
                _ = use switch
                {
                    0 => rented.Length,
                    1 => (nuint)rented.Span.Length,
                    2 => rented[0],
                    3 => (nuint)rented.Slice(0, 1).Length,
                    _ => (nuint)rented.Elements<int>().Length,
                };
            }
            catch (ObjectDisposedException)
            {
                refusals++;
            }
        }

        Assert.Equal(5, refusals);
    }
}

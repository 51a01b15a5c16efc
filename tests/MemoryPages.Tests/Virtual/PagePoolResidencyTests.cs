using MemoryPages.Virtual;
using static MemoryPages.Tests.Virtual.PagePoolWitness;

namespace MemoryPages.Tests.Virtual;

/// <summary>What free blocks cost: pages in memory, and commit charge, both as the kernel says it.</summary>
public sealed class PagePoolResidencyTests
{
    public PagePoolResidencyTests() => Needed.File("/proc/self/smaps");

    [Theory]
    [InlineData(4UL << 20)]
    [InlineData(1UL << 20)]
    [InlineData(200_000UL)]
    [InlineData(0UL)]
    public void Free_blocks_stay_in_memory_up_to_the_budget(ulong budget)
    {
        using var pool = new PagePool(new() { ResidentBudget = (nuint)budget });
        List<PoolBlock> blocks = [.. Rent(pool, Block, 120), .. Rent(pool, Page, 200), .. Rent(pool, 1 << 20, 3)];
        blocks.ForEach(block => Fill(block));
        Assert.Equal((nuint)blocks.Sum(block => (long)block.Length), Resident(blocks));
        Return(blocks);

        nuint resident = Resident(blocks);
        Assert.Equal(pool.Counters.WarmBytes, resident);
        Assert.InRange(resident, (nuint)budget / 2, (nuint)budget);
        Assert.Equal((nuint)blocks.Sum(block => (long)block.Length) - resident, pool.Counters.DiscardedBytes);
        Assert.All(blocks, block => Assert.True(IsCharged(block.Address))); // renting them again cannot be refused
    }

    [Fact]
    public void Blocks_idle_longest_go_first()
    {
        using var pool = new PagePool(new() { ResidentBudget = 4 << 20 });
        List<PoolBlock> blocks = Rent(pool, 1 << 20, 8); // beyond a front's share of the budget: all in the store
        blocks.ForEach(block => Fill(block));
        Return(blocks);
        List<PoolBlock> resident = [.. blocks.Where(block => Resident([block]) != 0)];
        Assert.NotEmpty(resident);
        Assert.Equal(blocks[^resident.Count..], resident);
    }

    [Fact]
    public void A_warm_block_is_rented_without_a_page_fault()
    {
        using var pool = new PagePool();
        for (int i = 0; i < 64; i++)
        {
            using RentedPages first = pool.Rent(Block);
            first.Span.Fill(1);
        }

        long touched = 0;
        long before = SystemMap.Faults().Minor;
        for (int i = 0; i < 10_000; i++)
        {
            using RentedPages rented = pool.Rent(Block);
            for (nuint page = 0; page < rented.Length; page += Page)
            {
                rented[page]++;
                touched++;
            }
        }

        // The rest of the process faults a little; without warmth each page would.
        Assert.InRange(SystemMap.Faults().Minor - before, 0, touched / 10);
    }

    [Fact]
    public void Trim_gives_back_memory_and_charge_of_what_is_free_and_nothing_else()
    {
        using var pool = new PagePool();
        List<PoolBlock> kept = Rent(pool, Block, 3);
        List<PoolBlock> free = [.. Rent(pool, Block, 10), .. Rent(pool, 1 << 20, 2), .. Rent(pool, Page, 16)];
        kept.AddRange(Rent(pool, Block, 3));
        kept.ForEach(block => Fill(block, 0x11));
        free.ForEach(block => Fill(block));
        Return(free);
        nuint bytes = (nuint)free.Sum(block => (long)block.Length);
        Assert.Equal(bytes, Resident(free));

        Assert.Equal(bytes, pool.Trim());

        Assert.Equal((nuint)0, Resident(free));
        Assert.All(free, block => Assert.False(IsCharged(block.Address)));
        Assert.All(free, block => Assert.StartsWith("---p", SystemMap.At(block.Address)!.Access));
        Assert.All(kept, block => Assert.True(IsCharged(block.Address)));
        Assert.All(kept, block => Assert.Equal(-1, Bytes(block).IndexOfAnyExcept((byte)0x11)));
        Assert.Equal(((nuint)0, 6 * Block, 1L), (pool.Counters.WarmBytes, pool.Counters.CommittedBytes, pool.Counters.Trims));

        // The addresses are still the pool's, and memory again when they are rented.
        List<PoolBlock> again = Rent(pool, Block, 10);
        Assert.All(again, block => Assert.Contains(block, free));
        Assert.All(again, block => Assert.Equal(-1, Bytes(block).IndexOfAnyExcept((byte)0)));
        Return(again);
        Return(kept);
    }

    [Fact]
    public void The_machine_has_promised_less_after_a_trim()
    {
        const long Charge = 4L << 30; // far more than what the rest of the machine does meanwhile
        using var pool = new PagePool(new() { ResidentBudget = nuint.MaxValue });
        List<PoolBlock> blocks = [];
        try
        {
            blocks.AddRange(Rent(pool, 16 << 20, (int)(Charge >> 24)));
        }
        catch (MemoryPagesException refused) when (refused.ErrorSymbol == "ENOMEM")
        {
            Assert.Skip($"This machine does not promise {Charge:N0} bytes: {refused.Message}");
        }

        Return(blocks);
        long before = SystemMap.Machine("Committed_AS");
        Assert.Equal((ulong)Charge, pool.Trim());
        Assert.InRange(before - SystemMap.Machine("Committed_AS"), Charge / 2, Charge * 3 / 2);
    }

    [Fact]
    public void Neighbours_are_trimmed_to_one_hole()
    {
        using var pool = new PagePool();
        List<PoolBlock> blocks = Rent(pool, Block, 200);
        Return(blocks);
        pool.Trim();
        Assert.Single(SystemMap.Between(blocks[0].Address, blocks[^1].Address + Block));
    }

    [Fact]
    public void Small_blocks_are_committed_several_at_a_time()
    {
        using var pool = new PagePool();
        List<PoolBlock> blocks = Rent(pool, 1, 1);
        Assert.Equal(Block, pool.Counters.CommittedBytes);
        Assert.Equal(Block, SystemMap.At(blocks[0].Address)!.End - SystemMap.At(blocks[0].Address)!.Start);
        Return(blocks);
    }

    [Fact]
    public void Huge_pages_are_asked_for_and_again_after_a_trim()
    {
        Assert.SkipUnless(PageSize.TransparentHuge != 0, "This system has no transparent huge pages.");
        using var pool = new PagePool(new() { TransparentHugePages = true });
        for (int round = 0; round < 2; round++)
        {
            List<PoolBlock> blocks = Rent(pool, PageSize.TransparentHuge, 2);
            Assert.All(blocks, block => Assert.True(SystemMap.At(block.Address)!.HasFlag("hg")));
            Return(blocks);
            pool.Trim();
        }

        using RentedPages own = pool.Rent(pool.MaximumBlock + 1);
        Assert.True(SystemMap.At(AddressOf(own))!.HasFlag("hg"));
    }
}

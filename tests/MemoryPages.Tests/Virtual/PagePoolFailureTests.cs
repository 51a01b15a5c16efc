#pragma warning disable MP1003 // leases are refused, or lost, on purpose

using MemoryPages.Virtual;
using static MemoryPages.Testing.SystemCallFailure;
using static MemoryPages.Tests.Virtual.PagePoolWitness;

namespace MemoryPages.Tests.Virtual;

/// <summary>Each call that a pool makes is refused in turn: the error is told, nothing is lost, and the pool goes on when the system does.</summary>
public sealed class PagePoolFailureTests
{
    private const nuint Large = 32 << 20; // lengths that the runtime does not use on the same thread

    public PagePoolFailureTests() => Assert.SkipUnless(IsPossible, "Refusing calls takes seccomp on x86-64 Linux.");

    [Fact]
    public void A_refused_commit_is_told_and_the_block_is_there_for_the_next()
    {
        using var pool = new PagePool(new() { MaximumBlock = Large });
        During(
            () =>
            {
                for (int i = 0; i < 3; i++)
                {
                    MemoryPagesException refused = Refused(pool, Large);
                    Assert.Equal(("Rent", "mprotect", "ENOMEM"), (refused.Operation, refused.NativeCall, refused.ErrorSymbol));
                    Assert.Equal((ErrorReason.OutOfMemory, Large), (refused.Reason, refused.Size));
                }
            },
            new FailingCall(Mprotect, ENOMEM, Large));
        Assert.Equal(default, pool.Counters);
        PoolBlock block = Assert.Single(Rent(pool, Large, 1));
        Assert.Equal(block.Mapping.Address, block.Address); // the first one, not the fourth
        Fill(block);
        Return([block]);
    }

    [Fact]
    public void TryRent_says_no_and_allocates_nothing()
    {
        using var pool = new PagePool(new() { MaximumBlock = Large });
        During(
            () =>
            {
                Assert.False(pool.TryRent(Large, out _));
                Assert.False(pool.TryRent(Large, out _));
                long before = GC.GetAllocatedBytesForCurrentThread();
                bool rented = pool.TryRent(Large, out _);
                Assert.Equal((false, 0L), (rented, GC.GetAllocatedBytesForCurrentThread() - before));
            },
            new FailingCall(Mprotect, ENOMEM, Large));
        Assert.True(pool.TryRent(Large, out RentedPages rented));
        using (rented)
        {
            rented[0] = 1;
        }

        Assert.Equal((0L, 1L), (pool.Counters.RentedBlocks, pool.Counters.Misses));
    }

    [Fact]
    public void Where_several_blocks_are_not_to_be_had_the_one_that_is_needed_may_be()
    {
        Assert.SkipUnless(PageSize.TransparentHuge > Block, "Blocks are committed several at a time for huge pages, which this system has not.");
        using var pool = new PagePool(new() { TransparentHugePages = true });
        List<PoolBlock> blocks = [];
        During(() => blocks.AddRange(Rent(pool, Block, 3)), new FailingCall(Mprotect, ENOMEM, PageSize.TransparentHuge));
        Assert.Equal(3 * Block, pool.Counters.CommittedBytes);
        blocks.ForEach(block => Fill(block));
        Return(blocks);
    }

    [Fact]
    public void A_refused_reservation_is_told_and_tried_again_by_the_next()
    {
        const nuint Capacity = 0x1357_0000;
        using var pool = new PagePool(new() { ClassCapacity = Capacity });
        nuint asked = Capacity + Block - Page; // and room to align
        During(
            () =>
            {
                Assert.Equal("mmap", Refused(pool, Block).NativeCall);
                Assert.Equal("Rent", Refused(pool, Block).Operation);
            },
            new FailingCall(Mmap, ENOMEM, asked));
        Assert.Equal(default, pool.Counters);
        List<PoolBlock> blocks = Rent(pool, Block, 1);
        Assert.Equal(Capacity, blocks[0].Mapping.Length);
        Return(blocks);
    }

    [Fact]
    public void A_refused_mapping_of_its_own_is_told()
    {
        using var pool = new PagePool();
        During(() => Assert.Equal("mmap", Refused(pool, 0x1357_1000).NativeCall), new FailingCall(Mmap, ENOMEM, 0x1357_1000));
        Assert.Equal(default, pool.Counters);
        using RentedPages rented = pool.Rent(0x1357_1000);
        rented[rented.Length - 1] = 1;
    }

    [Fact]
    public void A_class_without_addresses_left_serves_from_mappings_of_their_own()
    {
        using var pool = new PagePool(new() { ClassCapacity = 3 * Block });
        List<PoolBlock> blocks = Rent(pool, Block, 5);
        blocks.ForEach(block => Fill(block));
        Assert.Equal([true, true, true, false, false], blocks.Select(block => block.Mapping == blocks[0].Mapping));
        Assert.Equal((5L, 5 * Block, 3 * Block), (pool.Counters.RentedBlocks, pool.Counters.RentedBytes, pool.Counters.CommittedBytes));
        Return(blocks);
        Assert.False(IsMapped(blocks[3].Address));
        Assert.Equal((0L, (nuint)0, 3 * Block), (pool.Counters.RentedBlocks, pool.Counters.RentedBytes, pool.Counters.WarmBytes));
    }

    [Fact]
    public void Where_the_charge_cannot_be_given_back_the_memory_is()
    {
        using var pool = new PagePool(new() { MaximumBlock = Large, Zeroed = true });
        List<PoolBlock> blocks = Rent(pool, Large, 1);
        Fill(blocks[0]);
        Return(blocks);
        During(() => Assert.Equal((nuint)0, pool.Trim()), new FailingCall(Mmap, ENOMEM, Large));
        Assert.Equal((nuint)0, Resident(blocks));
        Assert.Equal(((nuint)0, Large), (pool.Counters.WarmBytes, pool.Counters.CommittedBytes));
        Assert.True(IsCharged(blocks[0].Address));

        blocks = Rent(pool, Large, 1);
        Assert.Equal(-1, Bytes(blocks[0]).IndexOfAnyExcept((byte)0));
        Return(blocks);
        Assert.Equal(Large, pool.Trim());
        Assert.False(IsCharged(blocks[0].Address));
    }

    private static MemoryPagesException Refused(PagePool pool, nuint length) =>
        Assert.Throws<MemoryPagesException>(() => { using RentedPages none = pool.Rent(length); });
}

using MemoryPages.Testing;

namespace MemoryPages.Tests.Allocators;

/// <summary>The contract, on every allocator of the library; and that the suite finds who breaks it.</summary>
public sealed unsafe class AllocatorConformanceTests
{
    [Fact]
    public void NativeAllocator_keeps_the_contract() => Run(default(NativeAllocator), new() { IsThreadSafe = true });

    [Fact]
    public void CountingAllocator_keeps_the_contract_and_counts_to_nothing()
    {
        var counting = new CountingAllocator<NativeAllocator>();
        Run(counting, new() { IsThreadSafe = true });
        AllocatorCounters counters = counting.Counters;
        Assert.Equal((0L, counters.Allocations), (counters.LiveBlocks, counters.Frees));
        Assert.NotEqual(0, counters.Resizes);
        Assert.NotEqual(0, counters.Refusals);
    }

    [Fact]
    public void FailingAllocator_that_fails_nothing_keeps_the_contract() =>
        Run(new FailingAllocator<NativeAllocator>(failAt: 0), new() { IsThreadSafe = true });

    [Fact]
    public void ArenaAllocator_keeps_the_contract()
    {
        using var arena = new ArenaAllocator();
        Run(arena, new() { Reuses = false });
        Assert.Equal(0, arena.LiveBlocks);
    }

    /// <summary>Every block that comes anew was used and came back.</summary>
    [Fact]
    public void ArenaAllocator_keeps_the_contract_in_warm_memory()
    {
        using var arena = new ArenaAllocator();
        AllocatedBlock block = arena.Allocate(new Layout(512 << 20, 1));
        arena.Free(block.Pointer, new Layout(512 << 20, 1));
        for (int i = 0; i < 2; i++)
        {
            Run(arena, new() { Reuses = false });
            arena.Reset(nuint.MaxValue);
        }
    }

    [Fact]
    public void PoolAllocator_keeps_the_contract()
    {
        using var pool = new PoolAllocator();
        Run(pool, new() { IsThreadSafe = true });
        Assert.Equal(0, pool.LiveBlocks);
        pool.Trim();
        Assert.Equal((nuint)0, pool.RentedBytes);
    }

    [Fact]
    public void PageAllocator_keeps_the_contract() => Run(default(PageAllocator), new() { IsThreadSafe = true });

    [Fact]
    public void LockedAllocator_keeps_the_contract()
    {
        Assert.SkipUnless(LockedAllocatorTests.CanLock(), "This process may lock no memory (RLIMIT_MEMLOCK).");
        Run(default(LockedAllocator), new() { IsThreadSafe = true, Capacity = 2 << 20 });
        Assert.Equal((nuint)0, LockedAllocator.LockedBytes);
    }

    [Fact]
    public void GuardedAllocator_keeps_the_contract_over_another_and_finds_nothing()
    {
        var counting = new CountingAllocator<NativeAllocator>();
        using (var guarded = new GuardedAllocator<CountingAllocator<NativeAllocator>>(counting))
        {
            Run(guarded, new() { IsThreadSafe = true });
        }

        Assert.Equal(0, counting.Counters.LiveBlocks);
    }

    [Fact]
    public void FixedAllocator_keeps_the_contract()
    {
        using var allocator = new FixedAllocator(new byte[20 << 20]);
        Run(allocator, new() { Capacity = 4 << 20 });
        Assert.Equal((allocator.Capacity, (nint)0), (allocator.FreeBytes, allocator.LiveBlocks));
    }

    [Fact]
    public void FixedAllocator_keeps_the_contract_in_leased_pages()
    {
        using var pages = Pages.Allocate(20 << 20);
        using var lease = pages.LeaseMemory();
        using var allocator = new FixedAllocator(lease.Memory);
        Run(allocator, new() { Capacity = 4 << 20 });
        Assert.Equal((allocator.Capacity, (nint)0), (allocator.FreeBytes, allocator.LiveBlocks));
    }

    [Fact]
    public void PoolAllocator_keeps_the_contract_on_pages_that_others_use()
    {
        using var pages = new PagePool();
        using (var pool = new PoolAllocator(pages))
        {
            Run(pool, new() { IsThreadSafe = true });
        }

        Assert.Equal(0, pages.Counters.RentedBlocks);
    }

    [Fact]
    public void GuardedAllocator_keeps_the_contract_over_arena_pool_and_array()
    {
        using var arena = new ArenaAllocator();
        RunGuarded(arena, reuses: false);
        using var pool = new PoolAllocator();
        RunGuarded(pool, reuses: true);
        RunGuarded(default(PageAllocator), reuses: true);
        Assert.Equal((0L, (nint)0), (pool.LiveBlocks, arena.LiveBlocks));
    }

    [Fact]
    public void GuardedAllocator_keeps_the_contract_over_locked_memory()
    {
        Assert.SkipUnless(LockedAllocatorTests.CanLock(), "This process may lock no memory (RLIMIT_MEMLOCK).");
        RunGuarded(default(LockedAllocator), reuses: true, capacity: 512 << 10);
        Assert.Equal((nuint)0, LockedAllocator.LockedBytes);
    }

    /// <summary>Wrappers in wrappers, as structs and behind the interface: what one does to a block is nothing to the other.</summary>
    [Fact]
    public void Wrappers_of_wrappers_keep_the_contract()
    {
        var below = new CountingAllocator<PageAllocator>();
        using (var inner = new GuardedAllocator<CountingAllocator<PageAllocator>>(below))
        {
            var failing = new FailingAllocator<GuardedAllocator<CountingAllocator<PageAllocator>>>(inner, failAt: 0);
            var counting = new CountingAllocator<IAllocator>(failing);
            using var outer = new GuardedAllocator<CountingAllocator<IAllocator>>(counting);
            Run(outer, new() { IsThreadSafe = true, Capacity = 4 << 20 });
            Assert.Equal(0, outer.LiveBlocks);
        }

        Assert.Equal((0L, 0L), (below.Counters.LiveBlocks, below.Counters.LiveBytes));
    }

    /// <summary>A class, behind the interface: what a user may write.</summary>
    [Fact]
    public void An_allocator_behind_the_interface_keeps_the_contract() =>
        Run<IAllocator>(new CountingAllocator<NativeAllocator>(), new() { IsThreadSafe = true });

    [Theory]
    [MemberData(nameof(Defects))]
    public void A_broken_promise_is_found(string defect)
    {
        var broken = new BrokenAllocator(Enum.Parse<Defect>(defect));
        Assert.Throws<AllocatorConformanceException>(() => Run(broken, new() { IsThreadSafe = true }));
    }

    /// <summary>So what is found above is the defect, and nothing else.</summary>
    [Fact]
    public void Without_a_defect_nothing_is_found() => Run(new BrokenAllocator(Defect.None), new() { IsThreadSafe = true });

    public static TheoryData<string> Defects() => [.. Enum.GetNames<Defect>().Where(name => name != nameof(Defect.None))];

    private static void RunGuarded<TAllocator>(TAllocator allocator, bool reuses, nuint capacity = 4 << 20)
        where TAllocator : IAllocator
    {
        using var guarded = new GuardedAllocator<TAllocator>(allocator, new() { QuarantinedBytes = capacity });
        Run(guarded, new() { IsThreadSafe = true, Reuses = reuses, Capacity = capacity });
        Assert.Equal(0, guarded.LiveBlocks);
    }

    private static void Run<TAllocator>(TAllocator allocator, AllocatorAbilities abilities)
        where TAllocator : IAllocator => new AllocatorConformance<TAllocator>(allocator, abilities).Run();
}

#pragma warning disable MP1001, MP1005, MP1007 // what is freed, and boxes that an arena leaves behind, are looked at on purpose

using MemoryPages.Testing;

namespace MemoryPages.Scenarios;

/// <summary>What allocators do with freed memory in hardened mode. To be run with MEMORYPAGES_HARDENED=1; and without, where most must fail.</summary>
internal static unsafe class HardenedAllocators
{
    private static readonly Layout s_layout = new(100, 16);

    /// <summary>Guards, quarantine and moving instead of growing change nothing of what is promised.</summary>
    [Scenario]
    public static int AllocatorsKeepTheContract(string[] arguments)
    {
        var sharing = new AllocatorAbilities { IsThreadSafe = true };
        new AllocatorConformance<PageAllocator>(default, sharing).Run();
        using var pool = new PoolAllocator();
        new AllocatorConformance<PoolAllocator>(pool, sharing).Run();
        using var arena = new ArenaAllocator();
        new AllocatorConformance<ArenaAllocator>(arena, new AllocatorAbilities { Reuses = false }).Run();
        using (var guarded = new GuardedAllocator<PoolAllocator>(pool))
        {
            new AllocatorConformance<GuardedAllocator<PoolAllocator>>(guarded, sharing with { Capacity = 4 << 20 }).Run();
        }

        if (default(LockedAllocator).TryAllocate(s_layout, out AllocatedBlock locked))
        {
            default(LockedAllocator).Free(locked.Pointer, s_layout);
            new AllocatorConformance<LockedAllocator>(default, sharing with { Capacity = 2 << 20 }).Run();
        }

        return (pool.LiveBlocks, arena.LiveBlocks, LockedAllocator.LockedBytes) == (0, 0, 0) ? 0 : 1;
    }

    [Scenario]
    public static int APageBlockStandsBetweenGuardsAndIsInaccessibleWhenFreed(string[] arguments)
    {
        AllocatedBlock block = default(PageAllocator).Allocate(s_layout);
        bool isFenced = IsInaccessible(block.Address - 1) && IsInaccessible(block.Address + block.Size) && !IsInaccessible(block.Address);
        default(PageAllocator).Free(block.Pointer, s_layout);
        return isFenced && IsInaccessible(block.Address) ? 0 : 1;
    }

    [Scenario]
    public static int WhatAnArenaTakesBackIsInaccessible(string[] arguments)
    {
        using var arena = new ArenaAllocator();
        var large = new Layout(1 << 20, 16);
        nuint inScope;
        using (arena.Mark())
        {
            AllocatedBlock block = arena.Allocate(large);
            inScope = block.Address + (large.Size / 2);
            arena.Free(block.Pointer, large);
        }

        bool isGone = IsInaccessible(inScope);
        AllocatedBlock kept = arena.Allocate(large);
        *(byte*)kept.Pointer = 1;
        arena.Free(kept.Pointer, large);
        arena.Reset(nuint.MaxValue); // warm memory is not kept in this mode
        return isGone && IsInaccessible(kept.Address) && arena.CommittedBytes == 0 ? 0 : 1;
    }

    [Scenario]
    public static int ASlabOfAPoolIsInaccessibleWhenAllOfItIsFree(string[] arguments)
    {
        using var pool = new PoolAllocator();
        AllocatedBlock one = pool.Allocate(s_layout), other = pool.Allocate(s_layout);
        pool.Free(one.Pointer, s_layout);
        bool isThere = !IsInaccessible(one.Address); // its neighbour is in use
        pool.Free(other.Pointer, s_layout);
        return isThere && IsInaccessible(one.Address) && IsInaccessible(other.Address) ? 0 : 1;
    }

    [Scenario]
    public static int LockedPagesAreInaccessibleWhenAllOfThemIsFree(string[] arguments)
    {
        LockedAllocator allocator = default;
        if (!allocator.TryAllocate(s_layout, out AllocatedBlock block))
        {
            throw new MissingException("This process may lock no memory (RLIMIT_MEMLOCK).");
        }

        allocator.Free(block.Pointer, s_layout);
        AllocatedBlock next = allocator.Allocate(s_layout);
        bool isElsewhere = next.Address != block.Address;
        allocator.Free(next.Pointer, s_layout);
        return isElsewhere && IsInaccessible(block.Address) ? 0 : 1;
    }

    /// <summary>The arena's memory is gone, and with it what the box knows: the end of the process, and not a stranger's memory freed.</summary>
    [Scenario]
    public static int ABoxEndsAfterItsArena(string[] arguments)
    {
        var arena = new ArenaAllocator();
        Box<long, ArenaAllocator> box = Box.New(1L, arena);
        arena.Dispose();
        Console.WriteLine("touching");
        box.Dispose();
        Console.WriteLine("survived");
        return 0;
    }

    private static bool IsInaccessible(nuint address) => SystemMap.At(address)?.Access.StartsWith("---", StringComparison.Ordinal) == true;
}

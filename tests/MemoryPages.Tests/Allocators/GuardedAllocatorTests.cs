#pragma warning disable MP1001, MP1007 // what a disposed allocator answers, and one that reports on disposing, are tested

namespace MemoryPages.Tests.Allocators;

/// <summary>Each mistake with memory, and who finds it: the processor at once, or a report.</summary>
public sealed unsafe class GuardedAllocatorTests
{
    private static readonly Layout s_layout = new(100, 16);

    /// <summary>A block of 100 bytes at a multiple of 16 has twelve behind it that are a canary; one of 64 has none.</summary>
    [Theory]
    [InlineData(64, 16, 64, "write", "live", "Native")]
    [InlineData(64, 16, 64, "read", "live", "Native")]
    [InlineData(100, 1, 100, "read", "live", "Page")]
    [InlineData(100, 16, 112, "write", "live", "Pool")]
    [InlineData(64, 16, 64, "write", "live", "Locked")]
    [InlineData(10, 8192, 4096, "write", "live", "Native")]
    [InlineData(100, 16, -4096, "write", "live", "Native")]
    [InlineData(0, 16, 0, "read", "live", "Native")]
    [InlineData(64, 16, 0, "read", "freed", "Native")]
    [InlineData(64, 16, 63, "write", "freed", "Page")]
    [InlineData(5000, 16, 4999, "write", "freed", "Pool")]
    [InlineData(64, 16, 0, "read", "freed", "Locked")]
    public void What_is_not_the_blocks_ends_the_process(int size, int alignment, int offset, string access, string state, string allocator)
    {
        Assert.SkipWhen(allocator == "Locked" && !LockedAllocatorTests.CanLock(), "This process may lock no memory (RLIMIT_MEMLOCK).");
        ScenarioResult result = Scenario.Run("TouchGuarded", $"{size}", $"{alignment}", $"{offset}", access, state, allocator);
        Assert.True(result.DiedOfBadAccess && result.Output == "touching", result.ToString());
    }

    [Fact]
    public void What_is_the_blocks_does_not()
    {
        ScenarioResult result = Scenario.Run("TouchGuarded", "100", "16", "99", "write", "live", "Native");
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Theory]
    [InlineData(100, AllocatorMisuseKind.Overflow)]
    [InlineData(111, AllocatorMisuseKind.Overflow)]
    [InlineData(-1, AllocatorMisuseKind.Underflow)]
    [InlineData(-1000, AllocatorMisuseKind.Underflow)]
    public void What_was_written_beside_a_block_is_reported_when_it_is_freed(int offset, AllocatorMisuseKind kind)
    {
        using var guarded = new GuardedAllocator<NativeAllocator>();
        AllocatedBlock block = AllocateHere(guarded);
        ((byte*)block.Pointer)[offset] ^= 1;
        AllocatorMisuse found = Misuse(() => guarded.Free(block.Pointer, s_layout));
        Assert.Equal((kind, block.Address, s_layout), (found.Kind, found.Address, found.Layout));
        Assert.Contains(nameof(AllocateHere), found.AllocationStack);
        Assert.Equal(0, guarded.LiveBlocks);
    }

    [Fact]
    public void A_second_free_is_reported_with_the_stacks_of_allocation_and_first_free()
    {
        using var guarded = new GuardedAllocator<NativeAllocator>();
        AllocatedBlock block = AllocateHere(guarded);
        FreeHere(guarded, block);
        Action free = () => guarded.Free(block.Pointer, s_layout), grow = () => guarded.Grow(block.Pointer, s_layout, new Layout(200, 16));
        foreach (Action again in (Action[])[free, grow])
        {
            AllocatorMisuse found = Misuse(again);
            Assert.Equal(AllocatorMisuseKind.UseAfterFree, found.Kind);
            Assert.Contains(nameof(AllocateHere), found.AllocationStack);
            Assert.Contains(nameof(FreeHere), found.FreeStack);
            Assert.Contains(nameof(FreeHere), found.ToString());
        }

        Assert.Contains("offset 5 of a block of 100 bytes that was freed", guarded.Describe(block.Address + 5));
        Assert.Null(guarded.Describe(1));
    }

    [Fact]
    public void Another_layout_is_reported_and_the_block_stays()
    {
        using var guarded = new GuardedAllocator<NativeAllocator>();
        AllocatedBlock block = guarded.Allocate(s_layout);
        foreach (Layout wrong in (Layout[])[new(101, 16), new(100, 8)])
        {
            AllocatorMisuse found = Misuse(() => guarded.Free(block.Pointer, wrong));
            Assert.Equal((AllocatorMisuseKind.WrongLayout, s_layout, wrong), (found.Kind, found.Layout, found.GivenLayout));
            Assert.Equal(AllocatorMisuseKind.WrongLayout, Misuse(() => guarded.Shrink(block.Pointer, wrong, new Layout(1, 1))).Kind);
        }

        guarded.Free(block.Pointer, s_layout);
    }

    [Fact]
    public void A_block_of_another_instance_or_of_none_is_told_apart()
    {
        using GuardedAllocator<NativeAllocator> guarded = new(), other = new();
        AllocatedBlock block = AllocateHere(other);
        AllocatorMisuse found = Misuse(() => guarded.Free(block.Pointer, s_layout));
        Assert.Equal(AllocatorMisuseKind.WrongInstance, found.Kind);
        Assert.Contains(nameof(AllocateHere), found.AllocationStack);
        Assert.Equal(AllocatorMisuseKind.UnknownBlock, Misuse(() => guarded.Free((void*)(block.Address + 16), s_layout)).Kind);
        other.Free(block.Pointer, s_layout);
    }

    [Fact]
    public void What_was_not_freed_is_reported_at_the_end_and_can_still_be_freed()
    {
        var counting = new CountingAllocator<NativeAllocator>();
        var guarded = new GuardedAllocator<CountingAllocator<NativeAllocator>>(counting);
        AllocatedBlock block = AllocateHere(guarded);
        guarded.Free(guarded.Allocate(s_layout).Pointer, s_layout);
        AllocatorMisuse leak = Misuse(guarded.Dispose);
        Assert.Equal((AllocatorMisuseKind.Leak, block.Address), (leak.Kind, leak.Address));
        Assert.Contains(nameof(AllocateHere), leak.AllocationStack);
        guarded.Dispose(); // told once
        Assert.Throws<ObjectDisposedException>(() => guarded.TryAllocate(s_layout, out _));
        new Span<byte>(block.Pointer, 100).Fill(1);
        guarded.Free(block.Pointer, s_layout);
        Assert.Equal(0, counting.Counters.LiveBlocks);
    }

    [Fact]
    public void A_report_instead_of_an_exception_lets_the_program_go_on()
    {
        var found = new List<AllocatorMisuseKind>();
        var counting = new CountingAllocator<NativeAllocator>();
        var guarded = new GuardedAllocator<CountingAllocator<NativeAllocator>>(counting, new() { Report = misuse => found.Add(misuse.Kind) });
        AllocatedBlock block = guarded.Allocate(s_layout);
        guarded.Free(block.Pointer, new Layout(99, 16));
        guarded.Free(block.Pointer, s_layout);
        guarded.Free((void*)64, s_layout);
        Assert.False(guarded.TryGrow(block.Pointer, s_layout, s_layout, out _));
        block = guarded.Allocate(s_layout);
        guarded.Dispose();
        Assert.Equal(
            "WrongLayout, UseAfterFree, UnknownBlock, UseAfterFree, Leak",
            string.Join(", ", found));
        guarded.Free(block.Pointer, s_layout);
        Assert.Equal(0, counting.Counters.LiveBlocks);
    }

    /// <summary>What a correct program allocates is clean again, whatever the allocator below gets back.</summary>
    [Fact]
    public void Memory_that_leaves_the_quarantine_is_ordinary_memory_again()
    {
        using var pool = new PoolAllocator();
        using (var guarded = new GuardedAllocator<PoolAllocator>(pool, new() { QuarantinedBytes = 0 }))
        {
            for (int i = 0; i < 200; i++)
            {
                guarded.Free(guarded.Allocate(s_layout).Pointer, s_layout);
            }
        }

        var layout = new Layout(1 << 20, 16);
        AllocatedBlock block = pool.AllocateZeroed(layout);
        new Span<byte>(block.Pointer, 1 << 20).Fill(1);
        pool.Free(block.Pointer, layout);
        Assert.Equal(0, pool.LiveBlocks);
    }

    [Fact]
    public void Memory_that_nobody_wrote_is_not_zero_unless_it_was_asked_to_be()
    {
        using var guarded = new GuardedAllocator<PageAllocator>();
        AllocatedBlock block = guarded.Allocate(s_layout);
        Assert.False(new ReadOnlySpan<byte>(block.Pointer, 100).ContainsAnyExcept((byte)0xBE));
        guarded.Free(block.Pointer, s_layout);
    }

    /// <summary>
    /// Guards cost no map entries where the kernel knows guards by advice: by protection they would be twenty thousand. Other tests, which run beside this
    /// one, have some as well.
    /// </summary>
    [Fact]
    public void Ten_thousand_blocks_take_no_map_entries()
    {
        Assert.SkipUnless(MemoryPages.Unsafe.UncheckedAdvice.GuardInstall.IsSupported, "This kernel makes guards by protection.");
        using var arena = new ArenaAllocator();
        using var guarded = new GuardedAllocator<ArenaAllocator>(arena);
        int before = MemoryPages.Testing.SystemMap.Count();
        AllocatedBlock[] blocks = [.. Enumerable.Range(0, 10_000).Select(_ => guarded.Allocate(s_layout))];
        Assert.InRange(MemoryPages.Testing.SystemMap.Count() - before, -5000, 5000);
        Array.ForEach(blocks, block => guarded.Free(block.Pointer, s_layout));
        Assert.InRange(MemoryPages.Testing.SystemMap.Count() - before, -5000, 5000);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Where_the_allocator_below_refuses_nothing_is_lost(int failAt)
    {
        var counting = new CountingAllocator<NativeAllocator>();
        var failing = new FailingAllocator<CountingAllocator<NativeAllocator>>(counting, failAt);
        using (var guarded = new GuardedAllocator<FailingAllocator<CountingAllocator<NativeAllocator>>>(failing))
        {
            var larger = new Layout(10_000, 64);
            if (guarded.TryAllocate(s_layout, out AllocatedBlock block))
            {
                Layout layout = guarded.TryGrow(block.Pointer, s_layout, larger, out AllocatedBlock grown) ? larger : s_layout;
                block = layout == larger ? grown : block;
                bool shrunk = guarded.TryShrink(block.Pointer, layout, s_layout, out AllocatedBlock small);
                guarded.Free(shrunk ? small.Pointer : block.Pointer, shrunk ? s_layout : layout);
            }

            Assert.Equal((1L, 0), (failing.Refused, guarded.LiveBlocks));
        }

        Assert.Equal(0, counting.Counters.LiveBlocks);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static AllocatedBlock AllocateHere<TAllocator>(GuardedAllocator<TAllocator> guarded)
        where TAllocator : IAllocator => guarded.Allocate(s_layout);

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void FreeHere(GuardedAllocator<NativeAllocator> guarded, AllocatedBlock block) => guarded.Free(block.Pointer, s_layout);

    private static AllocatorMisuse Misuse(Action action) => Assert.Single(Assert.Throws<AllocatorMisuseException>(action).Found);
}

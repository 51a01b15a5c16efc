namespace MemoryPages.Tests.Allocators;

/// <summary>What is counted, and what is refused on purpose.</summary>
public sealed unsafe class CountingAllocatorTests
{
    private static readonly Layout s_layout = new(100, 8);

    [Fact]
    public void Blocks_and_bytes_are_counted_as_they_come_and_go()
    {
        var counting = new CountingAllocator<NativeAllocator>();
        AllocatedBlock one = counting.Allocate(s_layout), other = counting.AllocateZeroed(s_layout);
        one = counting.Grow(one.Pointer, s_layout, new Layout(300, 8));
        one = counting.Shrink(one.Pointer, new Layout(300, 8), s_layout);
        Assert.False(counting.TryGrow(one.Pointer, s_layout, new Layout((nuint)nint.MaxValue / 2, 8), out _));
        counting.Free(other.Pointer, s_layout);
        Assert.Equal(
            new AllocatorCounters { LiveBlocks = 1, LiveBytes = 100, PeakBytes = 400, Allocations = 2, Resizes = 2, Frees = 1, Refusals = 1 },
            counting.Counters);
        counting.Free(one.Pointer, s_layout);
        Assert.Equal((0L, (nint)0), (counting.Counters.LiveBlocks, counting.Counters.LiveBytes));
    }

    [Fact]
    public void The_request_that_was_named_fails_and_no_other()
    {
        var counting = new CountingAllocator<NativeAllocator>();
        var failing = new FailingAllocator<CountingAllocator<NativeAllocator>>(counting, failAt: 2);
        AllocatedBlock block = failing.Allocate(s_layout);
        Assert.Equal(0, failing.Refused);
        MemoryPagesException refused = Assert.Throws<MemoryPagesException>(() => failing.Grow(block.Pointer, s_layout, new Layout(200, 8)));
        Assert.Equal(("Grow", ErrorReason.OutOfMemory, "It refuses request 2 on purpose."), (refused.Operation, refused.Reason, refused.Hint));
        block = failing.Grow(block.Pointer, s_layout, new Layout(200, 8));
        failing.Free(block.Pointer, new Layout(200, 8));
        Assert.Equal((3L, 1L, 0L), (failing.Requests, failing.Refused, counting.Counters.LiveBlocks));
    }

    [Fact]
    public void Or_all_fail_from_it_on()
    {
        var failing = new FailingAllocator<NativeAllocator>(failAt: 2, andAllAfter: true);
        AllocatedBlock block = failing.Allocate(s_layout);
        Assert.False(failing.TryAllocate(s_layout, out _));
        Assert.False(failing.TryAllocateZeroed(s_layout, out _));
        Assert.False(failing.TryGrow(block.Pointer, s_layout, s_layout, out _));
        Assert.False(failing.TryGrowZeroed(block.Pointer, s_layout, s_layout, out _));
        Assert.False(failing.TryShrink(block.Pointer, s_layout, s_layout, out _));
        Assert.Equal((6L, 5L), (failing.Requests, failing.Refused));
        failing.Free(block.Pointer, s_layout);
    }

    [Fact]
    public void Without_an_allocator_there_is_none()
    {
        Assert.Throws<ArgumentNullException>("allocator", () => new CountingAllocator<IAllocator>());
        Assert.Throws<ArgumentNullException>("allocator", () => new FailingAllocator<IAllocator>(1));
        Assert.Throws<ArgumentOutOfRangeException>("failAt", () => new FailingAllocator<NativeAllocator>(-1));
    }
}

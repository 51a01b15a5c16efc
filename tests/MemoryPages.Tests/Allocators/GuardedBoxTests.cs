#pragma warning disable MP1001, MP1004, MP1005, MP1007 // mistakes with boxes are the point

using System.Runtime.CompilerServices;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Allocators;

/// <summary>
/// Mistakes with boxes that a guarded allocator tells, however it is wrapped: the second end of a copy, an allocator that ends before its boxes.
/// </summary>
public sealed class GuardedBoxTests
{
    /// <summary>Nothing of an earlier test on this thread.</summary>
    public GuardedBoxTests() => Events.Take();

    [Fact]
    public void The_second_end_of_a_copied_box_is_reported_with_the_stacks_of_its_making_and_its_end()
    {
        using var guarded = new GuardedAllocator<NativeAllocator>();
        Box<long, GuardedAllocator<NativeAllocator>> box = MakeHere(1L, guarded);
        Box<long, GuardedAllocator<NativeAllocator>> copy = box;
        EndHere(ref box);
        AssertTold(() => copy.Dispose());
        Assert.False(copy.HasValue);
    }

    /// <summary>And its value is not touched: that would be a fault.</summary>
    [Fact]
    public void A_copys_cleanup_does_not_run_a_second_time()
    {
        using var guarded = new GuardedAllocator<NativeAllocator>();
        Box<Named, GuardedAllocator<NativeAllocator>> box = MakeHere(new Named(1), guarded);
        Box<Named, GuardedAllocator<NativeAllocator>> copy = box;
        EndHere(ref box);
        AssertTold(() => copy.Dispose());
        Assert.Equal(["drop 1"], Events.Take());
    }

    [Fact]
    public void So_it_is_of_spans_lists_and_boxes_in_values()
    {
        using var guarded = new GuardedAllocator<NativeAllocator>();
        BoxedSpan<Named, GuardedAllocator<NativeAllocator>> span = BoxedSpan.NewZeroed<Named, GuardedAllocator<NativeAllocator>>(3, guarded);
        BoxedSpan<Named, GuardedAllocator<NativeAllocator>> spanCopy = span;
        span.Dispose();
        Assert.Equal(AllocatorMisuseKind.UseAfterFree, Misuse(() => spanCopy.Dispose()).Kind);

        BoxedList<int, GuardedAllocator<NativeAllocator>> list = BoxedList.New<int, GuardedAllocator<NativeAllocator>>(3, guarded);
        BoxedList<int, GuardedAllocator<NativeAllocator>> listCopy = list;
        list.Add(1);
        list.EnsureCapacity(100); // elsewhere: what the copy has is gone
        Assert.Equal(AllocatorMisuseKind.UseAfterFree, Misuse(() => listCopy.Dispose()).Kind);
        list.Dispose();

        Box<Named, GuardedAllocator<NativeAllocator>> inner = Box.New(new Named(1), guarded);
        Box<Box<Named, GuardedAllocator<NativeAllocator>>> outer = Box.New(inner);
        inner.Dispose();
        Assert.Equal(AllocatorMisuseKind.UseAfterFree, Misuse(() => outer.Dispose()).Kind);
    }

    /// <summary>The box knows another allocator only; what guards is below it.</summary>
    [Fact]
    public void So_it_is_through_other_allocators_around_the_guarded_one()
    {
        using var guarded = new GuardedAllocator<PageAllocator>();
        var counting = new CountingAllocator<GuardedAllocator<PageAllocator>>(guarded);
        Box<Named, CountingAllocator<GuardedAllocator<PageAllocator>>> box = MakeHere(new Named(1), counting);
        Box<Named, CountingAllocator<GuardedAllocator<PageAllocator>>> copy = box;
        EndHere(ref box);
        AssertTold(() => copy.Dispose());
        Box<int, IAllocator> plain = MakeHere<int, IAllocator>(1, guarded);
        Box<int, IAllocator> plainCopy = plain;
        EndHere(ref plain);
        AssertTold(() => plainCopy.Dispose());
        Assert.Equal(0, counting.Counters.LiveBlocks);
    }

    [Fact]
    public void A_copy_that_ends_after_the_quarantine_is_no_block_at_all()
    {
        using var guarded = new GuardedAllocator<NativeAllocator>(default, new() { QuarantinedBytes = 0 });
        Box<Named, GuardedAllocator<NativeAllocator>> box = Box.New(new Named(1), guarded);
        Box<Named, GuardedAllocator<NativeAllocator>> copy = box;
        box.Dispose();
        Assert.Equal(AllocatorMisuseKind.UnknownBlock, Misuse(() => copy.Dispose()).Kind);
        Assert.Equal(["drop 1"], Events.Take());
    }

    [Fact]
    public void Where_reports_are_wished_the_program_goes_on()
    {
        var found = new List<AllocatorMisuseKind>();
        using var guarded = new GuardedAllocator<NativeAllocator>(default, new() { Report = misuse => found.Add(misuse.Kind) });
        Box<Named, GuardedAllocator<NativeAllocator>> box = Box.New(new Named(1), guarded);
        Box<Named, GuardedAllocator<NativeAllocator>> copy = box;
        box.Dispose();
        copy.Dispose();
        Assert.Equal([AllocatorMisuseKind.UseAfterFree], found);
        Assert.Equal(["drop 1"], Events.Take());
    }

    [Fact]
    public void An_allocator_that_ends_before_its_boxes_says_so_and_they_live_on()
    {
        var counting = new CountingAllocator<NativeAllocator>();
        var guarded = new GuardedAllocator<CountingAllocator<NativeAllocator>>(counting);
        Box<Named, GuardedAllocator<CountingAllocator<NativeAllocator>>> box = MakeHere(new Named(1), guarded);
        AllocatorMisuse leak = Misuse(guarded.Dispose);
        Assert.Equal(AllocatorMisuseKind.Leak, leak.Kind);
        Assert.Contains(nameof(MakeHere), leak.AllocationStack);
        Assert.Equal(1, box.Value.Number);
        box.Dispose();
        Assert.Equal(["drop 1"], Events.Take());
        Assert.Equal(0, counting.Counters.LiveBlocks);
    }

    /// <summary>A box over a handle is its value and the handle: freed as the value alone it is told.</summary>
    [Fact]
    public unsafe void What_is_freed_with_another_layout_than_its_box_had_is_reported_and_still_there()
    {
        using var guarded = new GuardedAllocator<NativeAllocator>();
        Box<long, GuardedAllocator<NativeAllocator>> box = Box.New(5L, guarded);
        long* pointer = BoxDangerous.DangerousIntoRaw(ref box);
        AllocatorMisuse found = Misuse(() => guarded.Free(pointer, new Layout(8, 8)));
        Assert.Equal((AllocatorMisuseKind.WrongLayout, new Layout(16, 8), new Layout(8, 8)), (found.Kind, found.Layout, found.GivenLayout));
        BoxDangerous.DangerousFromRaw<long, GuardedAllocator<NativeAllocator>>(pointer).Dispose();
    }

    private static void AssertTold(Action end)
    {
        AllocatorMisuse found = Misuse(end);
        Assert.Equal(AllocatorMisuseKind.UseAfterFree, found.Kind);
        Assert.Contains(nameof(MakeHere), found.AllocationStack);
        Assert.Contains(nameof(EndHere), found.FreeStack);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Box<T, TAllocator> MakeHere<T, TAllocator>(T value, TAllocator allocator)
        where T : unmanaged
        where TAllocator : IAllocator => Box.New(value, allocator);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void EndHere<T, TAllocator>(ref Box<T, TAllocator> box)
        where T : unmanaged
        where TAllocator : IAllocator => box.Dispose();

    private static AllocatorMisuse Misuse(Action action) => Assert.Single(Assert.Throws<AllocatorMisuseException>(action).Found);
}

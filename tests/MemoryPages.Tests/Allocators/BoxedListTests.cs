#pragma warning disable MP1001, MP1002, MP1004, MP1005, MP1007 // what spent lists, and lists under a reference, do is tested
#pragma warning disable CA5394 // steps, not secrets

namespace MemoryPages.Tests.Allocators;

/// <summary>A list in any allocator's memory, beside the framework's.</summary>
public sealed class BoxedListTests
{
    /// <summary>Nothing of an earlier test on this thread.</summary>
    public BoxedListTests() => Events.Take();

    [Fact]
    public void It_holds_what_was_added_over_each_kind_of_allocator()
    {
        using var arena = new ArenaAllocator();
        using var pool = new PoolAllocator();
        using var guarded = new GuardedAllocator<NativeAllocator>();
        var counting = new CountingAllocator<NativeAllocator>();
        Check(default(NativeAllocator)); // nothing behind the elements
        Check(new Odd(7)); // the state of a struct
        Check(default(PageAllocator));
        Check(arena); // handles
        Check(pool);
        Check(guarded);
        Check<IAllocator>(counting);
        Assert.Equal((0L, 0L, (nint)0, 0), (counting.Counters.LiveBlocks, pool.LiveBlocks, arena.LiveBlocks, guarded.LiveBlocks));

        static void Check<TAllocator>(TAllocator allocator)
            where TAllocator : IAllocator
        {
            using BoxedList<int, TAllocator> ours = BoxedList.New<int, TAllocator>(0, allocator);
            var random = new Random(5);
            List<int> model = [];
            for (int i = 0; i < 3000; i++)
            {
                switch (random.Next(12))
                {
                    case 0 when model.Count != 0:
                        Assert.Equal(model[^1], ours.Pop());
                        model.RemoveAt(model.Count - 1);
                        break;
                    case 1:
                        int kept = random.Next(model.Count + 1);
                        ours.Truncate((nuint)kept);
                        model.RemoveRange(kept, model.Count - kept);
                        break;
                    case 2:
                        Assert.True(ours.TrimExcess());
                        Assert.Equal(ours.Count, ours.Capacity);
                        break;
                    case 3:
                        ours.AddRange(ours.Span[..(model.Count / 3)]); // its own, which move
                        model.AddRange(model[..(model.Count / 3)]);
                        break;
                    case 4:
                        ours.EnsureCapacity((nuint)(model.Count + 10));
                        Assert.True(ours.Capacity >= (nuint)(model.Count + 10));
                        break;
                    default:
                        ours.Add(i);
                        model.Add(i);
                        break;
                }

                Assert.Equal((nuint)model.Count, ours.Count);
            }

            Assert.Equal(model, ours.Span.ToArray());
            Assert.Equal(model.Sum(value => (long)value), Sum(ours));
        }

        static long Sum<TAllocator>(in BoxedList<int, TAllocator> list)
            where TAllocator : IAllocator
        {
            long sum = 0;
            foreach (ref int value in list)
            {
                sum += value;
            }

            return sum;
        }
    }

    [Fact]
    public void Elements_are_had_by_native_indexes_and_no_others()
    {
        using BoxedList<long, NativeAllocator> list = BoxedList.New<long>(8);
        list.Add(5);
        list[(nint)0]++;
        Assert.Equal((6L, (nuint)8), (list[(nuint)0], list.Capacity));
        Assert.Throws<ArgumentOutOfRangeException>("index", () => list[(nuint)1]);
        Assert.Throws<ArgumentOutOfRangeException>("index", () => list[(nint)(-1)]);
        Assert.Throws<ArgumentOutOfRangeException>("count", () => list.Truncate(2));
        Assert.Equal("Int64[1]", list.ToString());
    }

    [Fact]
    public void An_empty_list_pops_nothing()
    {
        using BoxedList<int, NativeAllocator> list = BoxedList.New<int, NativeAllocator>(0);
        Assert.False(list.TryPop(out int value));
        Assert.Equal(0, value);
        Assert.Throws<InvalidOperationException>(() => list.Pop());
    }

    [Fact]
    public void A_default_moved_or_disposed_list_takes_nothing_and_has_nothing()
    {
        BoxedList<int, NativeAllocator> spent = BoxedList.New<int>(4);
        spent.Add(1);
        using (BoxedList<int, NativeAllocator> moved = spent.Move())
        {
            Assert.Equal(1, moved[(nuint)0]);
        }

        spent.Dispose(); // nothing: its memory went with the other
        foreach (Action use in (Action[])[
            () => spent.Add(1), () => spent.TryAdd(1), () => spent.AddRange([1]), () => spent.EnsureCapacity(1), () => spent.IntoSpan(),
            () => _ = spent[(nuint)0]])
        {
            Assert.Throws<ObjectDisposedException>(use);
        }

        Assert.Equal(((nuint)0, (nuint)0, true), (spent.Count, spent.Capacity, spent.Span.IsEmpty));
    }

    [Fact]
    public void Elements_are_disposed_in_order_when_they_are_cut_off_and_at_the_end_and_popped_ones_are_not()
    {
        var counting = new CountingAllocator<NativeAllocator>();
        using (BoxedList<Named, CountingAllocator<NativeAllocator>> list = BoxedList.New<Named, CountingAllocator<NativeAllocator>>(1, counting))
        {
            for (int i = 0; i < 6; i++)
            {
                list.Add(new Named(i));
            }

            Assert.Equal(5, list.Pop().Number);
            list.Truncate(3);
            Assert.Equal(["drop 3", "drop 4"], Events.Take());
        }

        Assert.Equal(["drop 0", "drop 1", "drop 2"], Events.Take());
        Assert.Equal(0, counting.Counters.LiveBlocks);
    }

    [Fact]
    public void All_are_disposed_and_the_memory_is_freed_although_one_throws()
    {
        var counting = new CountingAllocator<NativeAllocator>();
        BoxedList<Named, CountingAllocator<NativeAllocator>> list = BoxedList.New<Named, CountingAllocator<NativeAllocator>>(1, counting);
        list.Add(new Named(1, throws: true));
        list.Add(new Named(2, throws: true));
        Assert.Equal("cleanup of 1", Assert.Throws<InvalidOperationException>(() => list.Dispose()).Message);
        Assert.Equal(["drop 1", "drop 2"], Events.Take());
        Assert.Equal((0L, (nuint)0), (counting.Counters.LiveBlocks, list.Count));
    }

    [Fact]
    public void It_becomes_a_boxed_span_of_its_length()
    {
        var counting = new CountingAllocator<NativeAllocator>();
        BoxedList<byte, CountingAllocator<NativeAllocator>> list = BoxedList.New<byte, CountingAllocator<NativeAllocator>>(100, counting);
        list.AddRange([1, 2, 3]);
        using (BoxedSpan<byte, CountingAllocator<NativeAllocator>> span = list.IntoSpan())
        {
            Assert.Equal([1, 2, 3], span.Span.ToArray());
            Assert.Equal(((nint)16, (nuint)0), (counting.Counters.LiveBytes, list.Capacity)); // three, and the handle
        }

        Assert.Equal(0, counting.Counters.LiveBlocks);
    }

    [Fact]
    public void What_owns_something_is_not_copied_in()
    {
        using BoxedList<Named, NativeAllocator> list = BoxedList.New<Named>(4);
        Assert.Throws<NotSupportedException>(() => list.AddRange([new Named(1)]));
        Assert.Empty(Events.Take());
    }

    /// <summary>Boxes among the elements, boxed themselves: all is freed through its own allocator.</summary>
    [Fact]
    public void Lists_and_boxes_hold_one_another()
    {
        var counting = new CountingAllocator<NativeAllocator>();
        using (Box<BoxedList<Box<Named>, CountingAllocator<NativeAllocator>>> outer =
            Box.New(BoxedList.New<Box<Named>, CountingAllocator<NativeAllocator>>(0, counting)))
        {
            for (int i = 0; i < 10; i++)
            {
                outer.Value.Add(Box.New(new Named(i)));
            }
        }

        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"drop {i}"), Events.Take());
        Assert.Equal(0, counting.Counters.LiveBlocks);
    }

    /// <summary>In place, where the allocator can: the arena's last block.</summary>
    [Fact]
    public unsafe void In_an_arena_the_last_list_grows_where_it_stands()
    {
        using var arena = new ArenaAllocator();
        using BoxedList<int, ArenaAllocator> list = BoxedList.New<int, ArenaAllocator>(1, arena);
        list.Add(0);
        ref int first = ref list[(nuint)0];
        for (int i = 1; i < 10_000; i++)
        {
            list.Add(i);
        }

        first = 42;
        Assert.Equal(42, list[(nuint)0]);
    }

    [Fact]
    public void Sizes_that_no_system_has_are_refused_and_change_nothing()
    {
        using BoxedList<long, NativeAllocator> list = BoxedList.New<long>(1);
        list.Add(7);
        Assert.Throws<ArgumentOutOfRangeException>(() => list.EnsureCapacity(nuint.MaxValue / 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => BoxedList.New<long>(nuint.MaxValue).Dispose());
        Assert.False(list.TryEnsureCapacity((nuint)1 << 59));
        Assert.Equal("EnsureCapacity", Assert.Throws<MemoryPagesException>(() => list.EnsureCapacity((nuint)1 << 59)).Operation);
        Assert.Equal((7L, (nuint)1), (list[(nuint)0], list.Capacity));
    }

    /// <summary>With a state of three bytes.</summary>
    private readonly unsafe struct Odd(byte state) : IAllocator
    {
        private readonly byte _first = state, _second = state, _third = state;

        public bool TryAllocate(Layout layout, out AllocatedBlock block) => Heap.TryAllocate(layout, out block);

        public bool TryAllocateZeroed(Layout layout, out AllocatedBlock block) => Heap.TryAllocateZeroed(layout, out block);

        public bool TryGrow(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) =>
            Heap.TryGrow(pointer, layout, newLayout, out block);

        public bool TryGrowZeroed(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) =>
            Heap.TryGrowZeroed(pointer, layout, newLayout, out block);

        public bool TryShrink(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) =>
            Heap.TryShrink(pointer, layout, newLayout, out block);

        public void Free(void* pointer, Layout layout) => Heap.Free(pointer, layout);

        /// <summary>The heap, if the state came along.</summary>
        private NativeAllocator Heap => (_first, _second, _third) == (7, 7, 7) ? default : throw new InvalidOperationException("state lost");
    }
}

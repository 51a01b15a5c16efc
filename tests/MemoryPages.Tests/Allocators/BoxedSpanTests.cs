#pragma warning disable MP1004, MP1007 // assertions run their lambdas at once; what is refused, or empty, needs no end

namespace MemoryPages.Tests.Allocators;

/// <summary>Neighbouring values with an owner.</summary>
public sealed unsafe class BoxedSpanTests
{
    /// <summary>Nothing of an earlier test on this thread.</summary>
    public BoxedSpanTests() => Events.Take();

    [Fact]
    public void Elements_are_indexed_by_native_size()
    {
        using BoxedSpan<int> span = BoxedSpan.NewZeroed<int>(10);
        span[(nint)3] = 4;
        span[(nuint)9] = 7;
        Assert.Equal([0, 0, 0, 4, 0, 0, 0, 0, 0, 7], span.Span.ToArray());
        Assert.Equal([4, 0], span.Slice(3, 2).ToArray());
        Assert.Equal((nuint)10, span.Length);
        Assert.Equal("Int32[10]", span.ToString());
        foreach (ref int element in span)
        {
            element++;
        }

        Assert.Equal(21, span.Span.ToArray().Sum());
    }

    [Fact]
    public void What_is_not_there_is_refused()
    {
        using BoxedSpan<int, ByteAllocator> span = BoxedSpan.NewZeroed<int, ByteAllocator>(4, new ByteAllocator(1));
        Assert.Throws<ArgumentOutOfRangeException>("index", () => span[(nuint)4]);
        Assert.Throws<ArgumentOutOfRangeException>("index", () => span[(nint)(-1)]);
        Assert.Throws<ArgumentOutOfRangeException>("start", () => span.Slice(5, 0).Length);
        Assert.Throws<ArgumentOutOfRangeException>("start", () => span.Slice(3, 2).Length);
        Assert.Throws<ArgumentOutOfRangeException>("start", () => span.Slice(nuint.MaxValue, 2).Length);
        Assert.Throws<ArgumentOutOfRangeException>("start", () => span.Slice(0, -1).Length);
        Assert.Equal(0, span.Slice(4, 0).Length);
        Assert.Throws<ObjectDisposedException>(() => default(BoxedSpan<int>)[(nuint)0]);
        Assert.Throws<ArgumentOutOfRangeException>("count", () => BoxedSpan.NewZeroed<long>(nuint.MaxValue / 4).Dispose());
        Assert.Throws<ArgumentOutOfRangeException>("count", () => BoxedSpan.TryNewZeroed<long>(nuint.MaxValue / 8, out _));
    }

    [Fact]
    public void No_elements_are_elements_too()
    {
        using (BoxedSpan<long, EventAllocator> none = BoxedSpan.NewZeroed<long, EventAllocator>(0))
        {
            Assert.True(none.Span.IsEmpty);
            foreach (ref long element in none)
            {
                Assert.Fail("There are none.");
            }
        }

        Assert.Equal(["allocate zeroed 0", "free 0"], Events.Take());
        default(BoxedSpan<long>).Dispose();
        Assert.Equal((0, (nuint)0), (default(BoxedSpan<long>).Span.Length, default(BoxedSpan<long>).Length));
    }

    [Fact]
    public void Elements_come_from_a_span_or_are_undefined()
    {
        ReadOnlySpan<int> source = [1, 2, 3];
        using BoxedSpan<int> native = BoxedSpan.New(source);
        using BoxedSpan<int, ByteAllocator> given = BoxedSpan.New(source, new ByteAllocator(1));
        using BoxedSpan<int> undefined = BoxedSpan.NewUninitialized<int>(3);
        using BoxedSpan<int, EventAllocator> named = BoxedSpan.NewUninitialized<int, EventAllocator>(3);
        native.Span.CopyTo(undefined.Span);
        native.Span.CopyTo(named.Span);
        Assert.Equal([1, 2, 3], given.Span.ToArray());
        Assert.Equal([1, 2, 3], undefined.Span.ToArray());
        Assert.Equal([1, 2, 3], named.Span.ToArray());
    }

    [Fact]
    public void Fallible_forms_say_no_or_make_the_same()
    {
        var none = new FailingAllocator<NativeAllocator>(failAt: 1, andAllAfter: true);
        ReadOnlySpan<int> source = [1, 2, 3];
        Assert.False(BoxedSpan.TryNew(source, none, out BoxedSpan<int, FailingAllocator<NativeAllocator>> copied));
        Assert.False(BoxedSpan.TryNewZeroed(9, none, out BoxedSpan<int, FailingAllocator<NativeAllocator>> zeroed));
        Assert.False(BoxedSpan.TryNewUninitialized(9, none, out BoxedSpan<int, FailingAllocator<NativeAllocator>> undefined));
        Assert.Equal(((nuint)0, (nuint)0, (nuint)0), (copied.Length, zeroed.Length, undefined.Length));
        copied.Dispose();
        zeroed.Dispose();
        undefined.Dispose();
        MemoryPagesException refused = Assert.Throws<MemoryPagesException>(() => BoxedSpan.NewZeroed<int, FailingAllocator<NativeAllocator>>(9, none).Dispose());
        Assert.Equal("BoxedSpan.NewZeroed", refused.Operation);

        Assert.True(BoxedSpan.TryNew(source, out BoxedSpan<int> one));
        Assert.True(BoxedSpan.TryNewZeroed(3, out BoxedSpan<int> two));
        Assert.True(BoxedSpan.TryNewUninitialized(3, out BoxedSpan<int> three));
        Assert.True(BoxedSpan.TryNewZeroed(3, out BoxedSpan<int, NativeAllocator> four));
        Assert.True(BoxedSpan.TryNewUninitialized(3, out BoxedSpan<int, NativeAllocator> five));
        using (one)
        using (two)
        using (three)
        using (four)
        using (five)
        {
            Assert.Equal([1, 2, 3], one.Span.ToArray());
            Assert.Equal([0, 0, 0], two.Span.ToArray());
            Assert.Equal((3, 3, 3), (three.Span.Length, four.Span.Length, five.Span.Length));
        }
    }

    [Fact]
    public void Elements_are_dropped_in_order_and_once()
    {
        using (BoxedSpan<Named, EventAllocator> span = BoxedSpan.NewZeroed<Named, EventAllocator>(3))
        {
            for (nuint i = 0; i < 3; i++)
            {
                span[i] = new Named((int)i);
            }

            Events.Take();
        }

        Assert.Equal(["drop 0", "drop 1", "drop 2", "free 24"], Events.Take());
    }

    [Fact]
    public void Boxes_in_it_are_dropped_and_empty_ones_are_nothing()
    {
        var counting = new CountingAllocator<NativeAllocator>();
        using (BoxedSpan<Box<Named, CountingAllocator<NativeAllocator>>, CountingAllocator<NativeAllocator>> span =
            BoxedSpan.NewZeroed<Box<Named, CountingAllocator<NativeAllocator>>, CountingAllocator<NativeAllocator>>(4, counting))
        {
            span[(nuint)1] = Box.New(new Named(1), counting);
            span[(nuint)3] = Box.New(new Named(3), counting);
            Assert.Equal(3, counting.Counters.LiveBlocks);
        }

        Assert.Equal(["drop 1", "drop 3"], Events.Take());
        Assert.Equal(0, counting.Counters.LiveBlocks);
    }

    [Fact]
    public void Later_elements_are_dropped_although_one_throws()
    {
        BoxedSpan<Named, EventAllocator> span = BoxedSpan.NewZeroed<Named, EventAllocator>(4);
        for (nuint i = 0; i < 4; i++)
        {
            span[i] = new Named((int)i, throws: i % 2 == 1);
        }

        Events.Take();
        Assert.Equal("cleanup of 1", Assert.Throws<InvalidOperationException>(() => span.Dispose()).Message);
        span.Dispose();
        Assert.Equal(["drop 0", "drop 1", "drop 2", "drop 3", "free 32"], Events.Take());
    }

    [Fact]
    public void What_has_a_cleanup_is_neither_copied_nor_left_undefined()
    {
        using BoxedSpan<Named> span = BoxedSpan.NewZeroed<Named>(1);
        Assert.Throws<NotSupportedException>(() => span.Clone().Dispose());
        Assert.Throws<NotSupportedException>(() => BoxedSpan.New<Named>([new Named(1)]).Dispose());
        Assert.Throws<NotSupportedException>(() => BoxedSpan.TryNew<Named>([new Named(1)], out _));
        Assert.Throws<NotSupportedException>(() => BoxedSpan.NewUninitialized<Named>(1).Dispose());
        Assert.Throws<NotSupportedException>(() => BoxedSpan.TryNewUninitialized<Named>(1, out _));
        span.Dispose();
        Events.Take();
    }

    [Fact]
    public void Clones_and_moves_are_what_they_are_of_boxes()
    {
        BoxedSpan<int, ByteAllocator> span = BoxedSpan.New<int, ByteAllocator>([1, 2], new ByteAllocator(7));
        using (BoxedSpan<int, ByteAllocator> moved = span.Move())
        using (BoxedSpan<int, ByteAllocator> clone = moved.Clone())
        {
            Assert.True(moved.TryClone(out BoxedSpan<int, ByteAllocator> tried));
            using (tried)
            {
                Assert.Equal(((nuint)0, 2, 2), (span.Length, clone[(nuint)1], tried[(nuint)1]));
            }
        }

        Assert.All(Events.Take(), what => Assert.EndsWith(" 7", what));
        Assert.Throws<ObjectDisposedException>(() => default(BoxedSpan<int>).Clone().Dispose());
        BoxedSpan<int> unnamed = BoxedSpan.NewZeroed<int>(1);
        BoxedSpan<int, NativeAllocator> named = unnamed.Move();
        using BoxedSpan<int> again = named.Move();
        using BoxedSpan<int> other = again.Clone();
        Assert.True(again.TryClone(out BoxedSpan<int> last));
        last.Dispose();
        Assert.Equal((nuint)1, other.Length);
    }

    /// <summary>Behind an odd number of bytes: the state starts at a multiple of a pointer's size.</summary>
    [Fact]
    public void The_state_of_a_struct_stands_behind_the_elements()
    {
        using (BoxedSpan<byte, ByteAllocator> span = BoxedSpan.NewUninitialized<byte, ByteAllocator>(13, new ByteAllocator(9)))
        {
            span.Span.Fill(0xEE);
        }

        Assert.Equal(["allocate 17 from 9", "free 17 to 9"], Events.Take());
    }

    [Fact]
    public void More_than_a_span_can_hold_is_taken_in_parts()
    {
        const long Length = (1L << 31) + 5;
        using BoxedSpan<byte> span = BoxedSpan.NewZeroed<byte>((nuint)Length); // never touched but for its end: no memory behind it
        Assert.Throws<InvalidOperationException>(() => span.Span.Length);
        span[(nuint)Length - 1] = 9;
        Assert.Equal(9, span.Slice((nuint)Length - 5, 5)[4]);
    }
}

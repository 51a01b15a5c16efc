#pragma warning disable MP1004, MP1007 // assertions run their lambdas at once; what is refused, or empty, needs no end

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MemoryPages.Tests.Allocators;

/// <summary>One value in an allocator's memory, and what can be done with it.</summary>
public sealed unsafe class BoxTests
{
    /// <summary>Nothing of an earlier test on this thread.</summary>
    public BoxTests() => Events.Take();

    [Fact]
    public void A_box_is_a_pointer_whatever_the_allocator()
    {
        Assert.Equal(IntPtr.Size, sizeof(Box<int>));
        Assert.Equal(IntPtr.Size, sizeof(Box<Guid, NativeAllocator>));
        Assert.Equal(IntPtr.Size, sizeof(Box<byte, ByteAllocator>));
        Assert.Equal(IntPtr.Size, sizeof(Box<byte, WishfulAllocator>));
        Assert.Equal(IntPtr.Size, sizeof(Box<byte, ReferringAllocator>));
        Assert.Equal(IntPtr.Size, sizeof(Box<byte, CountingAllocator<NativeAllocator>>));
        Assert.Equal(IntPtr.Size, sizeof(Box<Box<byte, IAllocator>, IAllocator>));
        Assert.Equal(IntPtr.Size, sizeof(UninitializedBox<byte, IAllocator>));
        Assert.Equal(2 * IntPtr.Size, sizeof(BoxedSpan<byte, IAllocator>));
    }

    [Fact]
    public void A_value_is_read_and_written_where_it_stands()
    {
        using Box<(long, Guid)> box = Box.New((5L, Guid.Empty));
        ref (long Number, Guid Id) value = ref box.Value;
        value.Number++;
        Assert.Equal(6, box.Value.Item1);
        Assert.Equal(Guid.Empty, box.Value.Item2);
        Assert.True(box.HasValue);
    }

    [Fact]
    public void Zeroed_is_the_default_value()
    {
        using Box<Guid> native = Box.NewZeroed<Guid>();
        using Box<Guid, EventAllocator> named = Box.NewZeroed<Guid, EventAllocator>();
        using Box<Guid, EventAllocator> given = Box.NewZeroed<Guid, EventAllocator>(default);
        Assert.Equal((Guid.Empty, Guid.Empty, Guid.Empty), (native.Value, named.Value, given.Value));
        Assert.Equal(["allocate zeroed 16", "allocate zeroed 16"], Events.Take());
    }

    [Fact]
    public void Memory_may_come_before_its_value()
    {
        using UninitializedBox<Named, EventAllocator> memory = Box.NewUninitialized<Named, EventAllocator>();
        Assert.True(memory.HasMemory);
        using (Box<Named, EventAllocator> box = memory.Set(new Named(7)))
        {
            Assert.Equal(7, box.Value.Number);
            Assert.False(memory.HasMemory);
        }

        Assert.Equal(["allocate 8", "drop 7", "free 8"], Events.Take());
    }

    [Fact]
    public void Memory_without_a_value_is_freed_and_nothing_is_disposed()
    {
        Box.NewUninitialized<Named, EventAllocator>(default).Dispose();
        Assert.Equal(["allocate 8", "free 8"], Events.Take());
        using UninitializedBox<Named, NativeAllocator> native = Box.NewUninitialized<Named>();
        Assert.True(native.HasMemory);
    }

    [Fact]
    public void Fallible_forms_throw_nothing_and_say_no()
    {
        var none = new FailingAllocator<NativeAllocator>(failAt: 1, andAllAfter: true);
        Assert.False(Box.TryNew(5, none, out Box<int, FailingAllocator<NativeAllocator>> value));
        Assert.False(Box.TryNewZeroed(none, out Box<int, FailingAllocator<NativeAllocator>> zeroed));
        Assert.False(Box.TryNewUninitialized(none, out UninitializedBox<int, FailingAllocator<NativeAllocator>> memory));
        Assert.Equal((false, false, false), (value.HasValue, zeroed.HasValue, memory.HasMemory));
        value.Dispose();
        zeroed.Dispose();
        memory.Dispose();
    }

    [Fact]
    public void Fallible_forms_make_what_the_throwing_ones_do()
    {
        Assert.True(Box.TryNew(5, out Box<int> native));
        Assert.True(Box.TryNew(5, new ByteAllocator(1), out Box<int, ByteAllocator> given));
        Assert.True(Box.TryNew(5, out Box<int, NativeAllocator> named));
        Assert.True(Box.TryNew(out Box<int> nothing));
        Assert.True(Box.TryNew<Guid, NativeAllocator>(out var zeroed));
        Assert.True(Box.TryNewZeroed(out Box<long> zeros));
        Assert.True(Box.TryNewUninitialized(out UninitializedBox<int, NativeAllocator> memory));
        using (native)
        using (given)
        using (named)
        using (nothing)
        using (zeroed)
        using (zeros)
        using (memory)
        {
            Assert.Equal((5, 5, 5, 0, Guid.Empty, 0L), (native.Value, given.Value, named.Value, nothing.Value, zeroed.Value, zeros.Value));
        }
    }

    [Fact]
    public void A_refusal_says_what_was_asked()
    {
        var none = new FailingAllocator<NativeAllocator>(failAt: 1);
        MemoryPagesException refused = Assert.Throws<MemoryPagesException>(() => Box.New(Guid.Empty, none).Dispose());
        Assert.Equal(("Box.New", ErrorReason.OutOfMemory), (refused.Operation, refused.Reason));
    }

    [Fact]
    public void There_must_be_an_allocator()
    {
        Assert.Throws<ArgumentNullException>("allocator", () => Box.New(1, (IAllocator)null!).Dispose());
        Assert.Throws<ArgumentNullException>("allocator", () => Box.TryNew(1, (CountingAllocator<NativeAllocator>)null!, out _));
    }

    [Fact]
    public void Moving_leaves_an_empty_box()
    {
        using Box<Named, EventAllocator> first = Box.New<Named, EventAllocator>(new Named(1));
        Box<Named, EventAllocator> second = first.Move();
        Assert.Equal((false, true), (first.HasValue, second.HasValue));
        second.Dispose();
        Assert.False(second.HasValue);
        Assert.Equal(["allocate 8", "drop 1", "free 8"], Events.Take());
    }

    [Fact]
    public void Taking_frees_and_disposes_nothing()
    {
        Box<Named, EventAllocator> box = Box.New<Named, EventAllocator>(new Named(1));
        Named value = box.Take();
        Assert.Equal((1, false), (value.Number, box.HasValue));
        Assert.Equal(["allocate 8", "free 8"], Events.Take());
    }

    [Fact]
    public void Replacing_gives_the_old_value_back_undisposed()
    {
        using (Box<Named, EventAllocator> box = Box.New<Named, EventAllocator>(new Named(1)))
        {
            Assert.Equal(1, box.Replace(new Named(2)).Number);
        }

        Assert.Equal(["allocate 8", "drop 2", "free 8"], Events.Take());
    }

    [Fact]
    public void A_clone_is_another_value_of_the_same_allocator()
    {
        using (Box<long, ByteAllocator> box = Box.New(5L, new ByteAllocator(3)))
        using (Box<long, ByteAllocator> clone = box.Clone())
        {
            clone.Value++;
            Assert.True(box.TryClone(out Box<long, ByteAllocator> other));
            using (other)
            {
                Assert.Equal((5, 6, 5), (box.Value, clone.Value, other.Value));
            }
        }

        Assert.All(Events.Take(), what => Assert.EndsWith(" 3", what));
        using Box<int> native = Box.New(1);
        using Box<int> cloned = native.Clone();
        Assert.True(native.TryClone(out Box<int> tried));
        tried.Dispose();
        Assert.True(native == cloned);
    }

    [Fact]
    public void What_owns_something_is_not_cloned()
    {
        using Box<Named> box = Box.New(new Named(1));
        Assert.Contains("Named has a Dispose", Assert.Throws<NotSupportedException>(() => box.Clone().Dispose()).Message);
        Assert.Throws<NotSupportedException>(() => box.TryClone(out _));
        box.Dispose();
        Events.Take();
    }

    [Fact]
    public void Boxes_compare_by_their_values()
    {
        using Box<int> two = Box.New(2), another = Box.New(2), three = Box.New(3);
        Box<int> empty = default;
        Assert.True(two == another && two != three && empty != two && empty == default);
        Assert.True(two.CompareTo(three) < 0 && three.CompareTo(two) > 0 && two.CompareTo(another) == 0);
        Assert.True(empty.CompareTo(two) < 0 && two.CompareTo(empty) > 0 && empty.CompareTo(default) == 0);
        Assert.Equal(two.GetHashCode(), another.GetHashCode());
        Assert.Equal(0, empty.GetHashCode());
        Assert.False(two.Equals((object)2));
        Assert.Equal(("2", "(empty)"), (two.ToString(), empty.ToString()));
    }

    [Fact]
    public void An_empty_box_says_so()
    {
        Box<int> empty = default;
        empty.Dispose();
        Assert.False(empty.HasValue);
        Assert.Throws<NullReferenceException>(() => default(Box<int>).Value);
        Assert.Contains("empty", Assert.Throws<ObjectDisposedException>(() => default(Box<int>).Take()).Message);
        Assert.Throws<ObjectDisposedException>(() => default(Box<int>).Replace(1));
        Assert.Throws<ObjectDisposedException>(() => default(Box<int>).Clone().Dispose());
        Assert.Throws<ObjectDisposedException>(() => default(UninitializedBox<int, NativeAllocator>).Set(1).Dispose());
        Assert.False(default(Box<int>).Move().HasValue);
    }

    /// <summary>Its last bytes would be on a page that is not kept inaccessible for null references.</summary>
    [Fact]
    public void An_empty_box_of_a_large_value_says_so_too()
    {
        Assert.Throws<NullReferenceException>(() => Last(default));
        using Box<Mebibyte> full = Box.NewZeroed<Mebibyte>();
        full.Value[(1 << 20) - 1] = 9;
        Assert.Equal(9, Last(full));

        static byte Last(in Box<Mebibyte> box) => box.Value[(1 << 20) - 1];
    }

    [Fact]
    public void A_value_is_aligned_as_its_type_says()
    {
        for (int i = 0; i < 20; i++)
        {
            using Box<Aligned, ByteAllocator> box = Box.New(new Aligned { Number = i }, new ByteAllocator(2));
            using Box<Aligned> native = Box.NewZeroed<Aligned>();
            Assert.Equal(0u, (nuint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref box.Value) % 8192);
            Assert.Equal(0u, (nuint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref native.Value) % 8192);
        }

        Assert.Equal(new Layout(8, 8192), Layout.Of<Aligned>());
        Assert.Equal(new Layout(24, 8192), Layout.Of<Aligned>(3));
        Events.Take();
    }

    [Fact]
    public void An_alignment_that_is_none_is_told_each_time()
    {
        Assert.Throws<ArgumentException>("alignment", () => Box.New(default(Misaligned)).Dispose());
        Assert.Throws<ArgumentException>("alignment", () => Box.New(default(Misaligned)).Dispose());
    }

    [Fact]
    public void A_box_of_the_native_heap_may_name_it_or_not()
    {
        Box<Named, NativeAllocator> named = Box.New(new Named(4));
        Box<Named> unnamed = named.Move();
        Box<Named, NativeAllocator> again = unnamed.Move();
        Assert.Equal((false, false, 4), (named.HasValue, unnamed.HasValue, again.Value.Number));
        again.Dispose();
        Assert.Equal(["drop 4"], Events.Take());
    }

    [Fact]
    public void Making_and_dropping_allocates_nothing_managed()
    {
        Round();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Round();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        static void Round()
        {
            for (int i = 0; i < 100; i++)
            {
                using Box<Quiet> outer = Box.New(new Quiet { Inner = Box.New(i) });
                using Box<long, WishfulStruct> stateful = Box.New(5L, new WishfulStruct(1));
                using BoxedSpan<Quiet> span = BoxedSpan.NewZeroed<Quiet>(3);
            }
        }
    }

    [InlineArray(1 << 20)]
    private struct Mebibyte
    {
        private byte _first;
    }

    [Alignment(8192)]
    private struct Aligned
    {
        public long Number;
    }

    [Alignment(24)]
    private struct Misaligned;

    private struct Quiet : IDisposable
    {
        public Box<int> Inner;

        public void Dispose() => Inner.Dispose();
    }

    private readonly struct WishfulStruct(long state) : IAllocator
    {
        private readonly long _state = state;

        public bool TryAllocate(Layout layout, out AllocatedBlock block) => default(NativeAllocator).TryAllocate(layout, out block);

        public bool TryAllocateZeroed(Layout layout, out AllocatedBlock block) => default(NativeAllocator).TryAllocateZeroed(layout, out block);

        public bool TryGrow(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) => throw new NotSupportedException();

        public bool TryGrowZeroed(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) => throw new NotSupportedException();

        public bool TryShrink(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) => throw new NotSupportedException();

        public void Free(void* pointer, Layout layout)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(_state, 1);
            default(NativeAllocator).Free(pointer, layout);
        }
    }
}

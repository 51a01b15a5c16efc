#pragma warning disable MP1004, MP1007 // assertions run their lambdas at once; what is refused, or empty, needs no end

namespace MemoryPages.Tests.Allocators;

/// <summary>The end of boxes: the value's cleanup, then the memory, once, in order, whatever goes wrong.</summary>
public sealed class BoxDropTests
{
    /// <summary>Nothing of an earlier test on this thread.</summary>
    public BoxDropTests() => Events.Take();

    /// <summary>Of the article's two allocations only one was freed.</summary>
    [Fact]
    public void Of_two_boxes_one_in_the_other_both_are_freed_in_order()
    {
        using (Box<Link, EventAllocator> bar = Box.New<Link, EventAllocator>(new Link { Number = 2 }))
        using (Box<Link, EventAllocator> foo = Box.New<Link, EventAllocator>(new Link { Number = 1, Next = bar.Move() }))
        {
            Assert.Equal(2, foo.Value.Next.Value.Number);
            Assert.Equal(["allocate 16", "allocate 16"], Events.Take());
        }

        Assert.Equal(["link 1", "link 2", "free 16", "free 16"], Events.Take());
    }

    [Fact]
    public void Dropping_a_tree_drops_both_sides_once()
    {
        Named leaf = new(1), leaf2 = new(2);
        using (Box<Tree> tree = Box.New(new Tree { Left = Box.New(leaf), Right = Box.New(leaf2), Number = 3 }))
        {
            Assert.Equal(3, tree.Value.Left.Value.Number + tree.Value.Right.Value.Number);
        }

        Assert.Equal(["tree 3", "drop 1", "drop 2"], Events.Take());
    }

    [Fact]
    public void A_box_may_be_what_is_boxed()
    {
        using (Box<Box<Named>, ByteAllocator> outer = Box.New(Box.New(new Named(1)), new ByteAllocator(4)))
        {
            Assert.Equal(1, outer.Value.Value.Number);
        }

        Assert.Equal(["allocate 9 from 4", "drop 1", "free 9 to 4"], Events.Take());
        var counting = new CountingAllocator<NativeAllocator>();
        using (Box<Box<Named, CountingAllocator<NativeAllocator>>, CountingAllocator<NativeAllocator>> outer =
            Box.New(Box.New(new Named(1), counting), counting))
        {
            Assert.Equal(2, counting.Counters.LiveBlocks);
        }

        Assert.Equal(["drop 1"], Events.Take());
        Assert.Equal((0L, 2L), (counting.Counters.LiveBlocks, counting.Counters.Frees));
    }

    [Fact]
    public void A_chain_of_itself_is_dropped_from_its_head()
    {
        Box<Link, EventAllocator> head = default;
        for (int i = 3; i > 0; i--)
        {
            head = Box.New<Link, EventAllocator>(new Link { Number = i, Next = head.Move() });
        }

        Events.Take();
        head.Dispose();
        Assert.Equal(["link 1", "link 2", "link 3", "free 16", "free 16", "free 16"], Events.Take());
    }

    [Fact]
    public void Disposing_again_does_nothing()
    {
        Box<Named, EventAllocator> box = Box.New<Named, EventAllocator>(new Named(1));
        box.Dispose();
        box.Dispose();
        Assert.Equal(["allocate 8", "drop 1", "free 8"], Events.Take());
    }

    [Fact]
    public void Memory_is_freed_although_the_cleanup_throws()
    {
        Box<Named, EventAllocator> box = Box.New<Named, EventAllocator>(new Named(1, throws: true));
        Assert.Equal("cleanup of 1", Assert.Throws<InvalidOperationException>(() => box.Dispose()).Message);
        Assert.False(box.HasValue);
        Assert.Equal(["allocate 8", "drop 1", "free 8"], Events.Take());
    }

    [Fact]
    public void The_second_side_is_dropped_although_the_first_throws_and_the_first_exception_surfaces()
    {
        Box<Tree> tree = Box.New(new Tree { Left = Box.New(new Named(1, throws: true)), Right = Box.New(new Named(2, throws: true)) });
        Assert.Equal("cleanup of 1", Assert.Throws<InvalidOperationException>(() => tree.Dispose()).Message);
        Assert.Equal(["tree 0", "drop 1", "drop 2"], Events.Take());
    }

    [Theory]
    [InlineData(0, "1 2 3 4")]
    [InlineData(1, "1 2 3 4")]
    [InlineData(3, "1 2 3 4")]
    public void Any_number_is_disposed_in_order(int throwing, string dropped)
    {
        Named first = new(1, throwing == 1), second = new(2, throwing == 1), third = new(3, throwing == 3), fourth = new(4);
        Check(() => Box.DisposeAll(ref first, ref second, ref third, ref fourth), dropped);
        Check(() => Box.DisposeAll(ref first, ref second, ref third), dropped[..^2]);
        Check(() => Box.DisposeAll(ref first, ref second), dropped[..^4]);

        void Check(Action dispose, string order)
        {
            Exception? thrown = Record.Exception(dispose);
            bool isThere = throwing != 0 && order.Contains($"{throwing}");
            Assert.Equal(isThere ? $"cleanup of {throwing}" : null, thrown?.Message);
            Assert.Equal(order, string.Join(' ', Events.Take().Select(what => what["drop ".Length..])));
        }
    }

    [Fact]
    public void A_cleanup_may_drop_another_box()
    {
        Dropper.Other = Box.New<Named, EventAllocator>(new Named(9));
        using (Box<Dropper, EventAllocator> box = Box.New<Dropper, EventAllocator>(default))
        {
            Events.Take();
        }

        Assert.Equal(["drop 9", "free 8", "free 1"], Events.Take());
    }

    [Fact]
    public void A_cleanup_may_come_back_to_its_own_box()
    {
        Returner.Own = Box.New<Returner, EventAllocator>(default);
        Returner.Own.Dispose();
        Assert.Equal(["allocate 1", "cleanup", "free 1"], Events.Take());
    }

    /// <summary>In place: a cleanup that notes where it runs is told the value's address, and what it writes goes there.</summary>
    [Fact]
    public unsafe void A_cleanup_runs_where_the_value_stands()
    {
        Box<Placed> box = Box.NewZeroed<Placed>();
        var expected = (nuint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref box.Value);
        box.Dispose();
        Assert.Equal(expected, Placed.DisposedAt);
    }

    [Fact]
    public void An_explicit_Dispose_and_one_of_a_generic_value_are_found()
    {
        Box.New(new Generic<Guid>(5)).Dispose();
        Assert.Equal(["generic 5"], Events.Take());
    }

    /// <summary>Where methods cannot be found at run time, a copy is disposed.</summary>
    [Fact]
    public void A_copy_is_disposed_as_well()
    {
        MemoryPages.Allocators.Cleanup<Named>.RunOnCopy(new Named(3));
        Assert.Equal(["drop 3"], Events.Take());
    }

    [Fact]
    public void A_value_that_finds_no_memory_is_dropped()
    {
        var none = new FailingAllocator<NativeAllocator>(failAt: 1);
        Assert.Throws<MemoryPagesException>(() => Box.New(new Named(1, throws: true), none).Dispose());
        Assert.Equal(["drop 1"], Events.Take());
        Assert.Throws<ArgumentNullException>("allocator", () => Box.New(new Named(2), (IAllocator)null!).Dispose());
        Assert.Equal(["drop 2"], Events.Take());
    }

    [Fact]
    public void A_value_that_the_fallible_form_refuses_is_still_the_callers()
    {
        var none = new FailingAllocator<NativeAllocator>(failAt: 1);
        Assert.False(Box.TryNew(new Named(1), none, out Box<Named, FailingAllocator<NativeAllocator>> box));
        box.Dispose();
        Assert.Empty(Events.Take());
    }

    private struct Dropper : IDisposable
    {
        public static Box<Named, EventAllocator> Other;

        public readonly void Dispose() => Other.Dispose();
    }

    private struct Returner : IDisposable
    {
        public static Box<Returner, EventAllocator> Own;

        public readonly void Dispose()
        {
            Events.Add("cleanup");
            Own.Dispose();
        }
    }

    private struct Placed : IDisposable
    {
        public long Number;

        [field: ThreadStatic]
        public static nuint DisposedAt { get; private set; }

        public unsafe void Dispose()
        {
            fixed (long* at = &Number)
            {
                DisposedAt = (nuint)at;
            }
        }
    }

    private struct Generic<T>(int number) : IDisposable
        where T : unmanaged
    {
        public T Value = default;
        private readonly int _number = number;

        readonly void IDisposable.Dispose() => Events.Add($"generic {_number}");
    }
}

global using Failing = MemoryPages.FailingAllocator<MemoryPages.CountingAllocator<MemoryPages.NativeAllocator>>;

namespace MemoryPages.Tests.Allocators;

/// <summary>Each allocation of a nested construction fails in turn: nothing is left, and every value that was made is dropped once.</summary>
public sealed class BoxFailureTests
{
    /// <summary>Nothing of an earlier test on this thread.</summary>
    public BoxFailureTests() => Events.Take();

    [Fact]
    public void Parts_that_are_held_and_moved_are_never_lost() => Sweep(allocator =>
    {
        using Box<Named, Failing> left = Box.New(new Named(1), allocator);
        using Box<Named, Failing> right = Box.New(new Named(2), allocator);
        using Box<Pair, Failing> pair = Box.New(new Pair { Left = left.Move(), Right = right.Move() }, allocator);
        using Box<Box<Pair, Failing>, Failing> outer = Box.New(pair.Move(), allocator);
    }, requests: 4);

    [Fact]
    public void A_zeroed_whole_that_is_filled_is_never_lost() => Sweep(allocator =>
    {
        using Box<Pair, Failing> pair = Box.NewZeroed<Pair, Failing>(allocator);
        pair.Value.Left = Box.New(new Named(1), allocator);
        pair.Value.Right = Box.New(new Named(2), allocator);
    }, requests: 3);

    [Fact]
    public void Elements_that_are_filled_one_by_one_are_never_lost() => Sweep(allocator =>
    {
        using BoxedSpan<Box<Named, Failing>, Failing> span = BoxedSpan.NewZeroed<Box<Named, Failing>, Failing>(5, allocator);
        for (nuint i = 0; i < span.Length; i++)
        {
            span[i] = Box.New(new Named((int)i), allocator);
        }
    }, requests: 6);

    [Fact]
    public void A_whole_that_finds_no_memory_drops_its_only_part() => Sweep(allocator =>
    {
        using Box<Box<Named, Failing>, Failing> outer = Box.New(Box.New(new Named(1), allocator), allocator);
    }, requests: 2);

    [Fact]
    public void Spans_of_boxes_in_boxes_are_never_lost() => Sweep(allocator =>
    {
        using Box<BoxedSpan<Box<Pair, Failing>, Failing>, Failing> outer = Box.NewZeroed<BoxedSpan<Box<Pair, Failing>, Failing>, Failing>(allocator);
        outer.Value = BoxedSpan.NewZeroed<Box<Pair, Failing>, Failing>(2, allocator);
        for (nuint i = 0; i < 2; i++)
        {
            outer.Value[i] = Box.NewZeroed<Pair, Failing>(allocator);
            outer.Value[i].Value.Left = Box.New(new Named((int)i), allocator);
            outer.Value[i].Value.Right = Box.New(new Named(2 + (int)i), allocator);
        }
    }, requests: 8);

    /// <summary>Making it, an element's own box each, and the growing from one to four and to eight, which asks for less where it is refused.</summary>
    [Fact]
    public void Lists_that_grow_are_never_lost_nor_is_what_was_on_its_way_into_them() => Sweep(allocator =>
    {
        using BoxedList<Box<Named, Failing>, Failing> list = BoxedList.New<Box<Named, Failing>, Failing>(1, allocator);
        for (int i = 0; i < 5; i++)
        {
            list.Add(Box.New(new Named(i), allocator));
        }
    }, requests: 8, 4, 8);

    [Fact]
    public void A_list_that_becomes_a_span_is_never_lost() => Sweep(allocator =>
    {
        using BoxedList<Named, Failing> list = BoxedList.New<Named, Failing>(3, allocator);
        list.Add(new Named(1));
        using BoxedSpan<Named, Failing> span = list.IntoSpan();
    }, requests: 2);

    [Fact]
    public void Memories_are_never_lost() => Sweep(allocator =>
    {
        using System.Buffers.IMemoryOwner<int> first = allocator.AllocateMemory<int>(10);
        using System.Buffers.IMemoryOwner<long> second = allocator.AsMemoryPool<long>().Rent(10);
        using System.Buffers.MemoryHandle pin = second.Memory.Pin();
        using System.Buffers.IMemoryOwner<byte> third = allocator.AsMemoryPool().Rent(10);
    }, requests: 3);

    [Fact]
    public void Clones_are_never_lost() => Sweep(allocator =>
    {
        using Box<int, Failing> box = Box.New(1, allocator);
        using Box<int, Failing> clone = box.Clone();
        using BoxedSpan<int, Failing> span = BoxedSpan.New<int, Failing>([1, 2], allocator);
        using BoxedSpan<int, Failing> same = span.Clone();
    }, requests: 4);

    /// <summary>Over each kind of allocator: the handle, or the allocator's fields, go along or back.</summary>
    [Fact]
    public void Nothing_is_lost_of_other_allocators_either()
    {
        using var arena = new ArenaAllocator();
        using var pool = new PoolAllocator();
        using var guarded = new GuardedAllocator<NativeAllocator>();
        using var array = new FixedAllocator(new byte[100_000]);
        Check(arena, () => arena.LiveBlocks);
        Check(pool, () => pool.LiveBlocks);
        Check(guarded, () => guarded.LiveBlocks);
        Check(array, () => array.LiveBlocks);
        Check(default(PageAllocator), () => 0);
        Events.Take();

        static void Check<TAllocator>(TAllocator allocator, Func<long> live)
            where TAllocator : IAllocator
        {
            for (int failAt = 1; ; failAt++)
            {
                var failing = new FailingAllocator<TAllocator>(allocator, failAt);
                Exception? thrown = Record.Exception(() => Build(failing));
                Assert.Equal(failing.Refused != 0, thrown is MemoryPagesException);
                Assert.Equal(0, live());
                if (failing.Refused == 0)
                {
                    Assert.InRange(failAt, 7, 20);
                    break;
                }
            }
        }

        static void Build<TAllocator>(FailingAllocator<TAllocator> allocator)
            where TAllocator : IAllocator
        {
            using Box<Named, FailingAllocator<TAllocator>> box = Box.New(new Named(1), allocator);
            using Box<Box<Named, FailingAllocator<TAllocator>>, FailingAllocator<TAllocator>> outer = Box.New(box.Move(), allocator);
            using BoxedSpan<int, FailingAllocator<TAllocator>> span = BoxedSpan.New<int, FailingAllocator<TAllocator>>([1, 2, 3], allocator);
            using BoxedSpan<int, FailingAllocator<TAllocator>> clone = span.Clone();
            using BoxedList<Named, FailingAllocator<TAllocator>> list = BoxedList.New<Named, FailingAllocator<TAllocator>>(1, allocator);
            list.Add(new Named(2));
            list.EnsureCapacity(100);
            using System.Buffers.IMemoryOwner<byte> memory = allocator.AllocateMemory<byte>(100);
        }
    }

    /// <summary>What C# does with the left one nobody can help: the documentation says so, and this test that it is still true.</summary>
    [Fact]
    public void Boxes_made_within_an_initializer_are_lost_if_a_later_one_fails()
    {
        var counting = new CountingAllocator<NativeAllocator>();
        var failing = new Failing(counting, failAt: 2);
        Assert.Throws<MemoryPagesException>(() =>
            Box.New(new Pair { Left = Box.New(new Named(1), failing), Right = Box.New(new Named(2), failing) }, failing).Dispose());
        Assert.Equal(1, counting.Counters.LiveBlocks);
        Assert.Equal(["drop 2"], Events.Take());
    }

    /// <summary>Each request is refused in turn: alone, and with all after it.</summary>
    /// <param name="construct">What is made and dropped.</param>
    /// <param name="requests">How many requests that takes.</param>
    /// <param name="modest">Those that are followed by a more modest one where they are refused.</param>
    private static void Sweep(Action<Failing> construct, int requests, params int[] modest)
    {
        for (int failAt = 1; failAt <= requests + 1; failAt++)
        {
            foreach (bool andAllAfter in (bool[])[false, true])
            {
                var counting = new CountingAllocator<NativeAllocator>();
                var failing = new Failing(counting, failAt, andAllAfter);
                Exception? thrown = Record.Exception(() => construct(failing));
                Assert.Equal(failAt <= requests && (andAllAfter || !modest.Contains(failAt)), thrown is MemoryPagesException);
                Assert.Equal(0, counting.Counters.LiveBlocks);
                string[] dropped = Events.Take();
                Assert.Equal(dropped.Distinct(), dropped);
            }
        }
    }

    private struct Pair : IDisposable
    {
        public Box<Named, Failing> Left;
        public Box<Named, Failing> Right;

        public void Dispose() => Box.DisposeAll(ref Left, ref Right);
    }
}

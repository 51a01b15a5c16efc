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

    private static void Sweep(Action<Failing> construct, int requests)
    {
        for (int failAt = 1; failAt <= requests + 1; failAt++)
        {
            var counting = new CountingAllocator<NativeAllocator>();
            var failing = new Failing(counting, failAt);
            Exception? thrown = Record.Exception(() => construct(failing));
            Assert.Equal(failAt <= requests, thrown is MemoryPagesException);
            Assert.Equal(0, counting.Counters.LiveBlocks);
            string[] dropped = Events.Take();
            Assert.Equal(dropped.Distinct(), dropped);
        }
    }

    private struct Pair : IDisposable
    {
        public Box<Named, Failing> Left;
        public Box<Named, Failing> Right;

        public void Dispose() => Box.DisposeAll(ref Left, ref Right);
    }
}

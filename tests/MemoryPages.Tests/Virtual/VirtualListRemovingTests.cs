using static MemoryPages.Tests.Reserved.VirtualListWitness;

namespace MemoryPages.Tests.Reserved;

/// <summary>Elements go; capacity and memory stay.</summary>
public sealed class VirtualListRemovingTests
{
    [Fact]
    public void The_last_comes_back_first()
    {
        using VirtualList<int> list = Numbers(3);
        Assert.Equal([2, 1], [list.Pop(), list.Pop()]);
        Assert.True(list.TryPop(out int item));
        Assert.Equal(0, item);
        Assert.False(list.TryPop(out item));
        Assert.Equal(0, item);
        Assert.Throws<InvalidOperationException>(() => list.Pop());
        Assert.True(list.Capacity >= 3);
    }

    [Fact]
    public void A_removed_element_is_returned_and_the_others_move_up()
    {
        using VirtualList<int> list = Numbers(5);
        Assert.Equal([1, 4, 0], [list.RemoveAt(1), list.RemoveAt(3), list.RemoveAt(0)]);
        AssertHolds(list, 2, 3);
    }

    [Fact]
    public void The_last_takes_the_place_of_a_swapped_one()
    {
        using VirtualList<int> list = Numbers(4);
        Assert.Equal([0, 2], [list.SwapRemove(0), list.SwapRemove(2)]);
        AssertHolds(list, 3, 1);
        Assert.Equal([3, 1], [list.SwapRemove(0), list.SwapRemove(0)]);
        Assert.Throws<ArgumentOutOfRangeException>(() => list.SwapRemove(0));
    }

    [Fact]
    public void Indexes_outside_remove_nothing()
    {
        using VirtualList<int> list = Numbers(3);
        foreach (nint index in (nint[])[-1, 3, nint.MaxValue, nint.MinValue])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => list.RemoveAt(index));
            Assert.Throws<ArgumentOutOfRangeException>(() => list.SwapRemove(index));
        }

        foreach ((nint index, nint count) in ((nint, nint)[])[(0, 4), (1, 3), (3, 1), (4, 0), (-1, 1), (0, -1), (1, nint.MaxValue), (nint.MaxValue, 2)])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => list.RemoveRange(index, count));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => list.Truncate(-1));
        AssertHolds(list, 0, 1, 2);
    }

    [Fact]
    public void Ranges_go()
    {
        using VirtualList<int> list = Numbers(10);
        list.RemoveRange(3, 0);
        list.RemoveRange(10, 0);
        AssertHolds(list, Enumerable.Range(0, 10));
        list.RemoveRange(2, 5);
        AssertHolds(list, 0, 1, 7, 8, 9);
        list.RemoveRange(3, 2);
        AssertHolds(list, 0, 1, 7);
        list.RemoveRange(0, 3);
        Assert.Empty(list);
    }

    [Fact]
    public void The_first_equal_one_goes()
    {
        using VirtualList<int> list = [1, 2, 1, 3];
        Assert.True(list.Remove(1));
        AssertHolds(list, 2, 1, 3);
        Assert.False(list.Remove(9));
        AssertHolds(list, 2, 1, 3);
    }

    [Fact]
    public void All_that_match_go_and_the_others_keep_their_order()
    {
        using VirtualList<int> list = Numbers(10_000);
        Assert.Equal(0, list.RemoveAll(_ => false));
        Assert.Equal(6667, list.RemoveAll(i => i % 3 != 1));
        AssertHolds(list, Enumerable.Range(0, 3333).Select(i => (3 * i) + 1));
        Assert.Equal(3333, list.RemoveAll(_ => true));
        Assert.Empty(list);
        Assert.Equal(0, list.RemoveAll(_ => true));
        Assert.Throws<ArgumentNullException>(() => list.RemoveAll(null!));
    }

    [Fact]
    public void A_predicate_that_throws_leaves_what_it_has_not_said()
    {
        using VirtualList<int> list = Numbers(10);
        Assert.Throws<InvalidTimeZoneException>(() => list.RemoveAll(i => i == 5 ? throw new InvalidTimeZoneException() : i % 2 == 0));
        AssertHolds(list, 1, 3, 5, 6, 7, 8, 9);
    }

    [Fact]
    public void A_predicate_sees_each_element_once()
    {
        using VirtualList<int> list = Numbers(100);
        var seen = new List<int>();
        list.RemoveAll(i =>
        {
            seen.Add(i);
            return i % 7 == 0;
        });
        Assert.Equal(Enumerable.Range(0, 100), seen);
    }

    [Fact]
    public void Only_the_first_ones_stay()
    {
        using VirtualList<int> list = Numbers(5);
        nint capacity = list.Capacity;
        list.Truncate(6);
        list.Truncate(5);
        AssertHolds(list, 0, 1, 2, 3, 4);
        list.Truncate(2);
        AssertHolds(list, 0, 1);
        list.Truncate(0);
        Assert.Empty(list);
        Assert.Equal(capacity, list.Capacity);
    }

    [Fact]
    public void Clearing_keeps_capacity_and_memory()
    {
        using VirtualList<int> list = Numbers(10_000);
        nint capacity = list.Capacity;
        nuint address = AddressOf(list);
        list.Clear();
        Assert.Empty(list);
        Assert.Equal(capacity, list.Capacity);
        Assert.Equal(PageSize.AlignUp(40_000, PageSize.Base), Resident(address, PageSize.AlignUp(40_000, PageSize.Base)));
        list.Add(5);
        AssertHolds(list, 5);
        Assert.Equal(address, AddressOf(list));
    }
}

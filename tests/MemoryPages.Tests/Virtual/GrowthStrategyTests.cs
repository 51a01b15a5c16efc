using static MemoryPages.Tests.Reserved.VirtualListWitness;

namespace MemoryPages.Tests.Reserved;

/// <summary>How capacity grows: which numbers follow which, and that none overflows.</summary>
public sealed class GrowthStrategyTests
{
    [Fact]
    public void The_default_doubles()
    {
        Assert.Equal(default, GrowthStrategy.Doubling);
        Assert.Equal([1, 2, 4, 8, 16, 20], Sequence(GrowthStrategy.Doubling, 6, 20));
    }

    [Fact]
    public void Linear_adds_the_step() => Assert.Equal([5, 10, 15, 20, 22, 22], Sequence(GrowthStrategy.Linear(5), 6, 22));

    [Fact]
    public void Exponential_multiplies_and_always_reaches_what_is_needed()
    {
        Assert.Equal([1, 2, 3, 4, 6, 9, 13, 19, 28], Sequence(GrowthStrategy.Exponential(3, 2), 9, 1000));
        Assert.Equal([1, 3, 9, 27], Sequence(GrowthStrategy.Exponential(3, 1), 4, 1000));
    }

    [Fact]
    public void What_is_needed_is_the_least_and_the_maximum_the_most()
    {
        Assert.Equal(100, GrowthStrategy.Doubling.Next(10, 100, 1000));
        Assert.Equal(100, GrowthStrategy.Linear(1).Next(10, 100, 1000));
        Assert.Equal(50, GrowthStrategy.Doubling.Next(40, 41, 50));
    }

    [Fact]
    public void Results_saturate()
    {
        foreach (GrowthStrategy strategy in (GrowthStrategy[])[GrowthStrategy.Doubling, GrowthStrategy.Linear(nint.MaxValue), GrowthStrategy.Exponential(nint.MaxValue, 1)])
        {
            Assert.Equal(nint.MaxValue, strategy.Next(nint.MaxValue - 1, 1, nint.MaxValue));
            Assert.Equal(10, strategy.Next(9, 10, 10));
        }

        Assert.Equal(nint.MaxValue - 2, GrowthStrategy.Exponential(nint.MaxValue, nint.MaxValue - 1).Next(nint.MaxValue - 2, 1, nint.MaxValue));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    [InlineData(2, -1)]
    [InlineData(-1, 2)]
    public void A_fraction_of_at_most_one_is_refused(int numerator, int denominator) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => GrowthStrategy.Exponential(numerator, denominator));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_step_that_is_not_positive_is_refused(int step) => Assert.Throws<ArgumentOutOfRangeException>(() => GrowthStrategy.Linear(step));

    [Fact]
    public void A_list_grows_as_its_strategy_says()
    {
        nint page = (nint)PageSize.Base;
        Assert.Equal([page, 2 * page, 4 * page, 8 * page], Capacities(GrowthStrategy.Doubling, 8));
        Assert.Equal([3 * page, 6 * page, 9 * page, 12 * page], Capacities(GrowthStrategy.Linear(3 * page), 10));
        Assert.Equal([page, 3 * page, 9 * page], Capacities(GrowthStrategy.Exponential(3, 1), 9));
    }

    [Fact]
    public void A_strategy_that_overflows_stops_at_the_maximum()
    {
        foreach (GrowthStrategy strategy in (GrowthStrategy[])[default, GrowthStrategy.Linear(nint.MaxValue), GrowthStrategy.Exponential(nint.MaxValue, 1)])
        {
            using VirtualList<int> list = Numbers(10, new() { MaximumCapacity = 10, Growth = strategy });
            Assert.Equal((10, 10), ((int)list.Capacity, (int)list.MaximumCapacity));
            Assert.Throws<InvalidOperationException>(() => list.Add(10));
            AssertHolds(list, Enumerable.Range(0, 10));
        }
    }

    private static List<nint> Capacities(GrowthStrategy strategy, int pages)
    {
        using var list = new VirtualList<byte>(new() { Growth = strategy, MaximumCapacity = 1 << 24 });
        var seen = new List<nint>();
        while (list.Count < pages * (nint)PageSize.Base)
        {
            list.Add(1);
            if (seen.Count == 0 || seen[^1] != list.Capacity)
            {
                seen.Add(list.Capacity);
            }
        }

        return seen;
    }

    private static int[] Sequence(GrowthStrategy strategy, int length, nint maximum)
    {
        nint capacity = 0;
        return [.. Enumerable.Range(0, length).Select(_ => (int)(capacity = strategy.Next(capacity, Math.Min(capacity + 1, maximum), maximum)))];
    }
}

using System.Buffers;
using static MemoryPages.Tests.Reserved.VirtualListWitness;

namespace MemoryPages.Tests.Reserved;

/// <summary>Finding, ordering, comparing, copying; in one span and in many.</summary>
public sealed class VirtualListSearchingTests
{
    public static TheoryData<int> Spans => [1, 2, 7, 100, 999, 1000, int.MaxValue];

    [Theory]
    [MemberData(nameof(Spans))]
    public void The_first_equal_one_is_found(int span) => WithSpans<int>(span, () =>
    {
        using VirtualList<int> list = Numbers(1000);
        list.AddRange(Enumerable.Range(0, 1000).ToArray());
        foreach (int i in (int[])[0, 1, 6, 7, 99, 100, 500, 998, 999])
        {
            Assert.Equal(i, list.IndexOf(i));
            Assert.Equal((true, true), (list.Contains(i), list.Contains(999 - i)));
        }

        Assert.Equal(-1, list.IndexOf(1000));
        Assert.Equal((false, false), (list.Contains(-1), list.Contains(1000)));
        list.Clear();
        Assert.Equal(-1, list.IndexOf(0)); // it is still in the memory
    });

    [Theory]
    [MemberData(nameof(Spans))]
    public void Sorting_orders_all(int span) => WithSpans<int>(span, () =>
    {
        foreach (int range in (int[])[1, 3, 1000, int.MaxValue])
        {
            var noise = new Noise((ulong)range);
            int[] items = [.. Enumerable.Range(0, 1000).Select(_ => noise.Next(range) - (range / 2))];
            using VirtualList<int> list = [.. items];
            list.Sort();
            AssertHolds(list, items.Order());
            list.Sort(); // what is ordered stays so
            AssertHolds(list, items.Order());
            list.Sort(Comparer<int>.Create((a, b) => b.CompareTo(a)));
            AssertHolds(list, items.OrderDescending());
        }

        using var none = new VirtualList<int>();
        none.Sort();
        none.Reverse();
        Assert.Empty(none);
    });

    [Theory]
    [MemberData(nameof(Spans))]
    public void The_order_turns_round(int span) => WithSpans<int>(span, () =>
    {
        foreach (int count in (int[])[0, 1, 2, 3, 999, 1000])
        {
            using VirtualList<int> list = Numbers(count);
            list.Reverse();
            AssertHolds(list, Enumerable.Range(0, count).Reverse());
        }
    });

    [Theory]
    [InlineData("up")]
    [InlineData("down")]
    public void An_order_that_contradicts_itself_is_no_fault(string answer)
    {
        ScenarioResult result = Scenario.Run("ListSortWithoutOrder", answer);
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Theory]
    [MemberData(nameof(Spans))]
    public void A_comparer_that_throws_loses_no_element(int span) => WithSpans<int>(span, () =>
    {
        using VirtualList<int> list = Numbers(1000);
        list.Reverse();
        int calls = 0;
        Assert.ThrowsAny<Exception>(() => list.Sort(Comparer<int>.Create((a, b) => ++calls == 300 ? throw new InvalidTimeZoneException() : a.CompareTo(b))));
        list.Sort();
        AssertHolds(list, Enumerable.Range(0, 1000));
    });

    [Fact]
    public void A_value_is_found_in_order_or_where_it_would_go()
    {
        using var list = new VirtualList<int>();
        Assert.Equal(~0, list.BinarySearch(5));
        list.AddRange(Enumerable.Range(0, 1000).Select(i => 2 * i));
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal(i, list.BinarySearch(2 * i));
            Assert.Equal(~i, list.BinarySearch((2 * i) - 1));
        }

        Assert.Equal(~1000, list.BinarySearch(5000));
        var down = Comparer<int>.Create((a, b) => b.CompareTo(a));
        list.Reverse();
        Assert.Equal(0, list.BinarySearch(1998, down));
        Assert.Equal(999, list.BinarySearch(0, down));
    }

    [Fact]
    public void Elements_are_copied_out()
    {
        using VirtualList<int> list = Numbers(10);
        int[] four = new int[4];
        list.CopyTo(6, four);
        Assert.Equal([6, 7, 8, 9], four);
        list.CopyTo(10, []);
        foreach (nint index in (nint[])[-1, 7, 10, 11, nint.MaxValue])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => list.CopyTo(index, four));
        }

        Assert.Equal([6, 7, 8, 9], four);
    }

    [Theory]
    [MemberData(nameof(Spans))]
    public void Equal_contents_are_equal(int span) => WithSpans<int>(span, () =>
    {
        using VirtualList<int> list = Numbers(1000);
        using VirtualList<int> other = Numbers(1000);
        other.EnsureCapacity(100_000);
        int[] array = [.. Enumerable.Range(0, 1000)];
        Assert.True(list.ContentEquals(other) && list.ContentEquals(list) && list.ContentEquals(array));
        foreach (int i in (int[])[0, 6, 7, 99, 100, 999])
        {
            other[i]++;
            array[i]++;
            Assert.False(list.ContentEquals(other));
            Assert.False(list.ContentEquals(array));
            other[i]--;
            array[i]--;
        }

        other.Pop();
        Assert.False(list.ContentEquals(other));
        Assert.False(list.ContentEquals(array.AsSpan(1)));
        Assert.Throws<ArgumentNullException>(() => list.ContentEquals((VirtualList<int>)null!));
    });

    [Theory]
    [MemberData(nameof(Spans))]
    public void A_sequence_has_all_elements_in_parts_of_a_span(int span) => WithSpans<int>(span, () =>
    {
        using VirtualList<int> list = Numbers(1000);
        ReadOnlySequence<int> sequence = list.ToSequence();
        Assert.Equal(1000, sequence.Length);
        Assert.Equal(Enumerable.Range(0, 1000), sequence.ToArray());
        Assert.Equal([500, 501, 502], sequence.Slice(500, 3).ToArray());
        int parts = 0;
        foreach (ReadOnlyMemory<int> part in sequence)
        {
            Assert.InRange(part.Length, 1, span);
            parts++;
        }

        Assert.Equal((1000 + (long)span - 1) / span, parts);
        list.Clear();
        Assert.True(list.ToSequence().IsEmpty);
    });
}

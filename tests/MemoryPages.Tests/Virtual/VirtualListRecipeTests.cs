using static MemoryPages.Tests.Reserved.VirtualListWitness;

namespace MemoryPages.Tests.Reserved;

/// <summary>What lists of other languages have a verb for, done with the verbs of this one.</summary>
public sealed class VirtualListRecipeTests
{
    [Fact]
    public void Runs_of_equal_elements_become_one()
    {
        foreach (int[] items in (int[][])[[], [1], [1, 1], [1, 2, 3], [1, 1, 2, 3], [1, 2, 2, 3], [1, 2, 3, 3], [1, 1, 2, 2, 2, 3, 3], [12, 12, 12, 11, 11]])
        {
            using VirtualList<int> list = [.. items];
            RemoveRuns(list, item => item);
            AssertHolds(list, items.Where((item, i) => i == 0 || items[i - 1] != item));
        }

        // Every pattern of eight bits.
        for (int bits = 0; bits < 256; bits++)
        {
            bool[] items = [.. Enumerable.Range(0, 8).Select(bit => ((bits >> bit) & 1) == 1)];
            using VirtualList<bool> list = [.. items];
            RemoveRuns(list, item => item);
            AssertHolds(list, items.Where((item, i) => i == 0 || items[i - 1] != item));
        }
    }

    [Fact]
    public void Runs_of_one_key_become_their_first()
    {
        foreach ((int[] items, int[] left) in ((int[], int[])[])[([], []), ([10], [10]), ([10, 11], [10]), ([10, 20, 30], [10, 20, 30]),
            ([10, 11, 20, 30], [10, 20, 30]), ([10, 20, 21, 30], [10, 20, 30]), ([10, 11, 20, 21, 22, 30, 31], [10, 20, 30])])
        {
            using VirtualList<int> list = [.. items];
            RemoveRuns(list, item => item / 10);
            AssertHolds(list, left);
        }

        using VirtualList<int> signed = [1, -1, 2, 3, 1, -5, 5, -2, 2];
        RemoveRuns(signed, Math.Abs);
        AssertHolds(signed, 1, 2, 3, 1, -5, -2);
        using VirtualList<(int Key, int Other)> pairs = [(0, 1), (0, 5), (1, 7), (1, 9)];
        RemoveRuns(pairs, pair => pair.Key);
        AssertHolds(pairs, (0, 1), (1, 7));
    }

    [Fact]
    public void Runs_of_one_key_are_added_up_in_place()
    {
        using VirtualList<(char Key, int Sum)> list = [('f', 1), ('f', 2), ('b', 3), ('b', 4), ('b', 5)];
        nint kept = 0;
        for (nint i = 1; i < list.Count; i++)
        {
            if (list[i].Key == list[kept].Key)
            {
                list[kept].Sum += list[i].Sum;
            }
            else
            {
                list[++kept] = list[i];
            }
        }

        list.Truncate(kept + 1);
        AssertHolds(list, ('f', 3), ('b', 12));
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(0, 0)]
    [InlineData(4, 1)]
    [InlineData(1, 3)]
    [InlineData(5, 0)]
    [InlineData(0, 1)]
    public void A_part_is_taken_out(int index, int count)
    {
        using VirtualList<int> list = Numbers(5);
        int[] taken = new int[count];
        list.CopyTo(index, taken);
        list.RemoveRange(index, count);
        Assert.Equal(Enumerable.Range(index, count), taken);
        AssertHolds(list, Enumerable.Range(0, 5).Where(i => i < index || i >= index + count));
    }

    [Fact]
    public void A_part_is_taken_out_but_for_its_middle()
    {
        using VirtualList<int> list = Numbers(7);
        list.RemoveRange(1, 2);
        list.RemoveAt(3);
        AssertHolds(list, 0, 3, 4, 6);
    }

    [Fact]
    public void A_part_is_replaced_by_another_of_any_length()
    {
        using VirtualList<int> list = [1, 2, 3, 4, 5];
        Assert.Equal([3, 4], Replace(list, 2, 2, 10, 11, 12));
        AssertHolds(list, 1, 2, 10, 11, 12, 5);
        Assert.Equal([2, 10], Replace(list, 1, 2, 20));
        AssertHolds(list, 1, 20, 11, 12, 5);
        Assert.Equal([1, 20, 11, 12, 5], Replace(list, 0, 5));
        Assert.Empty(list);
        foreach ((nint index, nint count) in ((nint, nint)[])[(0, 1), (1, 0), (nint.MaxValue, 1), (0, nint.MaxValue)])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => list.RemoveRange(index, count));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => list.InsertRange(nint.MaxValue, [1]));
    }

    [Fact]
    public void All_of_another_list_moves_over()
    {
        using VirtualList<int> list = [1, 2, 3];
        using VirtualList<int> other = [4, 5, 6];
        list.AddRange(other);
        other.Clear();
        AssertHolds(list, 1, 2, 3, 4, 5, 6);
        Assert.Empty(other);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(0)]
    [InlineData(6)]
    public void The_end_becomes_a_list_of_its_own(int index)
    {
        using VirtualList<int> list = Numbers(6);
        list.EnsureCapacity(10_000);
        nuint address = AddressOf(list);
        nint capacity = list.Capacity;
        using var end = new VirtualList<int>();
        using (ReadView view = list.Read(index, list.Count - index))
        {
            end.AddRange(view.Elements<int>());
        }

        list.Truncate(index);
        AssertHolds(list, Enumerable.Range(0, index));
        AssertHolds(end, Enumerable.Range(index, 6 - index));
        Assert.Equal(capacity, list.Capacity);
        Assert.True(end.Capacity < capacity);
        list.Add(9);
        Assert.Equal(address, AddressOf(list));
    }

    [Fact]
    public void What_matches_is_taken_out_in_order()
    {
        foreach (int[] items in (int[][])
        [
            [], [1, 3], [2, 4], [1, 2, 4, 6, 7, 9, 11, 13, 15, 17, 18, 20, 22, 24, 26, 27, 29, 31, 33, 34, 35, 36, 37, 39], [2, 4, 6, 7, 9, 18, 20, 27, 36],
            [2, 4, 6, 8, 10, 1, 3, 5, 7], [1, 3, 5, 7, 2, 4, 6, 8],
        ])
        {
            using VirtualList<int> list = [.. items];
            using var taken = new VirtualList<int>();
            nint removed = list.RemoveAll(item =>
            {
                if (item % 2 == 0)
                {
                    taken.Add(item);
                }

                return item % 2 == 0;
            });
            AssertHolds(taken, items.Where(item => item % 2 == 0));
            AssertHolds(list, items.Where(item => item % 2 != 0));
            Assert.Equal(taken.Count, removed);
        }
    }

    [Fact]
    public void What_matches_and_what_does_not_become_two_lists()
    {
        foreach (int bound in (int[])[4, 2, 0])
        {
            using VirtualList<int> all = [1, 2, 3];
            using VirtualList<int> below = [.. all.Where(i => i < bound)];
            using VirtualList<int> others = [.. all.Where(i => i >= bound)];
            AssertHolds(below, Enumerable.Range(1, 3).Where(i => i < bound));
            AssertHolds(others, Enumerable.Range(1, 3).Where(i => i >= bound));
        }
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(1, 0)]
    [InlineData(1, 3)]
    [InlineData(0, 2)]
    [InlineData(4, 0)]
    public void A_part_of_the_list_is_added_to_it(int index, int count)
    {
        using VirtualList<int> list = Numbers(4);
        using (ReadView part = list.Read(index, count))
        {
            list.AddRange(part.Elements<int>());
        }

        AssertHolds(list, [.. Enumerable.Range(0, 4), .. Enumerable.Range(index, count)]);
    }

    [Fact]
    public void The_last_is_taken_if_it_matches_and_may_be_changed_if_not()
    {
        using VirtualList<int> list = [1, 2, 3, 4];
        Assert.True(PopIf(list, (ref int i) => i % 2 == 0));
        AssertHolds(list, 1, 2, 3);
        Assert.False(PopIf(list, (ref int i) => i % 2 == 0));
        AssertHolds(list, 1, 2, 3);
        Assert.False(PopIf(list, (ref int i) => ++i < 0));
        AssertHolds(list, 1, 2, 4);
        list.Clear();
        Assert.False(PopIf(list, (ref int _) => true));
    }

    [Fact]
    public void Elements_change_places()
    {
        using VirtualList<int> list = Numbers(7);
        (list[2], list[4]) = (list[4], list[2]);
        AssertHolds(list, 0, 1, 4, 3, 2, 5, 6);
        int outside = 42;
        (outside, list[0]) = (list[0], outside);
        Assert.Equal((0, 42), (outside, list[0]));
    }

    [Fact]
    public void Two_parts_are_changed_at_a_time()
    {
        using VirtualList<int> list = [1, 2, 3, 4, 5];
        using (WriteView left = list.Write(0, 2))
        using (WriteView right = list.Write(2, 3))
        {
            foreach (ref int item in left.Elements<int>())
            {
                item += 1;
            }

            foreach (ref int item in right.Elements<int>())
            {
                item += 2;
            }
        }

        AssertHolds(list, 2, 3, 5, 6, 7);
    }

    [Fact]
    public void Reading_chunk_by_chunk_ends_with_what_is_left()
    {
        using VirtualList<byte> list = [.. "lorem"u8];
        using var chunks = new VirtualList<int>();
        for (nint at = 0; at < list.Count;)
        {
            using ReadView rest = list.Read(at, list.Count - at);
            ReadOnlySpan<byte> chunk = rest.Elements<byte>()[..(int)Math.Min(2, list.Count - at)];
            chunks.Add(chunk.Length);
            at += chunk.Length;
        }

        AssertHolds(chunks, 2, 2, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => list.CopyTo(3, new byte[3]));
    }

    /// <summary>What holds nothing is an element of one byte here, and counts as any other.</summary>
    [Fact]
    public void Elements_without_fields_are_counted()
    {
        using var list = new VirtualList<Nothing>(new() { MaximumCapacity = 8 });
        Assert.Equal((0, 0, 8), ((int)list.Count, (int)list.Capacity, (int)list.MaximumCapacity));
        for (int i = 1; i <= 8; i++)
        {
            list.Add(default);
            Assert.Equal((i, i), ((int)list.Count, list.Count()));
        }

        Assert.Throws<InvalidOperationException>(() => list.Add(default));
        list.RemoveRange(1, 2);
        list.Pop();
        using VirtualList<Nothing> moved = [.. list];
        Assert.Equal(5, moved.Count);
        using (ReadView part = list.Read(1, 3))
        {
            list.AddRange(part.Elements<Nothing>());
        }

        Assert.Equal(8, list.Count);
        Assert.Equal(8, list.RemoveAll(_ => true));
        Assert.False(list.TryPop(out _));
    }

    private delegate bool Chooser(ref int item);

    private static bool PopIf(VirtualList<int> list, Chooser match) => list.Count != 0 && match(ref list[list.Count - 1]) && list.TryPop(out _);

    private static int[] Replace(VirtualList<int> list, int index, int count, params ReadOnlySpan<int> items)
    {
        int[] old = new int[count];
        list.CopyTo(index, old);
        list.RemoveRange(index, count);
        list.InsertRange(index, items);
        return old;
    }

    private static void RemoveRuns<T, TKey>(VirtualList<T> list, Func<T, TKey> key)
        where T : unmanaged
        where TKey : struct
    {
        TKey? last = null;
        list.RemoveAll(item =>
        {
            TKey now = key(item);
            bool goes = now.Equals(last);
            last = now;
            return goes;
        });
    }

    private readonly record struct Nothing;
}

using System.Buffers;
using static MemoryPages.Tests.Reserved.VirtualListWitness;
using Free = System.Runtime.CompilerServices.Unsafe;

namespace MemoryPages.Tests.Reserved;

/// <summary>Elements come: one, many, the list's own, at the end and in between; and none where the source fails.</summary>
public sealed unsafe class VirtualListAddingTests
{
    [Fact]
    public void Growing_moves_nothing_and_references_stay_right()
    {
        using VirtualList<long> list = [1];
        ref long first = ref list[0];
        nuint address = AddressOf(list);
        nint capacity = list.Capacity;
        int growths = 0;
        for (int i = 1; i < 1_000_000; i++)
        {
            list.Add(i);
            growths += list.Capacity == capacity ? 0 : 1;
            capacity = list.Capacity;
        }

        Assert.True(growths >= 3, $"{growths} growths");
        Assert.Equal(address, AddressOf(list));
        first = -5;
        Assert.Equal(-5, list[0]);
        list[0] = 6;
        Assert.Equal(6, first);
        Assert.Equal(999_999, list[999_999]);
    }

    [Fact]
    public void Own_elements_are_added_over_a_growth()
    {
        int count = (int)PageSize.Base / sizeof(int);
        using VirtualList<int> list = Numbers(count);
        using (ReadView view = list.Read())
        {
            Assert.Equal((nint)count, list.Capacity);
            list.AddRange(view.Elements<int>());
        }

        AssertHolds(list, [.. Enumerable.Range(0, count), .. Enumerable.Range(0, count)]);
        list.AddRange(list.ToSequence());
        Assert.Equal((nint)(4 * count), list.Count);
        Assert.Equal(count - 1, list[(4 * count) - 1]);
        list.Truncate(count);
        while (list.Count < list.Capacity)
        {
            list.Add(list[0]);
        }

        list.Add(list[1]);
        Assert.Equal(1, list[list.Count - 1]);
    }

    /// <summary>As <see cref="List{T}"/> does, which appends what it holds when it is given itself.</summary>
    [Fact]
    public void A_list_that_is_given_itself_adds_its_elements_once()
    {
        using VirtualList<int> list = Numbers((int)PageSize.Base);
        int[] once = [.. list];
        list.AddRange((IEnumerable<int>)list);
        AssertHolds(list, [.. once, .. once]);
        list.AddRange(list);
        Assert.Equal((nint)(4 * once.Length), list.Count);

        // A query over it is another matter, there and here.
        Assert.Throws<InvalidOperationException>(() => list.AddRange(list.Select(i => i)));
        Assert.Equal((nint)(4 * once.Length), list.Count);
    }

    [Fact]
    public void Lists_and_arrays_are_added_whatever_they_are_called()
    {
        using VirtualList<int> list = [1];
        using VirtualList<int> other = [2, 3];
        list.AddRange(other);
        list.AddRange(new List<int> { 4, 5 });
        list.AddRange((IEnumerable<int>)new[] { 6, 7 });
        list.AddRange((IEnumerable<int>)(object)new[] { 8u, 9u }); // the runtime's own idea of arrays
        AssertHolds(list, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        AssertHolds(other, 2, 3);
    }

    [Fact]
    public void Own_elements_are_put_in_front_of_others_as_they_were()
    {
        for (int index = 0; index <= 6; index++)
        {
            for (int start = 0; start <= 6; start++)
            {
                for (int length = 0; length <= 6 - start; length++)
                {
                    using VirtualList<int> list = Numbers(6);
                    var model = Enumerable.Range(0, 6).ToList();
                    using (ReadView part = list.Read(start, length))
                    {
                        list.InsertRange(index, part.Elements<int>());
                    }

                    model.InsertRange(index, Enumerable.Range(start, length));
                    AssertHolds(list, model);
                }
            }
        }
    }

    [Fact]
    public void Nothing_is_added_of_nothing()
    {
        using var list = new VirtualList<int>();
        list.AddRange([]);
        list.AddRange(Enumerable.Empty<int>());
        list.AddRange(ReadOnlySequence<int>.Empty);
        list.InsertRange(0, []);
        Assert.Equal((0, 0), ((int)list.Count, (int)list.Capacity));
        Assert.Throws<ArgumentNullException>(() => list.AddRange((IEnumerable<int>)null!));
    }

    [Fact]
    public void Enumerables_are_added_whether_they_know_their_count_or_not()
    {
        using VirtualList<int> list = [7];
        list.AddRange(new HashSet<int> { 1, 2 });
        list.AddRange(Enumerable.Range(0, 5000).Where(i => i % 2 == 0));
        AssertHolds(list, [7, 1, 2, .. Enumerable.Range(0, 2500).Select(i => 2 * i)]);
    }

    [Fact]
    public void An_enumerable_that_throws_adds_nothing()
    {
        using VirtualList<int> list = Numbers(10);
        Assert.Throws<InvalidTimeZoneException>(() => list.AddRange(Failing(5000)));
        AssertHolds(list, Enumerable.Range(0, 10));
        list.Add(10);
        AssertHolds(list, Enumerable.Range(0, 11));
    }

    [Fact]
    public void A_source_that_does_not_fit_adds_nothing()
    {
        using VirtualList<int> list = Numbers(10, new() { MaximumCapacity = 20 });
        Assert.Throws<InvalidOperationException>(() => list.AddRange(new int[11]));
        Assert.Throws<InvalidOperationException>(() => list.AddRange(Enumerable.Range(0, 100).Where(i => i >= 0)));
        Assert.Throws<InvalidOperationException>(() => list.AddRange(new ReadOnlySequence<int>(new int[11])));
        Assert.Throws<InvalidOperationException>(() => list.InsertRange(5, new int[11]));
        AssertHolds(list, Enumerable.Range(0, 10));
    }

    [Fact]
    public void A_sequence_that_fails_half_way_adds_nothing()
    {
        var gone = new VirtualList<int>();
        gone.AddRange(Enumerable.Range(0, 20).ToArray());
        ReadOnlySequence<int> parts = default;
        WithSpans<int>(20, () => parts = gone.ToSequence());
        var first = new Part(new int[] { 1, 2 }, null);
        var last = new Part(parts.First, first);
        gone.Dispose();
        using VirtualList<int> list = Numbers(10);
        var sequence = new ReadOnlySequence<int>(first, 0, last, 20);
        Assert.Throws<ObjectDisposedException>(() => list.AddRange(sequence));
        AssertHolds(list, Enumerable.Range(0, 10));
    }

    [Fact]
    public void A_sequence_of_parts_is_added_in_order()
    {
        var first = new Part(new int[] { 1, 2 }, null);
        var last = new Part(new int[] { 3, 4, 5 }, new Part(Array.Empty<int>(), first));
        using VirtualList<int> list = [0];
        list.AddRange(new ReadOnlySequence<int>(first, 1, last, 2));
        AssertHolds(list, 0, 2, 3, 4);
    }

    [Fact]
    public void Elements_are_put_in_front_of_others()
    {
        using var list = new VirtualList<int>();
        list.Insert(0, 3);
        list.Insert(0, 1);
        list.Insert(2, 4);
        list.Insert(1, 2);
        list.InsertRange(4, [7, 8]);
        list.InsertRange(4, [5, 6]);
        list.InsertRange(0, [0]);
        AssertHolds(list, Enumerable.Range(0, 9));
        list.InsertRange(1, new int[10_000]);
        AssertHolds(list, [0, .. new int[10_000], .. Enumerable.Range(1, 8)]);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(4)]
    [InlineData(int.MinValue)]
    public void No_element_is_put_where_there_is_no_place(int index)
    {
        using VirtualList<int> list = Numbers(3);
        Assert.Equal("index", Assert.Throws<ArgumentOutOfRangeException>(() => list.Insert(index, 1)).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => list.InsertRange(index, [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => list.InsertRange(nint.MaxValue, [1]));
        AssertHolds(list, 0, 1, 2);
    }

    [Fact]
    public void Within_capacity_elements_are_added_and_no_memory_is()
    {
        using var list = new VirtualList<int>(new() { InitialCapacity = 1 });
        int added = 0;
        nint capacity = list.Capacity;
        Assert.Equal((nint)PageSize.Base / sizeof(int), capacity);
        while (list.TryAddWithinCapacity(added))
        {
            added++;
        }

        Assert.Equal((capacity, capacity), (added, list.Capacity));
        AssertHolds(list, Enumerable.Range(0, added));
        using var none = new VirtualList<int>();
        Assert.False(none.TryAddWithinCapacity(1));
        Assert.Empty(none);
    }

    [Fact]
    public void Collection_expressions_make_lists()
    {
        using VirtualList<int> none = [];
        using VirtualList<int> some = [1, .. Enumerable.Range(2, 3), 5];
        Assert.Empty(none);
        AssertHolds(some, 1, 2, 3, 4, 5);
    }

    [Fact]
    public void Indexes_outside_are_refused_also_within_capacity()
    {
        using var list = new VirtualList<int>();
        Assert.Throws<ArgumentOutOfRangeException>(() => list[0]);
        list.Add(4);
        Assert.True(list.Capacity > 1);
        Assert.Equal(4, list[0]);
        foreach (nint index in (nint[])[-1, 1, list.Capacity, nint.MaxValue, nint.MinValue])
        {
            Assert.Equal("index", Assert.Throws<ArgumentOutOfRangeException>(() => list[index]).ParamName);
        }

        Assert.Equal(AddressOf(list), (nuint)Free.AsPointer(ref list[0]));
    }

    private static IEnumerable<int> Failing(int after)
    {
        for (int i = 0; i < after; i++)
        {
            yield return i;
        }

        throw new InvalidTimeZoneException();
    }

    private sealed class Part : ReadOnlySequenceSegment<int>
    {
        public Part(ReadOnlyMemory<int> memory, Part? before)
        {
            Memory = memory;
            if (before is not null)
            {
                RunningIndex = before.RunningIndex + before.Memory.Length;
                before.Next = this;
            }
        }
    }
}

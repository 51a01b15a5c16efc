#pragma warning disable MP1008 // addresses are kept to compare and to look them up

using MemoryPages.Tests.Reserved;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Virtual;

public sealed class ConcurrentListTests
{
    [Fact]
    public void Indexes_are_dense_and_lead_to_the_elements_by_value_and_by_reference()
    {
        using var list = new ConcurrentVirtualList<long>();
        Assert.Equal((0, 0), (list.Count, list.Capacity));
        for (int i = 0; i < 10_000; i++)
        {
            Assert.Equal(i, list.Add(i * 3L));
            Assert.True(list.IsPublished(i) && list.TryGet(i, out long item) && item == i * 3L);
            Assert.Equal(i + 1, list.Count);
            Assert.True(list.Capacity > i);
        }

        list[17] = -1;
        Assert.Equal(-1, list[17]);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    [InlineData(100_000_000)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Indexes_without_an_element_are_answered_and_never_read(long index)
    {
        using var list = new ConcurrentVirtualList<long>();
        list.AddRange([1, 2, 3]);
        Assert.False(list.IsPublished((nint)index));
        Assert.False(list.TryGet((nint)index, out long item));
        Assert.Equal(0, item);
        Assert.Throws<ArgumentOutOfRangeException>(() => list[(nint)index]);
    }

    [Fact]
    public void An_element_is_made_for_its_index()
    {
        using var list = new ConcurrentVirtualList<long>();
        list.Add(5);
        Assert.Equal(1, list.Add(index => index * 100));
        Assert.Equal(100, list[1]);
        Assert.Throws<ArgumentNullException>(() => list.Add(null!));
        Assert.Equal(2, list.Count);
    }

    [Fact]
    public void A_creation_that_throws_leaves_zeros_and_later_appends_go_on()
    {
        using var list = new ConcurrentVirtualList<long>();
        list.Add(1);
        Assert.Equal("no", Assert.Throws<NotSupportedException>(() => list.Add(_ => throw new NotSupportedException("no"))).Message);
        Assert.Equal(2, list.Add(3));
        Assert.Equal([1L, 0, 3], list);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(1000)]
    [InlineData(300_000)]
    public void Batches_lie_side_by_side(int length)
    {
        using var list = new ConcurrentVirtualList<int>();
        int[] batch = [.. Enumerable.Range(1, length)];
        Assert.Equal(0, list.AddRange([]));
        Assert.Equal(0, list.AddRange(batch));
        Assert.Equal(length, list.AddRange([]));
        Assert.Equal(length, list.AddRange(batch));
        Assert.Equal([.. batch, .. batch], list);
    }

    /// <summary>The slot of a creation that is under way lies at the frontier: all behind it is published by bits.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(1500)]
    public void What_is_not_published_is_skipped_and_nobody_waits_for_it(int before)
    {
        using var list = new ConcurrentVirtualList<long>();
        list.AddRange([.. Enumerable.Repeat(1L, before)]);
        using var begun = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        var slow = new Worker(() => list.Add(_ =>
        {
            begun.Set();
            go.Wait();
            return 7;
        }));
        begun.Wait(TestContext.Current.CancellationToken);
        try
        {
            for (int i = 0; i < 150; i++)
            {
                Assert.Equal(before + 1 + (i * 11), list.Add(2));
                Assert.Equal(before + 2 + (i * 11), list.AddRange([.. Enumerable.Repeat(3L, 10)]));
            }

            Assert.Equal(before + 1651, list.Count);
            Assert.False(list.IsPublished(before));
            Assert.False(list.TryGet(before, out _));
            Assert.Contains("not been published", Assert.Throws<ArgumentOutOfRangeException>(() => list[before]).Message);
            Assert.Equal((before + 1650, before + 300 + 4500), (list.Count(), list.Sum()));
            ConcurrentVirtualList<long>.Enumerator elements = list.GetEnumerator();
            while (elements.MoveNext())
            {
                Assert.NotEqual(before, elements.Index);
            }
        }
        finally
        {
            go.Set();
        }

        Assert.Equal(before, slow.End());
        Assert.Equal(7, list[before]);
        Assert.Equal(before + 1651, list.Add(9));
        Assert.Equal((before + 1652, before + 4816), (list.Count(), list.Sum()));
    }

    [Fact]
    public void Capacity_is_there_when_it_was_asked_for()
    {
        using var list = new ConcurrentVirtualList<long>(new() { MaximumCapacity = 100_000, InitialCapacity = 10 });
        Assert.InRange(list.Capacity, 10, 100_000);
        Assert.InRange(list.EnsureCapacity(5_000), 5_000, 100_000);
        list.AddRange(new long[6_000]);
        list.Reserve(20_000);
        Assert.InRange(list.Capacity, 26_000, 100_000);
        Assert.Equal(100_000, list.EnsureCapacity(100_000));
        Assert.Throws<InvalidOperationException>(() => list.EnsureCapacity(100_001));
        Assert.Throws<InvalidOperationException>(() => list.Reserve(94_001));
        Assert.Throws<ArgumentOutOfRangeException>(() => list.EnsureCapacity(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => list.Reserve(-1));
        Assert.Equal((6_000, 100_000), (list.Count, list.Capacity));
    }

    [Fact]
    public void References_stay_right_as_the_list_grows()
    {
        using var list = new ConcurrentVirtualList<long>();
        list.Add(1);
        ref long first = ref list[0];
        nint before = list.Capacity;
        list.AddRange(new long[1_000_000]);
        Assert.True(list.Capacity > 100 * before);
        first = 42;
        Assert.Equal(42, list[0]);
        Assert.True(System.Runtime.CompilerServices.Unsafe.AreSame(ref first, ref list[0]));
    }

    [Fact]
    public void A_raw_slot_is_zero_published_and_the_elements_own_memory()
    {
        using var list = new ConcurrentVirtualList<decimal>();
        list.Add(1m);
        ref decimal slot = ref list.DangerousAdd(out nint index);
        Assert.Equal((1, 0m), (index, slot));
        Assert.True(list.IsPublished(1));
        slot = 5m;
        Assert.Equal(5m, list[1]);
    }
}

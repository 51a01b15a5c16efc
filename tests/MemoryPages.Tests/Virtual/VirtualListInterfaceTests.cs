using System.Buffers;
using System.Collections;
using System.Diagnostics;
using System.Reflection;
using static MemoryPages.Tests.Reserved.VirtualListWitness;

namespace MemoryPages.Tests.Reserved;

/// <summary>The list as the framework knows lists, and enumerating.</summary>
public sealed class VirtualListInterfaceTests
{
    [Fact]
    public void It_is_an_IList()
    {
        using var list = new VirtualList<int>();
        IList<int> known = list;
        known.Add(1);
        known.Insert(0, 0);
        known.Insert(2, 2);
        known[2] = 3;
        Assert.Equal((3, 3, 1, false), (known.Count, known[2], known.IndexOf(1), known.IsReadOnly));
        known.RemoveAt(1);
        Assert.True(known.Contains(3) && known.Remove(0) && !known.Remove(7));
        int[] array = new int[3];
        known.CopyTo(array, 2);
        Assert.Equal([0, 0, 3], array);
        Assert.ThrowsAny<ArgumentException>(() => known.CopyTo(array, 3));
        Assert.ThrowsAny<ArgumentException>(() => known.CopyTo(array, -1));
        Assert.Throws<ArgumentNullException>(() => known.CopyTo(null!, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => known[1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => known[-1] = 1);
        known.Clear();
        Assert.Equal(-1, known.IndexOf(3));
        Assert.Empty(list);
    }

    [Fact]
    public void It_is_an_IReadOnlyList()
    {
        using VirtualList<int> list = Numbers(5);
        IReadOnlyList<int> known = list;
        Assert.Equal((5, 4), (known.Count, known[4]));
        Assert.Throws<ArgumentOutOfRangeException>(() => known[5]);
        Assert.Equal([0, 1, 4, 9, 16], known.Select(i => i * i));
        Assert.Equal([0, 1, 2, 3, 4], ((IEnumerable)list).Cast<int>());
    }

    [Fact]
    public void It_is_an_IBufferWriter()
    {
        using VirtualList<byte> list = [1];
        IBufferWriter<byte> writer = list;
        writer.GetSpan()[0] = 2;
        writer.Advance(1);
        AssertHolds<byte>(list, [1, 2]);
        Span<byte> span = writer.GetSpan(100_000);
        Assert.True(span.Length >= 100_000);
        span[..100_000].Fill(3);
        writer.Advance(100_000);
        Memory<byte> memory = writer.GetMemory(5);
        Assert.True(memory.Length >= 5);
        "hello"u8.CopyTo(memory.Span);
        writer.Advance(5);
        writer.Write("world"u8);
        AssertHolds<byte>(list, [1, 2, .. Enumerable.Repeat((byte)3, 100_000), .. "helloworld"u8.ToArray()]);
        nint free = list.Capacity - list.Count;
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance((int)free + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.GetSpan(-1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.GetMemory(-1));
        writer.Advance((int)free);
        Assert.Equal(list.Capacity, list.Count);
    }

    [Fact]
    public void A_full_list_gives_no_buffer()
    {
        using VirtualList<int> list = Numbers(3, new() { MaximumCapacity = 4 });
        IBufferWriter<int> writer = list;
        Assert.Equal(1, writer.GetSpan(1).Length);
        Assert.Throws<InvalidOperationException>(() => writer.GetSpan(2).Length);
        writer.Advance(1);
        Assert.Throws<InvalidOperationException>(() => writer.GetSpan().Length);
        Assert.Throws<InvalidOperationException>(() => writer.GetMemory());
    }

    [Fact]
    public void A_pinned_memory_holds_the_list()
    {
        using VirtualList<int> list = Numbers(10);
        ReadOnlyMemory<int> memory = list.ToSequence().First;
        using (MemoryHandle handle = memory.Pin())
        {
            Assert.Throws<InvalidOperationException>(list.TrimExcess);
            list.Dispose();
            Assert.Throws<ObjectDisposedException>(() => memory.Span.Length);
            unsafe
            {
                Assert.Equal(9, ((int*)handle.Pointer)[9]);
            }
        }

        Assert.Throws<ObjectDisposedException>(() => memory.Pin());
    }

    [Fact]
    public void Enumerating_allocates_nothing()
    {
        using VirtualList<long> list = new();
        list.AddRange(Enumerable.Range(0, 1000).Select(i => (long)i));
        long sum = Sum(list);
        long before = GC.GetAllocatedBytesForCurrentThread();
        sum += Sum(list);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(999_000, sum);
    }

    [Fact]
    public void Adding_allocates_nothing_on_the_heap()
    {
        using VirtualList<long> warm = [1, 2, 3];
        warm.EnsureCapacity(100_000);
        using var list = new VirtualList<long>();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100_000; i++)
        {
            list.Add(i);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_change_ends_enumerating()
    {
        foreach (Action<VirtualList<int>> change in (Action<VirtualList<int>>[])
        [
            list => list.Add(1), list => list.Pop(), list => list.Insert(0, 1), list => list.RemoveAt(0), list => list.Remove(1), list => list.Clear(),
            list => list.Sort(), list => list.Reverse(), list => list.Truncate(1), list => list.SwapRemove(0), list => list.AddRange([1]),
            list => list.RemoveAll(i => i == 1), list => list.ClearAndDecommit(), list => list.Dispose(), list => ((IBufferWriter<int>)list).Advance(1),
            list => { list.RemoveAt(0); list.Add(5); }, list => { list.Pop(); list.Add(5); }, list => { list.TryPop(out _); list.TryAddWithinCapacity(5); },
            list => { list.SwapRemove(0); list.Add(5); }, list => { list.Truncate(4); list.Add(5); }, list => { list.Clear(); list.AddRange([0, 1, 2, 3, 4]); },
            list => { list.ClearAndDecommit(); list.AddRange([0, 1, 2, 3, 4]); }, list => { list.Insert(0, 9); list.RemoveAt(0); },
        ])
        {
            using VirtualList<int> list = Numbers(5);
            VirtualList<int>.Enumerator through = list.GetEnumerator();
            Assert.True(through.MoveNext());
            change(list);
            Assert.Throws<InvalidOperationException>(() => through.MoveNext());
            Assert.Throws<InvalidOperationException>(() => through.Reset());
        }
    }

    [Fact]
    public void Enumerating_goes_on_over_what_changes_no_order()
    {
        using VirtualList<int> list = Numbers(3);
        IEnumerator<int> through = ((IEnumerable<int>)list).GetEnumerator();
        Assert.True(through.MoveNext());
        list[1] = 7;
        list.EnsureCapacity(100_000);
        list.TrimExcess();
        Assert.True(through.MoveNext());
        Assert.Equal(7, through.Current);
        Assert.Equal(7, ((IEnumerator)through).Current);
        Assert.True(through.MoveNext());
        Assert.False(through.MoveNext());
        Assert.False(through.MoveNext());
        through.Reset();
        Assert.True(through.MoveNext());
        Assert.Equal(0, through.Current);
    }

    [Fact]
    public void A_debugger_shows_counts_and_the_first_thousand()
    {
        using VirtualList<int> list = Numbers(3);
        Assert.Equal([0, 1, 2], ShownItems(list));
        list.AddRange(Enumerable.Range(3, 5000));
        Assert.Equal(Enumerable.Range(0, 1000), ShownItems(list));
        string shown = typeof(VirtualList<int>).GetCustomAttribute<DebuggerDisplayAttribute>()!.Value;
        string[] members = [.. shown.Split('{').Skip(1).Select(part => part.Split('}')[0])];
        Assert.Equal([5003, list.Capacity], members.Select(member => (nint)typeof(VirtualList<int>).GetProperty(member)!.GetValue(list)!));
        list.Dispose();
        Assert.Empty(ShownItems(list));
    }

    [Fact]
    public void Queries_and_copies_of_the_framework_work_on_it()
    {
        using VirtualList<int> list = Numbers(1000);
        Assert.Equal(Enumerable.Range(0, 1000), list.ToArray());
        Assert.Equal(Enumerable.Range(0, 1000), list.ToList());
        Assert.Equal((499_500, 999, 500), (list.Sum(), list.Max(), list.Count(i => i % 2 == 0)));
        Assert.Equal([998, 999], list.Skip(998));
        Assert.Equal(999, list.Last());
        Assert.Equal((nint)1000, list.Count);
    }

    /// <summary>What a debugger does: the type's proxy, made for the elements' type.</summary>
    private static int[] ShownItems(VirtualList<int> list)
    {
        string name = typeof(VirtualList<int>).GetCustomAttribute<DebuggerTypeProxyAttribute>()!.ProxyTypeName;
        object proxy = Activator.CreateInstance(Type.GetType(name)!.MakeGenericType(typeof(int)), list)!;
        PropertyInfo items = proxy.GetType().GetProperty("Items")!;
        Assert.Equal(DebuggerBrowsableState.RootHidden, items.GetCustomAttribute<DebuggerBrowsableAttribute>()!.State);
        return (int[])items.GetValue(proxy)!;
    }

    private static long Sum(VirtualList<long> list)
    {
        long sum = 0;
        foreach (long item in list)
        {
            sum += item;
        }

        return sum;
    }
}

using System.Diagnostics;
using System.Reflection;
using MemoryPages.Tests.Reserved;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Virtual;

/// <summary>The elements as a whole: in order, as spans, compared, changed, shown by a debugger.</summary>
public sealed unsafe class ConcurrentListViewTests
{
    [Fact]
    public void Appends_of_every_kind_keep_one_order()
    {
        using ConcurrentVirtualList<long> list = [1, 2];
        list.Add(at => at + 1);
        list.AddRange([4, 5]);
        list.DangerousAdd(out _) = 6;
        list.AddRange(new ReadOnlySpan<long>(ref list[0]));
        Assert.Equal([1L, 2, 3, 4, 5, 6, 1], list);
        Assert.Equal([1L, 6, 5, 4, 3, 2, 1], list.Reverse());
        Assert.Equal(7, list.Count());
    }

    [Fact]
    public void A_view_is_the_elements_as_a_span_to_read_and_to_write()
    {
        using ConcurrentVirtualList<int> list = [1, 2, 3, 4, 5];
        using (ReadView view = list.Read())
        {
            ReadOnlySpan<int> elements = view.Elements<int>();
            Assert.Equal([1, 2, 3, 4, 5], elements);
            Assert.Equal([2, 3], elements[1..3]);
            Assert.True(elements.SequenceEqual([1, 2, 3, 4, 5]) && !elements.SequenceEqual([1, 2, 3, 4]) && !elements.SequenceEqual([1, 2, 3, 4, 6]));
            AssertRefuses(view, ^6..);
            AssertRefuses(view, ..6);
            AssertRefuses(view, ^6..4);
            AssertRefuses(view, 1..6);
            AssertRefuses(view, 3..2);
        }

        using (WriteView view = list.Write())
        {
            foreach (ref int element in view.Elements<int>()[2..])
            {
                element += 2;
            }
        }

        (list[1], list[4]) = (list[4], list[1]);
        Assert.Equal([1, 7, 5, 6, 2], list);
    }

    private static void AssertRefuses(in ReadView view, Range range)
    {
        bool isRefused = false;
        try
        {
            _ = view.Elements<int>()[range];
        }
        catch (ArgumentOutOfRangeException)
        {
            isRefused = true;
        }

        Assert.True(isRefused, $"{range}");
    }

    /// <summary>Those that were published out of order too, as far as there is no gap.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    public void A_view_ends_before_the_first_element_that_is_not_published(int before)
    {
        using var list = new ConcurrentVirtualList<int>();
        list.AddRange(Enumerable.Repeat(1, before).ToArray());
        list.Add(_ =>
        {
            list.AddRange([2, 2]);
            Assert.Equal(before, Length(list));
            return 1;
        });
        Assert.Equal(before + 3, Length(list));
        Assert.Equal([.. Enumerable.Repeat(1, before + 1), 2, 2], list);
    }

    private static int Length(ConcurrentVirtualList<int> list)
    {
        using ReadView view = list.Read();
        return view.Elements<int>().Length;
    }

    [Fact]
    public void A_view_holds_the_memory_when_the_list_is_disposed()
    {
        ConcurrentVirtualList<int> list = [1, 2, 3];
        nuint address = (nuint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref list[0]);
        using (ReadView view = list.Read())
        {
            var ending = new Worker(() =>
            {
                list.Dispose();
                return 0;
            });
            ending.End();
            Assert.Throws<ObjectDisposedException>(() => list.Add(1));
            Assert.Equal([1, 2, 3], view.Elements<int>());
            Assert.Contains("w", SystemMap.At(address)!.Access);
        }

        Assert.DoesNotContain("w", SystemMap.At(address)?.Access ?? "");
        Assert.Throws<ObjectDisposedException>(() => { using ReadView view = list.Read(); });
        Assert.Throws<ObjectDisposedException>(() => { using WriteView view = list.Write(); });
        Assert.Throws<ObjectDisposedException>(() => { using WriteView view = list.Header(); });
    }

    [Fact]
    public void Views_beside_appends_and_the_end_show_published_elements_or_are_refused()
    {
        int rounds = OperatingSystem.IsWindows() ? 20 : 300; // one takes a quarter of a second under Wine
        for (int round = 0; round < rounds; round++)
        {
            var list = new ConcurrentVirtualList<long>(new() { MaximumCapacity = 1 << 22, NoHugePages = true });
            list.Add(1);
            Worker[] workers = [.. Enumerable.Range(0, 3)
                .Select(number => new Worker(() => number == 0 ? ViewUntilRefused(list) : AppendUntilRefused(list)))];
            Thread.SpinWait(round * 10);
            list.Dispose();
            Array.ForEach(workers, worker => worker.End());
        }
    }

    private static long AppendUntilRefused(ConcurrentVirtualList<long> list)
    {
        try
        {
            while (true)
            {
                list.Add(1);
            }
        }
        catch (Exception exception) when (exception is ObjectDisposedException or InvalidOperationException)
        {
            return 0;
        }
    }

    private static long ViewUntilRefused(ConcurrentVirtualList<long> list)
    {
        try
        {
            while (true)
            {
                using ReadView view = list.Read();
                Assert.Equal(-1, view.Elements<long>().IndexOfAnyExcept(1));
            }
        }
        catch (ObjectDisposedException)
        {
            return 0;
        }
    }

    [Fact]
    public void A_debugger_shows_what_is_published()
    {
        using var list = new ConcurrentVirtualList<int>();
        Assert.Equal("[]", Shown(list));
        list.AddRange([0, 1]);
        Assert.Equal("[0, 1]", Shown(list));
        list.Add(_ =>
        {
            list.Add(5);
            Assert.Equal("[0, 1, 5]", Shown(list));
            return 3;
        });
        Assert.Equal("[0, 1, 3, 5]", Shown(list));
    }

    private static string Shown(ConcurrentVirtualList<int> list)
    {
        DebuggerTypeProxyAttribute attribute = typeof(ConcurrentVirtualList<int>).GetCustomAttribute<DebuggerTypeProxyAttribute>()!;
        Type proxy = Type.GetType(attribute.ProxyTypeName)!.MakeGenericType(typeof(int));
        var items = (int[])proxy.GetProperty("Items")!.GetValue(Activator.CreateInstance(proxy, list))!;
        return $"[{string.Join(", ", items)}]";
    }
}

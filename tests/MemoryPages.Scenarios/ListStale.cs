#pragma warning disable MP1005 // a stale reference is used on purpose: it must be a fault

using System.Reflection;

namespace MemoryPages.Scenarios;

/// <summary>References into lists that are gone, and orders that contradict themselves.</summary>
internal static class ListStale
{
    /// <summary>Others may have the memory by now: the reference must die, and not read theirs.</summary>
    [Scenario]
    public static int ListStaleReference(string[] arguments)
    {
        VirtualList<long> list = [1, 2, 3];
        ref long item = ref list[1];
        list.Dispose();
        var others = new List<VirtualList<long>>();
        for (int i = 0; i < 100; i++)
        {
            VirtualList<long> other = [77, 77, 77];
            others.Add(other);
        }

        Console.WriteLine("disposed");
        Console.Out.Flush();
        if (arguments[0] == "write")
        {
            item = 5;
        }
        else
        {
            Console.WriteLine($"read {item}");
        }

        return others.Count;
    }

    /// <summary>An order that contradicts itself, on a list that is longer than a span.</summary>
    [Scenario]
    public static int ListSortWithoutOrder(string[] arguments)
    {
        typeof(VirtualList<int>).GetProperty("SpanLimit", BindingFlags.Static | BindingFlags.NonPublic)!.SetValue(null, (nint)100);
        using VirtualList<int> list = [.. Enumerable.Range(0, 100_000)];
        int answer = arguments[0] == "down" ? 1 : -1;
        try
        {
            list.Sort(Comparer<int>.Create((_, _) => answer));
        }
        catch (InvalidOperationException)
        {
        }

        return list.Count == 100_000 ? 0 : 1;
    }
}

namespace MemoryPages;

/// <summary>Makes lists for collection expressions: <c>using VirtualList&lt;int&gt; list = [1, 2, 3];</c>.</summary>
public static class VirtualList
{
    /// <summary>A list of the elements.</summary>
    /// <typeparam name="T">The elements' type: no references in it.</typeparam>
    /// <param name="elements">What it holds.</param>
    public static VirtualList<T> Create<T>(ReadOnlySpan<T> elements)
        where T : unmanaged
    {
        var list = new VirtualList<T>();
        list.AddRange(elements);
        return list;
    }
}

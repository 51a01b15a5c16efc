using System.Diagnostics;

namespace MemoryPages;

/// <content>Leases: while one is open the memory stays, also when another thread disposes the list.</content>
public sealed unsafe partial class ConcurrentVirtualList<T>
{
    /// <summary>
    /// A lease to read the elements (<c>view.Elements&lt;T&gt;()</c>) from the first on, as far as they are published without a gap at this moment.
    /// Use it with <c>using</c>.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The list was disposed.</exception>
    public ReadView Read() => new(_slots.Published());

    /// <summary>As <see cref="Read"/>, to write too. Writing is the program's own to synchronise with who reads.</summary>
    /// <exception cref="ObjectDisposedException">The list was disposed.</exception>
    public WriteView Write() => new(_slots.Published());

    /// <summary>
    /// A lease to read and write the header: the <see cref="ListOptions.HeaderSize"/> bytes in front of the elements, rounded up. Use it with
    /// <c>using</c>.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The list was disposed.</exception>
    public WriteView Header() => new(_slots.Header());
}

/// <summary>What a debugger shows of a list: the first elements that are published.</summary>
internal sealed class ConcurrentListDebugView<T>(ConcurrentVirtualList<T> list)
    where T : unmanaged
{
    private const int Most = 1000;

    [DebuggerBrowsable(DebuggerBrowsableState.RootHidden)]
    public T[] Items => [.. list.Take(Most)];
}

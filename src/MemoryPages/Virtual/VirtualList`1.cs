using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Platform;
using MemoryPages.Virtual;

namespace MemoryPages;

/// <summary>
/// A list that grows in place: elements never move, so a <c>ref</c> to one stays right as the list grows, and growing copies nothing.
/// </summary>
/// <remarks>
/// <para>
/// It reserves addresses for its maximum capacity, which cost nothing, and commits memory as it grows. Counts and indexes are of native size. Like
/// <see cref="List{T}"/> it is for one thread at a time.
/// </para>
/// <para>
/// A <c>ref</c> or a span into a list that was disposed is a fault, which ends the process: the addresses stay out of use for a while. A view
/// (<see cref="Read()"/>, <see cref="Write()"/>) holds the memory for as long as it is open.
/// </para>
/// </remarks>
/// <typeparam name="T">The elements' type: no references in it.</typeparam>
[CollectionBuilder(typeof(VirtualList), nameof(VirtualList.Create))]
[DebuggerDisplay("Count = {Count}, Capacity = {Capacity}")]
[DebuggerTypeProxy(typeof(VirtualListDebugView<>))]
[Owner, UsableWhenSpent]
public sealed unsafe partial class VirtualList<T> : IDisposable
    where T : unmanaged
{
    private readonly GrowingMemory _memory;
    private readonly nuint _elementOffset;
    private readonly GrowthStrategy _growth;
    private readonly T* _items;
    private nint _count;
    private nint _capacity;

    // Counts what adding does not: enumerators compare it and the count, so that adding has nothing but the count to write.
    private int _version;

    /// <summary>An empty list.</summary>
    /// <param name="options">Further wishes.</param>
    /// <exception cref="ArgumentException">The options contradict themselves or exceed the address space.</exception>
    /// <exception cref="MemoryPagesException">There are not so many addresses, or not so much memory for the initial capacity.</exception>
    public VirtualList(in ListOptions options = default)
    {
        (nuint offset, nint maximum, ReserveRequest request) = options.Layout((nuint)sizeof(T));
        _memory = GrowingMemory.Reserve(request, options, nameof(VirtualList<>));
        _elementOffset = offset;
        _growth = options.Growth;
        MaximumCapacity = maximum;
        _items = (T*)(_memory.Mapping.Address + offset);
        try
        {
            ReserveExact(options.InitialCapacity);
            ThrowIfRefused(Commit(_elementOffset, ahead: null), nameof(Reserve)); // the header
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The number of elements.</summary>
    public nint Count => _count;

    /// <summary>The number of elements for which memory is committed.</summary>
    public nint Capacity => _capacity;

    /// <summary>The most elements that the list can ever hold.</summary>
    public nint MaximumCapacity { get; }

    /// <summary>An element, by reference: it stays right until the element is removed or the list disposed, however the list grows.</summary>
    /// <param name="index">Which.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public ref T this[nint index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((nuint)index >= (nuint)_count)
            {
                ThrowIndex(index, _count);
            }

            return ref _items[index];
        }
    }

    /// <summary>A lease to read the elements (<c>view.Elements&lt;T&gt;()</c>). Use it with <c>using</c>.</summary>
    /// <exception cref="ObjectDisposedException">The list was disposed.</exception>
    public ReadView Read() => Read(0, _count);

    /// <summary>As <see cref="Read()"/>, of a part: what a list needs that holds more than a span can.</summary>
    /// <param name="index">The first element.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no such elements.</exception>
    /// <exception cref="ObjectDisposedException">The list was disposed.</exception>
    public ReadView Read(nint index, nint count) => new(View(index, count));

    /// <summary>A lease to read and write the elements (<c>view.Elements&lt;T&gt;()</c>). Use it with <c>using</c>.</summary>
    /// <exception cref="ObjectDisposedException">The list was disposed.</exception>
    public WriteView Write() => Write(0, _count);

    /// <summary>As <see cref="Write()"/>, of a part: what a list needs that holds more than a span can.</summary>
    /// <param name="index">The first element.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no such elements.</exception>
    /// <exception cref="ObjectDisposedException">The list was disposed.</exception>
    public WriteView Write(nint index, nint count) => new(View(index, count));

    /// <summary>
    /// A lease to read and write the header: the <see cref="ListOptions.HeaderSize"/> bytes in front of the elements, rounded up. Use it with
    /// <c>using</c>.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The list was disposed.</exception>
    public WriteView Header() => new(Lease(0, _elementOffset));

    /// <summary>Gives everything back, when the last view ends. Idempotent.</summary>
    public void Dispose()
    {
        // First nothing is there to be used any more, then it goes.
        Clear();
        _capacity = 0;
        _memory.Mapping.CloseOnceIdle();
    }

    [DoesNotReturn]
    private static void ThrowIndex(nint index, nint count) =>
        throw new ArgumentOutOfRangeException(nameof(index), index, $"The list has {count} elements.");

    /// <summary>Elements from an index on, as many as a span can hold and the list has.</summary>
    private Span<T> Elements(nint start, nint end) => new(_items + start, (int)Math.Min(end - start, SpanLimit));

    private PageView View(nint index, nint count)
    {
        ThrowIfOutside(index, count);
        return Lease(EndOf(index), (nuint)count * (nuint)sizeof(T));
    }

    private PageView Lease(nuint offset, nuint length)
    {
        MappingHandle mapping = _memory.Mapping;
        mapping.Acquire(default);
        return new PageView(mapping, mapping.Address + offset, length);
    }
}

/// <summary>What a debugger shows of a list: its first elements.</summary>
internal sealed class VirtualListDebugView<T>(VirtualList<T> list)
    where T : unmanaged
{
    private const int Most = 1000;

    [DebuggerBrowsable(DebuggerBrowsableState.RootHidden)]
    public T[] Items
    {
        get
        {
            var items = new T[(int)Math.Min(list.Count, Most)];
            list.CopyTo(0, items);
            return items;
        }
    }
}

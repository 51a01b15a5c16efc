using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MemoryPages.Ownership;
using MemoryPages.Virtual;

namespace MemoryPages;

/// <summary>
/// A list that any thread appends to, without locks, and gets the index of what it added. Elements never move and are never removed.
/// </summary>
/// <remarks>
/// <para>
/// Appending claims an index, writes the element, and publishes it. Readers see an element only when it is published, whole. One that a slow thread
/// has claimed and not yet published is skipped: nobody waits for it. Only growing takes a lock, once in a doubling.
/// </para>
/// <para>All members may be called from any thread at any time, <see cref="Dispose"/> included; see there for reading meanwhile.</para>
/// </remarks>
/// <typeparam name="T">The elements' type: no references in it.</typeparam>
[DebuggerDisplay("Count = {Count}, Capacity = {Capacity}")]
[DebuggerTypeProxy(typeof(ConcurrentListDebugView<>))]
[Owner, UsableWhenSpent]
public sealed unsafe partial class ConcurrentVirtualList<T> : IDisposable
    where T : unmanaged
{
    private readonly T* _items;

    // The protocol of the threads, step by step: see there.
    private AppendSlots<Unobserved> _slots;

    /// <summary>An empty list.</summary>
    /// <param name="options">Further wishes.</param>
    /// <exception cref="ArgumentException">The options contradict themselves or exceed the address space.</exception>
    /// <exception cref="MemoryPagesException">
    /// There are not so many addresses, or not so much memory for the header and the initial capacity.
    /// </exception>
    public ConcurrentVirtualList(in ListOptions options = default)
    {
        _slots = new AppendSlots<Unobserved>((nuint)sizeof(T), options);
        _items = (T*)_slots.Address;
        try
        {
            EnsureCapacity(options.InitialCapacity);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>
    /// The number of indexes that were handed out: elements, some of which may be being written. A snapshot; 0 when the list was disposed.
    /// </summary>
    public nint Count => _slots.Count;

    /// <summary>An element, by reference. It stays right until the list is disposed. Writing to it is the program's own to synchronise.</summary>
    /// <param name="index">Which.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not published: never claimed, or not written yet. Or the list was disposed.</exception>
    public ref T this[nint index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (!_slots.IsPublished(index))
            {
                ThrowUnpublished(index);
            }

            return ref _items[index];
        }
    }

    /// <summary>Appends an element. From any thread.</summary>
    /// <param name="item">The element.</param>
    /// <returns>Its index, for good.</returns>
    /// <exception cref="InvalidOperationException">The list holds its maximum.</exception>
    /// <exception cref="ObjectDisposedException">The list was disposed.</exception>
    /// <exception cref="MemoryPagesException">
    /// The system has no memory to promise. Nothing was appended, and no index was used up, with one exception: where others took all that was
    /// committed between this append's look at the capacity and its claim (a batch, or more than a thousand threads), its index is used up. That
    /// element is published as zeros when the list has grown over it.
    /// </exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Add(T item)
    {
        nint index = _slots.Claim();
        _items[index] = item;
        _slots.Publish(index);
        return index;
    }

    /// <summary>Appends an element that is made for its index. From any thread.</summary>
    /// <param name="create">
    /// Gives the element for an index. If it throws, the element is published as zeros, and the exception goes on. It may append to the list, not
    /// dispose it.
    /// </param>
    /// <returns>Its index, for good.</returns>
    /// <inheritdoc cref="Add(T)" path="/exception"/>
    public nint Add(Func<nint, T> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        nint index = _slots.Claim();
        try
        {
            _items[index] = create(index);
        }
        finally
        {
            _slots.Publish(index);
        }

        return index;
    }

    /// <summary>Appends elements side by side, in one claim. From any thread; under contention far cheaper than one by one.</summary>
    /// <param name="items">The elements; they may be the list's own. None: nothing is appended.</param>
    /// <returns>The index of the first, for good.</returns>
    /// <exception cref="InvalidOperationException">They are more than the list's maximum leaves room for. None was appended.</exception>
    /// <exception cref="ObjectDisposedException">The list was disposed.</exception>
    /// <exception cref="MemoryPagesException">The system has no memory to promise. None was appended, and no index was used up.</exception>
    public nint AddRange(ReadOnlySpan<T> items)
    {
        if (items.IsEmpty)
        {
            _slots.ThrowIfClosed();
            return Count;
        }

        nint index = _slots.ClaimRange(items.Length);
        items.CopyTo(new Span<T>(_items + index, items.Length));
        _slots.Publish(index, items.Length);
        return index;
    }

    /// <summary>An element, if it is published.</summary>
    /// <param name="index">Which; any number is legal.</param>
    /// <param name="item">It.</param>
    [UsableWhenSpent]
    public bool TryGet(nint index, out T item)
    {
        bool isPublished = IsPublished(index);
        item = isPublished ? _items[index] : default;
        return isPublished;
    }

    /// <summary>Whether an element can be read.</summary>
    /// <param name="index">Which; any number is legal.</param>
    [UsableWhenSpent]
    public bool IsPublished(nint index) => _slots.IsPublished(index);

    /// <summary>
    /// Ends the list and gives everything back, when the last view ends. Waits for appends under way; later ones are refused. Idempotent.
    /// </summary>
    /// <remarks>
    /// An append beside it returns its index, having written the list's own memory, or throws <see cref="ObjectDisposedException"/>, having written
    /// nothing. Reading while another thread disposes is a fault at worst, which ends the process, and not a stranger's bytes: the addresses stay out
    /// of use for a while. Not to be called from the function that makes an element, which it would wait for.
    /// </remarks>
    public void Dispose() => _slots.End();

    /// <summary>Claims and publishes a slot that still holds zeros.</summary>
    internal ref T AddZeroed(out nint index)
    {
        index = _slots.Claim();
        _slots.Publish(index);
        return ref _items[index];
    }

    [DoesNotReturn]
    private void ThrowUnpublished(nint index) => throw new ArgumentOutOfRangeException(
        nameof(index),
        index,
        index < 0 || index >= Count ? $"The list has {Count} elements." : "This element has not been published yet by the thread that adds it.");
}

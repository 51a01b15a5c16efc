using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Platform;
using MemoryPages.Virtual;

namespace MemoryPages;

/// <summary>A list that any thread appends to, without locks, and gets the index of what it added. Elements never move and are never removed.</summary>
/// <remarks>
/// <para>
/// Appending claims an index, writes the element, and publishes it. Readers see an element only when it is published, whole. One that a slow thread has
/// claimed and not yet published is skipped: nobody waits for it.
/// </para>
/// <para>
/// <b>Why it is right.</b> An index is claimed by an interlocked add, so it has one writer. The writer <i>publishes</i> in one of two ways, and a reader
/// asks both:
/// </para>
/// <list type="number">
/// <item>
/// In order: if the frontier, below which all is published, is its index, it stores the frontier plus one, releasing the element's write. Nobody else can
/// move the frontier meanwhile: claimants of other indexes compare it with theirs, and helpers (2) move it only over set bits, and this bit is not set.
/// </item>
/// <item>
/// Overtaken or overtaking: it sets the slot's bit, a full fence after the element's write, and then helps: while the frontier's bit is set, it moves the
/// frontier on by compare-and-swap. The frontier only grows, so a failed swap means that another helper was faster.
/// </item>
/// </list>
/// <para>
/// A writer of kind 1 does not look whether the bits behind it are set: that would cost a fence for each element. The frontier may then lag until
/// the next writer helps. Readers do not mind: the bits are set. Reading the frontier or a bit acquires, which pairs with the release above; on arm64 both
/// are needed and both are there (<see cref="Volatile"/>, <see cref="Interlocked"/>).
/// </para>
/// </remarks>
/// <typeparam name="T">The elements' type: no references in it.</typeparam>
[DebuggerDisplay("Count = {Count}, Capacity = {Capacity}")]
[Owner, UsableWhenSpent]
public sealed unsafe partial class ConcurrentVirtualList<T> : IDisposable
    where T : unmanaged
{
    /// <summary>
    /// Slots committed beyond the capacity that appends check: so many threads can be between that check and their claim at once. Should there be more, the
    /// latecomers grow the list themselves.
    /// </summary>
    private const nint Slack = 1024;

    /// <summary>What a closed list has handed out: far below zero, so that claims which come too late stay there.</summary>
    private const long ClosedMark = long.MinValue / 2;

    private readonly GrowingMemory _memory;
    private readonly GrowingMemory _bitMemory;
    private readonly ReadyBits _ready;
    private readonly GrowthStrategy _growth;
    private readonly T* _items;

    // What every append writes: alone on its cache lines.
    private AppendState _state;

    /// <summary>An empty list.</summary>
    /// <param name="options">Further wishes; a header is not among them here.</param>
    /// <exception cref="ArgumentException">The options contradict themselves or exceed the address space.</exception>
    /// <exception cref="MemoryPagesException">There are not so many addresses, or not so much memory for the initial capacity.</exception>
    public ConcurrentVirtualList(in ListOptions options = default)
    {
        (nuint offset, nint maximum, ReserveRequest request) = options.Layout((nuint)sizeof(T));
        if (offset != 0)
        {
            throw new ArgumentException("A concurrent list has no header.", nameof(options));
        }

        MaximumCapacity = maximum;
        _growth = options.Growth;
        _memory = GrowingMemory.Reserve(request, options);
        try
        {
            _bitMemory = GrowingMemory.Reserve(
                new ReserveRequest
                {
                    Length = PageSize.AlignUp(Math.Max(ReadyBits.BytesFor(maximum), 1), PageSize.Base),
                    Alignment = PageSize.Base,
                },
                new ListOptions { NoHugePages = true, Name = options.Name });
        }
        catch
        {
            _memory.Mapping.CloseOnceIdle();
            throw;
        }

        _items = (T*)_memory.Mapping.Address;
        _ready = new ReadyBits((ulong*)_bitMemory.Mapping.Address);
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

    /// <summary>The number of indexes that were handed out: elements, some of which may be being written. A snapshot.</summary>
    public nint Count => (nint)Math.Clamp(Volatile.Read(ref _state.Claimed), 0, MaximumCapacity);

    /// <summary>The number of elements for which memory is committed. A snapshot; it only grows.</summary>
    public nint Capacity => CommittedSlots;

    /// <summary>The most elements that the list can ever hold.</summary>
    public nint MaximumCapacity { get; }

    private nint CommittedSlots => (nint)Volatile.Read(ref _state.Hard);

    /// <summary>An element, by reference. It stays right until the list is disposed. Writing to it is the program's own to synchronise.</summary>
    /// <param name="index">Which.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not published: never claimed, or not written yet.</exception>
    public ref T this[nint index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((nuint)index >= (nuint)Volatile.Read(ref _state.Frontier) && !IsPublishedOutOfOrder(index))
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
    /// <exception cref="MemoryPagesException">The system has no memory to promise. No index was used up.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Add(T item)
    {
        nint index = Claim(1);
        _items[index] = item;
        Publish(index);
        return index;
    }

    /// <summary>Appends an element that is made for its index. From any thread.</summary>
    /// <param name="create">Gives the element for an index. If it throws, the element is published as zeros, and the exception goes on.</param>
    /// <returns>Its index, for good.</returns>
    /// <inheritdoc cref="Add(T)" path="/exception"/>
    public nint Add(Func<nint, T> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        nint index = Claim(1);
        try
        {
            _items[index] = create(index);
        }
        finally
        {
            Publish(index);
        }

        return index;
    }

    /// <summary>Appends elements side by side, in one claim. From any thread; under contention far cheaper than one by one.</summary>
    /// <param name="items">The elements.</param>
    /// <returns>The index of the first, for good.</returns>
    /// <inheritdoc cref="Add(T)" path="/exception"/>
    public nint AddRange(ReadOnlySpan<T> items)
    {
        if (items.IsEmpty)
        {
            return Count;
        }

        nint index = ClaimSlowly(items.Length); // by compare-and-swap: batches could overtake the check by more than the slack
        items.CopyTo(new Span<T>(_items + index, items.Length));
        Publish(index, items.Length);
        return index;
    }

    /// <summary>An element, if it is published.</summary>
    /// <param name="index">Which; any number is legal.</param>
    /// <param name="item">It.</param>
    public bool TryGet(nint index, out T item)
    {
        bool isPublished = IsPublished(index);
        item = isPublished ? _items[index] : default;
        return isPublished;
    }

    /// <summary>Whether an element can be read.</summary>
    /// <param name="index">Which; any number is legal.</param>
    public bool IsPublished(nint index) => (nuint)index < (nuint)Volatile.Read(ref _state.Frontier) || IsPublishedOutOfOrder(index);

    /// <summary>Ends the list and gives everything back. Waits for appends that are under way; later ones are refused. Idempotent.</summary>
    /// <remarks>
    /// Reading while another thread disposes is a fault at worst, which ends the process: the addresses stay out of use for a while. Not to be called from
    /// the function that makes an element.
    /// </remarks>
    public void Dispose()
    {
        // One cut: claims before it are waited for, claims after it find themselves far below zero and write nothing.
        long claimed = Interlocked.Exchange(ref _state.Claimed, ClosedMark);
        if (claimed < 0)
        {
            return;
        }

        var spin = default(SpinWait);
        claimed = Math.Min(claimed, CommittedSlots); // nobody can be writing behind
        while (_ready.FirstUnset((nint)Volatile.Read(ref _state.Frontier), (nint)claimed) < claimed || Volatile.Read(ref _state.Helping) != 0)
        {
            spin.SpinOnce();
        }

        Volatile.Write(ref _state.Frontier, 0);
        _memory.Mapping.CloseOnceIdle();
        _bitMemory.Mapping.CloseOnceIdle();
    }

    /// <summary>Claims and publishes a slot that still holds zeros.</summary>
    internal ref T AddZeroed(out nint index)
    {
        index = Claim(1);
        Publish(index);
        return ref _items[index];
    }

    /// <summary>Takes indexes of which memory is committed. None is used up when it throws.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private nint Claim(nint count)
    {
        // Soft is Slack below what is committed: a claim that overtakes this check still finds memory.
        if (Volatile.Read(ref _state.Claimed) + count > Volatile.Read(ref _state.Soft))
        {
            return ClaimSlowly(count);
        }

        nint index = (nint)(Interlocked.Add(ref _state.Claimed, count) - count);
        if ((ulong)(index + count) > (ulong)(Volatile.Read(ref _state.Soft) + Slack))
        {
            CoverOvertaken(index, count);
        }

        return index;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Publish(nint index)
    {
        if (Volatile.Read(ref _state.Frontier) == index)
        {
            Volatile.Write(ref _state.Frontier, index + 1);
        }
        else
        {
            Interlocked.Increment(ref _state.Helping);
            _ready.Set(index);
            Help();
            Interlocked.Decrement(ref _state.Helping);
        }
    }

    private void Publish(nint index, nint count)
    {
        if (Volatile.Read(ref _state.Frontier) == index)
        {
            Volatile.Write(ref _state.Frontier, index + count);
        }
        else
        {
            Interlocked.Increment(ref _state.Helping);
            _ready.Set(index, count);
            Help();
            Interlocked.Decrement(ref _state.Helping);
        }
    }

    /// <summary>Moves the frontier over what was published out of order. One attempt: if another thread moves it first, the next append helps.</summary>
    private void Help()
    {
        nint frontier = (nint)Volatile.Read(ref _state.Frontier);
        nint next = _ready.FirstUnset(frontier, CommittedSlots);
        if (next > frontier)
        {
            Interlocked.CompareExchange(ref _state.Frontier, next, frontier);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsPublishedOutOfOrder(nint index) => (nuint)index < (nuint)Math.Min(Count, CommittedSlots) && _ready.IsSet(index);

    [DoesNotReturn]
    private void ThrowUnpublished(nint index) => throw new ArgumentOutOfRangeException(
        nameof(index), index, index < 0 || index >= Count ? $"The list has {Count} elements." : "This element has not been published yet by the thread that adds it.");
}

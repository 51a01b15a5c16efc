using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MemoryPages.Allocators;
using MemoryPages.Ownership;

namespace MemoryPages;

/// <summary>
/// Owns values in an allocator's memory, which grows with them. Disposing it disposes each of them, if they have a Dispose, in order, and frees the
/// memory.
/// </summary>
/// <remarks>
/// <para>
/// A pointer and two lengths, and itself an unmanaged value. Everything else is as with a <see cref="Box{T, TAllocator}"/>: how it finds its
/// allocator, that there is one of each. <c>default</c> has no memory and no allocator, and takes no elements.
/// </para>
/// <para>
/// Growing doubles the memory, where it stands if the allocator can do that, else elsewhere: spans and references to elements end with every member
/// that may grow, cut or trim, which the analyzer reports (MP1005). Where elements must stay in place, or become very many, take a
/// <see cref="VirtualList{T}"/>. Not thread-safe.
/// </para>
/// </remarks>
/// <typeparam name="T">The values' type: no references in it.</typeparam>
/// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
[DebuggerDisplay("{ToString(),nq}")]
[DebuggerTypeProxy(typeof(BoxedListDebugView<,>))]
[MoveOnly, Owner]
public unsafe partial struct BoxedList<T, TAllocator> : IDisposable
    where T : unmanaged
    where TAllocator : IAllocator
{
    private T* _items;
    private nuint _count;
    private nuint _capacity;

    private BoxedList(T* items, nuint count, nuint capacity)
    {
        _items = items;
        _count = count;
        _capacity = capacity;
    }

    /// <summary>The number of elements; 0 where it is <c>default</c>, or was disposed or moved.</summary>
    [UsableWhenSpent]
    public readonly nuint Count => _count;

    /// <summary>The number of elements that it has memory for.</summary>
    [UsableWhenSpent]
    public readonly nuint Capacity => _capacity;

    /// <inheritdoc cref="BoxedSpan{T, TAllocator}.Span"/>
    [UnscopedRef]
    public readonly Span<T> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (_count > int.MaxValue)
            {
                BoxErrors.ThrowTooMany(_count);
            }

            return new Span<T>(_items, (int)_count);
        }
    }

    /// <inheritdoc cref="BoxedSpan{T, TAllocator}.this[nuint]"/>
    [UnscopedRef]
    public readonly ref T this[nuint index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (index >= _count)
            {
                BoxErrors.ThrowIndex(index, _count, isEmpty: _items == null);
            }

            return ref _items[index];
        }
    }

    /// <inheritdoc cref="BoxedSpan{T, TAllocator}.this[nuint]"/>
    [UnscopedRef]
    public readonly ref T this[nint index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref this[(nuint)index];
    }

    /// <inheritdoc cref="BoxedSpan{T, TAllocator}.GetEnumerator"/>
    [UnscopedRef]
    public readonly BoxedSpanEnumerator<T> GetEnumerator() => new(_items, _count);

    /// <summary>An element more, at the end.</summary>
    /// <param name="value">The element. If there is no memory for it, it is disposed.</param>
    /// <exception cref="MemoryPagesException">There is no memory to be had: the list is as it was.</exception>
    /// <exception cref="ObjectDisposedException">The list was disposed or moved, or is a default one, or its allocator was lost.</exception>
    [Invalidates]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add([Consumes] T value)
    {
        if (_count == _capacity)
        {
            GrowOrDrop(ref value);
        }

        _items[_count++] = value;
    }

    /// <summary>An element more, at the end.</summary>
    /// <param name="value">The element.</param>
    /// <returns>False where there is no memory to be had: the list is as it was, and the value is still the caller's.</returns>
    /// <exception cref="ObjectDisposedException">The list was disposed or moved, or is a default one, or its allocator was lost.</exception>
    [Invalidates]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAdd([Consumes(WhenTrue = true)] T value)
    {
        if (_count == _capacity && !TryGrow(1, out _))
        {
            return false;
        }

        _items[_count++] = value;
        return true;
    }

    /// <summary>The elements of a span, copied, at the end. They may be the list's own.</summary>
    /// <param name="source">The elements, which are copied.</param>
    /// <exception cref="NotSupportedException">They have a Dispose: whatever they own would be owned twice.</exception>
    /// <exception cref="MemoryPagesException">There is no memory to be had: the list is as it was.</exception>
    /// <exception cref="ObjectDisposedException">The list was disposed or moved, or is a default one, or its allocator was lost.</exception>
    [Invalidates]
    public void AddRange(ReadOnlySpan<T> source)
    {
        TAllocator? allocator = default;
        if (!TryAddRange(source, ref allocator))
        {
            throw BoxMemory<TAllocator>.Refusal(allocator!, nameof(AddRange), Layout.Of<T>(_count + (nuint)source.Length));
        }
    }

    /// <summary>The elements of a span, copied, at the end. They may be the list's own.</summary>
    /// <param name="source">The elements, which are copied.</param>
    /// <returns>False where there is no memory to be had: the list is as it was.</returns>
    /// <exception cref="NotSupportedException">They have a Dispose: whatever they own would be owned twice.</exception>
    /// <exception cref="ObjectDisposedException">The list was disposed or moved, or is a default one, or its allocator was lost.</exception>
    [Invalidates]
    public bool TryAddRange(ReadOnlySpan<T> source)
    {
        TAllocator? allocator = default;
        return TryAddRange(source, ref allocator);
    }

    /// <summary>Takes the last element off.</summary>
    /// <returns>The element, which is not disposed, but the caller's.</returns>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    [Invalidates]
    public T Pop() => TryPop(out T value) ? value : throw new InvalidOperationException("The list is empty.");

    /// <summary>Takes the last element off.</summary>
    /// <param name="value">The element, which is not disposed, but the caller's; <c>default</c> where there is none.</param>
    /// <returns>False where there is none.</returns>
    [Invalidates]
    public bool TryPop(out T value)
    {
        bool popped = _count != 0;
        value = popped ? _items[--_count] : default;
        return popped;
    }

    /// <summary>
    /// Keeps the first elements only. The others are disposed, if they have a Dispose, in order and all of them: the first exception surfaces.
    /// </summary>
    /// <param name="count">How many are kept. The capacity stays.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many.</exception>
    [Invalidates]
    public void Truncate(nuint count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _count);
        nuint cut = _count - count;
        _count = count; // first: a cleanup that comes back here finds nothing to do
        if (Cleanup<T>.IsNeeded)
        {
            Cleanup<T>.RunAll(_items + count, cut);
        }
    }

    /// <summary>Disposes all elements, if they have a Dispose. The capacity stays.</summary>
    [Invalidates]
    public void Clear() => Truncate(0);

    /// <summary>The list, moved: to another variable, into a value, to a method. This one is a default one afterwards.</summary>
    [Consumes]
    public BoxedList<T, TAllocator> Move()
    {
        BoxedList<T, TAllocator> moved = new(_items, _count, _capacity);
        this = default;
        return moved;
    }

    /// <summary>The number of the elements and their type.</summary>
    public override readonly string ToString() => $"{typeof(T).Name}[{_count}]";

    /// <inheritdoc cref="BoxedSpan{T, TAllocator}.Dispose"/>
    public void Dispose()
    {
        (nuint items, nuint count, nuint capacity) = ((nuint)_items, _count, _capacity);
        this = default; // first: a cleanup that comes back here finds nothing to do
        BoxMemory<TAllocator>.DropAll((T*)items, count, capacity);
    }
}

/// <summary>What a debugger shows of a list: its elements.</summary>
internal sealed class BoxedListDebugView<T, TAllocator>(BoxedList<T, TAllocator> list)
    where T : unmanaged
    where TAllocator : IAllocator
{
    [DebuggerBrowsable(DebuggerBrowsableState.RootHidden)]
    public T[] Items { get; } = new BoxedSpanDebugView<T, TAllocator>(list.Elements).Items;
}

using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MemoryPages.Allocators;
using MemoryPages.Ownership;

namespace MemoryPages;

/// <summary>
/// Owns neighbouring values in an allocator's memory, of a length that does not change. Disposing it disposes each of them, if they have a Dispose,
/// in order, and frees the memory.
/// </summary>
/// <remarks>
/// <para>
/// A pointer and a length. Everything else is as with a <see cref="Box{T, TAllocator}"/>: how it finds its allocator, that there is one of each.
/// </para>
/// <para>Not thread-safe. <c>default</c> has no elements and no memory.</para>
/// </remarks>
/// <typeparam name="T">The values' type: no references in it.</typeparam>
/// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
[DebuggerDisplay("{ToString(),nq}")]
[DebuggerTypeProxy(typeof(BoxedSpanDebugView<,>))]
[MoveOnly, Owner]
public unsafe struct BoxedSpan<T, TAllocator> : IDisposable
    where T : unmanaged
    where TAllocator : IAllocator
{
    private T* _items;
    private nuint _length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal BoxedSpan(T* items, nuint length)
    {
        _items = items;
        _length = length;
    }

    /// <summary>The number of elements; 0 where it is <c>default</c>, or was disposed or moved.</summary>
    [UsableWhenSpent]
    public readonly nuint Length => _length;

    /// <summary>All elements.</summary>
    /// <exception cref="InvalidOperationException">There are more than 2^31-1: take a part.</exception>
    [UnscopedRef]
    public readonly Span<T> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (_length > int.MaxValue)
            {
                BoxErrors.ThrowTooMany(_length);
            }

            return new Span<T>(_items, (int)_length);
        }
    }

    /// <summary>An element, by reference.</summary>
    /// <param name="index">Which.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    /// <exception cref="ObjectDisposedException">It has no memory: it was disposed or moved.</exception>
    [UnscopedRef]
    public readonly ref T this[nuint index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (index >= _length)
            {
                BoxErrors.ThrowIndex(index, _length, isEmpty: _items == null);
            }

            return ref _items[index];
        }
    }

    /// <inheritdoc cref="this[nuint]"/>
    [UnscopedRef]
    public readonly ref T this[nint index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref this[(nuint)index];
    }

    /// <summary>A part of the elements.</summary>
    /// <param name="start">The first.</param>
    /// <param name="length">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no such elements.</exception>
    [UnscopedRef]
    public readonly Span<T> Slice(nuint start, int length)
    {
        if (start > _length || (nuint)(uint)length > _length - start || length < 0)
        {
            ThrowPart(start, length);
        }

        return new Span<T>(_items + start, length);
    }

    /// <summary>For <c>foreach</c>, also by <c>ref</c>.</summary>
    [UnscopedRef]
    public readonly BoxedSpanEnumerator<T> GetEnumerator() => new(_items, _length);

    /// <summary>The elements, moved: to another variable, into a value, to a method. This one has none afterwards.</summary>
    [Consumes]
    public BoxedSpan<T, TAllocator> Move()
    {
        T* items = Release(out nuint length);
        return new BoxedSpan<T, TAllocator>(items, length);
    }

    /// <summary>The same elements once more, from the same allocator.</summary>
    /// <exception cref="NotSupportedException">They have a Dispose: whatever they own would be owned twice.</exception>
    /// <exception cref="MemoryPagesException">There is no memory to be had.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed or moved, or its allocator was lost.</exception>
    [return: Owned]
    public readonly BoxedSpan<T, TAllocator> Clone()
    {
        TAllocator allocator = AllocatorToClone();
        BoxedSpan<T, TAllocator> clone = Make(_length, allocator, zeroed: false, nameof(Clone));
        clone.Fill(_items);
        return clone;
    }

    /// <summary>As <see cref="Clone"/>; false where there is no memory to be had.</summary>
    /// <param name="clone">The same elements once more, or none.</param>
    /// <exception cref="NotSupportedException">They have a Dispose: whatever they own would be owned twice.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed or moved, or its allocator was lost.</exception>
    public readonly bool TryClone([Owned] out BoxedSpan<T, TAllocator> clone)
    {
        bool made = TryMake(_length, AllocatorToClone(), zeroed: false, out clone);
        clone.Fill(_items);
        return made;
    }

    /// <summary>The type and number of the elements.</summary>
    public override readonly string ToString() => $"{typeof(T).Name}[{_length}]";

    /// <summary>
    /// Disposes the elements, if they have a Dispose, the first one first and all of them, and frees the memory, also if that throws: the first
    /// exception surfaces. Idempotent, as long as it is not copied.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// This is a copy of one that was disposed: found out where the allocator is a class, if at all.
    /// </exception>
    public void Dispose()
    {
        T* items = Release(out nuint length);
        BoxMemory<TAllocator>.DropAll(items, length, length);
    }

    internal static BoxedSpan<T, TAllocator> Make(nuint length, TAllocator allocator, bool zeroed, string operation) =>
        TryMake(length, allocator, zeroed, out BoxedSpan<T, TAllocator> span)
            ? span
            : throw BoxMemory<TAllocator>.Refusal(allocator, operation, Layout.Of<T>(length));

    internal static bool TryMake(nuint length, TAllocator allocator, bool zeroed, out BoxedSpan<T, TAllocator> span)
    {
        bool made = BoxMemory<TAllocator>.TryAllocate(allocator, Layout.Of<T>(length), zeroed, out void* pointer);
        span = new BoxedSpan<T, TAllocator>((T*)pointer, made ? length : 0);
        return made;
    }

    /// <summary>Takes the elements out, without an end of them; null where there are none.</summary>
    internal T* Release(out nuint length)
    {
        T* items = _items;
        length = _length;
        _items = null;
        _length = 0;
        return items;
    }

    internal readonly void Fill(T* source) => System.Runtime.InteropServices.NativeMemory.Copy(source, _items, _length * (nuint)sizeof(T));

    private readonly TAllocator AllocatorToClone()
    {
        BoxErrors.ThrowIfOwning<T>(nameof(Clone));
        return BoxMemory<TAllocator>.Of(_items, Layout.Of<T>(_length));
    }

    [DoesNotReturn]
    private readonly void ThrowPart(nuint start, int length) =>
        throw new ArgumentOutOfRangeException(nameof(start), start, $"There are {_length} elements: not {length} from {start} on.");
}

/// <summary>What a debugger shows of elements.</summary>
internal sealed class BoxedSpanDebugView<T, TAllocator>(BoxedSpan<T, TAllocator> span)
    where T : unmanaged
    where TAllocator : IAllocator
{
    private const int Most = 1000;

    [DebuggerBrowsable(DebuggerBrowsableState.RootHidden)]
    public T[] Items { get; } = span.Slice(0, (int)nuint.Min(span.Length, Most)).ToArray();
}

using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MemoryPages.Allocators;
using MemoryPages.Ownership;

namespace MemoryPages;

/// <summary>A <see cref="BoxedSpan{T, TAllocator}"/> of the native heap, which is used where no allocator is named.</summary>
/// <remarks>The two convert into each other, at no cost.</remarks>
/// <typeparam name="T">The values' type: no references in it.</typeparam>
[DebuggerDisplay("{ToString(),nq}")]
[DebuggerTypeProxy(typeof(BoxedSpanDebugView<>))]
[MoveOnly, Owner]
public struct BoxedSpan<T> : IDisposable
    where T : unmanaged
{
    private BoxedSpan<T, NativeAllocator> _span;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal BoxedSpan([Consumes] BoxedSpan<T, NativeAllocator> span) => _span = span.Move();

    /// <inheritdoc cref="BoxedSpan{T, TAllocator}.Length"/>
    [UsableWhenSpent]
    public readonly nuint Length => _span.Length;

    /// <inheritdoc cref="BoxedSpan{T, TAllocator}.Span"/>
    [UnscopedRef]
    public readonly Span<T> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _span.Span;
    }

    /// <inheritdoc cref="BoxedSpan{T, TAllocator}.this[nuint]"/>
    [UnscopedRef]
    public readonly ref T this[nuint index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _span[index];
    }

    /// <inheritdoc cref="BoxedSpan{T, TAllocator}.this[nuint]"/>
    [UnscopedRef]
    public readonly ref T this[nint index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _span[index];
    }

    /// <summary>The same elements, with their allocator named.</summary>
    /// <param name="span">The elements, which are handed on.</param>
    public static implicit operator BoxedSpan<T, NativeAllocator>([Consumes] BoxedSpan<T> span) => span._span.Move();

    /// <summary>The same elements, without the allocator's name.</summary>
    /// <param name="span">The elements, which are handed on.</param>
    public static implicit operator BoxedSpan<T>([Consumes] BoxedSpan<T, NativeAllocator> span) => new(span.Move());

    /// <inheritdoc cref="BoxedSpan{T, TAllocator}.Slice"/>
    [UnscopedRef]
    public readonly Span<T> Slice(nuint start, int length) => _span.Slice(start, length);

    /// <inheritdoc cref="BoxedSpan{T, TAllocator}.GetEnumerator"/>
    [UnscopedRef]
    public readonly BoxedSpanEnumerator<T> GetEnumerator() => _span.GetEnumerator();

    /// <inheritdoc cref="BoxedSpan{T, TAllocator}.Move"/>
    [Consumes]
    public BoxedSpan<T> Move() => new(_span.Move());

    /// <inheritdoc cref="BoxedSpan{T, TAllocator}.Clone"/>
    [return: Owned]
    public readonly BoxedSpan<T> Clone() => new(_span.Clone());

    /// <inheritdoc cref="BoxedSpan{T, TAllocator}.TryClone"/>
    public readonly bool TryClone([Owned] out BoxedSpan<T> clone)
    {
        bool cloned = _span.TryClone(out BoxedSpan<T, NativeAllocator> named);
        clone = named.Move();
        return cloned;
    }

    /// <inheritdoc cref="BoxedSpan{T, TAllocator}.ToString"/>
    public override readonly string ToString() => _span.ToString();

    /// <inheritdoc cref="BoxedSpan{T, TAllocator}.Dispose"/>
    public void Dispose() => _span.Dispose();
}

/// <summary>What a debugger shows of elements.</summary>
internal sealed class BoxedSpanDebugView<T>(BoxedSpan<T> span)
    where T : unmanaged
{
    [DebuggerBrowsable(DebuggerBrowsableState.RootHidden)]
    public T[] Items { get; } = new BoxedSpanDebugView<T, NativeAllocator>(span).Items;
}

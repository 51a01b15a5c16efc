using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MemoryPages.Ownership;

namespace MemoryPages;

/// <summary>
/// A lease to read: until it is disposed nobody can change, move or unmap the pages. Its spans cannot outlive the variable that holds it.
/// </summary>
/// <remarks>
/// <para>Always with <c>using</c>. Opening and closing costs two interlocked operations; access costs what a span costs.</para>
/// <para>
/// Only <c>using</c> can end it: there is no Dispose to call early or twice. Do not copy it. One that is never disposed keeps its pages mapped
/// for good.
/// </para>
/// </remarks>
[DebuggerDisplay("{Length} bytes")]
[MoveOnly]
public ref struct ReadView : IDisposable
{
    private readonly PageView _view;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ReadView(PageView view) => _view = view;

    /// <summary>The number of bytes.</summary>
    [UsableWhenSpent]
    public readonly nuint Length => _view.Length;

    /// <summary>All bytes.</summary>
    /// <exception cref="InvalidOperationException">There are more than 2^31-1: take a part.</exception>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _view.Span;
    }

    /// <summary>One byte, by native-sized offset.</summary>
    /// <param name="offset">Bytes from the start of the view.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such byte.</exception>
    [UnscopedRef]
    public readonly ref readonly byte this[nuint offset] => ref _view[offset];

    /// <summary>A part of the bytes.</summary>
    /// <param name="offset">Bytes from the start of the view.</param>
    /// <param name="length">Bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part is not within the view.</exception>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Slice(nuint offset, int length) => _view.Slice(offset, length);

    /// <summary>The bytes as values of a type; a rest that is shorter than one is left out.</summary>
    /// <typeparam name="T">The type: no references in it.</typeparam>
    /// <exception cref="InvalidOperationException">
    /// There are more than 2^31-1, or the view starts at an address that is not aligned for them.
    /// </exception>
    [UnscopedRef]
    public readonly ReadOnlySpan<T> Elements<T>()
        where T : unmanaged
        => _view.Elements<T>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly void IDisposable.Dispose() => _view.End();
}

using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MemoryPages.Ownership;
using MemoryPages.Virtual;

namespace MemoryPages;

/// <summary>
/// A block of a <see cref="PagePool"/>, to read and write until it is disposed. Its spans cannot outlive the variable that holds it.
/// </summary>
/// <remarks>
/// <para>Always with <c>using</c>, which alone can end it. Do not copy it. One that is never disposed keeps the pool's memory mapped for good.</para>
/// <para>
/// A copy is harmless: only one of them returns the block, whoever is second gets an exception, and after the return each access through either is
/// an exception too, so that a block never has two owners.
/// </para>
/// </remarks>
[DebuggerDisplay("{Length} bytes")]
[MoveOnly]
public ref struct RentedPages : IDisposable
{
    private readonly long _ticket;
    private PoolBlock? _block;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal RentedPages(PoolBlock block)
    {
        _block = block;
        _ticket = block.Ticket;
    }

    /// <summary>The number of bytes: the block's whole size, at least what was asked for.</summary>
    /// <exception cref="ObjectDisposedException">The rental has ended: this is a copy.</exception>
    public readonly nuint Length => View.Length;

    /// <summary>All bytes.</summary>
    /// <exception cref="InvalidOperationException">There are more than 2^31-1: take a part.</exception>
    /// <exception cref="ObjectDisposedException">The rental has ended: this is a copy.</exception>
    [UnscopedRef]
    public readonly Span<byte> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => View.Span;
    }

    /// <summary>One byte, by native-sized offset.</summary>
    /// <param name="offset">Bytes from the start of the block.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such byte.</exception>
    /// <exception cref="ObjectDisposedException">The rental has ended: this is a copy.</exception>
    [UnscopedRef]
    public readonly ref byte this[nuint offset]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref View[offset];
    }

    /// <summary>What a rental borrows the checks of views from; the pool holds the memory, so the view ends nothing.</summary>
    private readonly PageView View
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            PoolBlock? block = _block;
            if (block is null || block.Ticket != _ticket)
            {
                ThrowEnded();
            }

            return new PageView(mapping: null, block.Address, block.Length);
        }
    }

    /// <summary>A part of the bytes.</summary>
    /// <param name="offset">Bytes from the start of the block.</param>
    /// <param name="length">Bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part is not within the block.</exception>
    /// <exception cref="ObjectDisposedException">The rental has ended: this is a copy.</exception>
    [UnscopedRef]
    public readonly Span<byte> Slice(nuint offset, int length) => View.Slice(offset, length);

    /// <summary>The bytes as values of a type; a rest that is shorter than one is left out.</summary>
    /// <typeparam name="T">The type: no references in it.</typeparam>
    /// <exception cref="InvalidOperationException">There are more than 2^31-1.</exception>
    /// <exception cref="ObjectDisposedException">The rental has ended: this is a copy.</exception>
    [UnscopedRef]
    public readonly Span<T> Elements<T>()
        where T : unmanaged
        => View.Elements<T>();

    /// <summary>Returns the block.</summary>
    /// <exception cref="InvalidOperationException">A copy returned it already.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void IDisposable.Dispose()
    {
        PoolBlock? block = _block;
        _block = null;
        block?.Pool.Return(block, _ticket);
    }

    [DoesNotReturn]
    private static void ThrowEnded() =>
        throw new ObjectDisposedException(nameof(RentedPages), "This rental has ended, or never began: its block may be another one's by now.");
}

using System.Buffers;
using MemoryPages.Ownership;

namespace MemoryPages;

/// <summary>Pages as a buffer that is written from its start to its end. A lease until it is disposed. One thread at a time.</summary>
/// <remarks>
/// It does not grow: what has no room is refused before it is written. For one that does, see <c>VirtualBuffer</c> and
/// <c>VirtualList&lt;byte&gt;</c>. Spans and memories of it are bounded by nobody: the addresses stay inaccessible for a while after the pages, so
/// that a late use is a fault and not a stranger's bytes.
/// </remarks>
[Owner, UsableWhenSpent]
public sealed class PagesWriter : IBufferWriter<byte>, IDisposable
{
    private readonly LeasedBytes _bytes;
    private MemoryLease _window;
    private nuint _windowStart;
    private int _windowUsed;

    /// <param name="bytes">Its own from here on.</param>
    internal PagesWriter(LeasedBytes bytes)
    {
        _bytes = bytes;
        _window = OpenWindow();
    }

    /// <summary>The bytes that it can hold.</summary>
    public nuint Capacity => _bytes.Length;

    /// <summary>The bytes that were written.</summary>
    public nuint WrittenBytes => _windowStart + (nuint)_windowUsed;

    /// <summary>The bytes that there is room for.</summary>
    public nuint FreeBytes => Capacity - WrittenBytes;

    /// <summary>Counts bytes as written.</summary>
    /// <param name="count">Bytes that were put into what <see cref="GetSpan"/> or <see cref="GetMemory"/> gave last.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative, or more than that was.</exception>
    /// <exception cref="ObjectDisposedException">The writer was disposed.</exception>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _window.Memory.Length - _windowUsed);
        _windowUsed += count;
    }

    /// <summary>The room that is left, as far as a span can be long.</summary>
    /// <param name="sizeHint">Bytes that are needed at least; 0 for any, but one.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="sizeHint"/> is negative.</exception>
    /// <exception cref="InvalidOperationException">There is not so much room.</exception>
    /// <exception cref="ObjectDisposedException">The writer was disposed.</exception>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return _window.GetSpan()[_windowUsed..];
    }

    /// <summary>As <see cref="GetSpan"/>, for asynchronous code.</summary>
    /// <param name="sizeHint">Bytes that are needed at least; 0 for any, but one.</param>
    /// <inheritdoc cref="GetSpan" path="/exception"/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return _window.Memory[_windowUsed..];
    }

    /// <summary>Ends the lease. What was written stays in the pages. Idempotent.</summary>
    public void Dispose()
    {
        ((IDisposable)_window).Dispose();
        _bytes.Dispose();
    }

    private void EnsureRoom(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        int needed = Math.Max(sizeHint, 1);
        if (needed <= _window.Memory.Length - _windowUsed)
        {
            return;
        }

        if ((nuint)needed > FreeBytes)
        {
            throw new InvalidOperationException($"{needed} bytes are wanted, and {FreeBytes} of the {Capacity} are free.");
        }

        // Only past 2 GiB: no memory of the framework's reaches further. Memories of the old window end with it, as the contract of buffer writers has it.
        MemoryLease old = _window;
        _windowStart += (nuint)_windowUsed;
        _windowUsed = 0;
        _window = OpenWindow();
        ((IDisposable)old).Dispose();
    }

    private MemoryLease OpenWindow() => new(_bytes.Part(_windowStart, Math.Min(int.MaxValue, _bytes.Length - _windowStart)));
}

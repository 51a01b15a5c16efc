using System.Runtime.CompilerServices;
using MemoryPages.Virtual;

namespace MemoryPages;

/// <content>The producer's side.</content>
public sealed unsafe partial class ByteQueue
{
    /// <summary>Copies bytes in, all or none.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <returns>Whether there was room.</returns>
    /// <exception cref="ArgumentException">They are more than the capacity: there will never be room.</exception>
    /// <exception cref="InvalidOperationException">The queue was completed; or another thread is producing.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed.</exception>
    public bool TryEnqueue(ReadOnlySpan<byte> bytes)
    {
        nuint count = (nuint)bytes.Length;
        if (LookForFree(count) < count)
        {
            ThrowIfEnded(Completed);
            return count <= _capacity ? false : throw TooLong(bytes, _capacity);
        }

        BeginCopy(ref _state.Producing, Completed);
        bytes.CopyTo(new Span<byte>(_start + _state.WriteOffset, bytes.Length));
        Publish(count);
        Volatile.Write(ref _state.Producing, 0);
        WakeConsumer();
        return true;
    }

    /// <summary>
    /// All that is free, as one view to fill from its start. Use it with <c>using</c>, then <see cref="Commit"/>; empty when the queue is full.
    /// </summary>
    /// <exception cref="InvalidOperationException">The queue was completed.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed.</exception>
    /// <remarks>What was committed is the consumer's: do not write to that part of a view that is still open.</remarks>
    public WriteView Free()
    {
        ThrowIfEnded(Completed);
        return _buffer.Write(_state.WriteOffset, LookForFree(_capacity));
    }

    /// <summary>Hands the consumer the first bytes of what was free.</summary>
    /// <param name="count">Bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">So many were not free.</exception>
    /// <exception cref="InvalidOperationException">The queue was completed.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed.</exception>
    public void Commit(nuint count)
    {
        ThrowIfEnded(Completed);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, LookForFree(count));
        Publish(count);
        WakeConsumer();
    }

    /// <summary>All that is free, at most 2^31-1 bytes, to fill from its start; then <see cref="Advance"/>.</summary>
    /// <param name="sizeHint">Bytes that are needed at least; 0 for any, but one.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="sizeHint"/> is negative.</exception>
    /// <exception cref="InvalidOperationException">
    /// So many are not free, and a bounded queue cannot grow: await <see cref="WaitForSpaceAsync"/> first. Or the queue was completed.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed.</exception>
    /// <remarks>
    /// The compiler does not bound this span, as it does those of <see cref="Free"/>: do not keep it past the next call, or past the queue.
    /// </remarks>
    public Span<byte> GetSpan(int sizeHint = 0) => new(_start + _state.WriteOffset, RoomFor(sizeHint));

    /// <summary>As <see cref="GetSpan"/>, for asynchronous code. Using it when the queue was disposed is refused.</summary>
    /// <param name="sizeHint">Bytes that are needed at least; 0 for any, but one.</param>
    /// <inheritdoc cref="GetSpan" path="/exception"/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        int length = RoomFor(sizeHint);
        nuint offset = _state.WriteOffset;

        // One object serves all places that an int can name.
        return offset + (nuint)length <= (nuint)_memory.Length
            ? _memory.Memory.Slice((int)offset, length)
            : new QueueMemory(_buffer.Mapping, _start + offset, length).Memory;
    }

    /// <summary>As <see cref="Commit"/>.</summary>
    /// <param name="count">Bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative, or so many were not free.</exception>
    /// <exception cref="InvalidOperationException">The queue was completed.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed.</exception>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Commit((nuint)count);
    }

    /// <summary>Waits until so many bytes are free. One wait at a time: await each before the next. Allocates nothing.</summary>
    /// <param name="count">Bytes, at most the capacity.</param>
    /// <param name="cancellationToken">Ends the wait with <see cref="OperationCanceledException"/>; the queue is as before.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is more than the capacity.</exception>
    /// <exception cref="InvalidOperationException">The queue was completed; or a wait is under way.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed, before or during the wait.</exception>
    public ValueTask WaitForSpaceAsync(nuint count, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _capacity);
        ThrowIfEnded(Completed);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        if (LookForFree(count) >= count)
        {
            return ValueTask.CompletedTask;
        }

        int wait = _spaceWait.Arm(count);
        if (LookForFree(count) >= count)
        {
            _spaceWait.End(wait, true);
        }
        else if (Volatile.Read(ref _end) == Disposed)
        {
            _spaceWait.Fail(AlreadyDisposed());
        }

        return new ValueTask(_spaceWait, _spaceWait.Pending(cancellationToken));
    }

    /// <summary>Says that nothing more will come: the consumer takes what is there, and its waits end with false then. Idempotent.</summary>
    /// <exception cref="ObjectDisposedException">The queue was disposed.</exception>
    public void Complete()
    {
        ThrowIfEnded(Disposed);
        if (Interlocked.CompareExchange(ref _end, Completed, Open) == Open && _dataWait.IsArmed(out int wait))
        {
            _dataWait.End(wait, Count != 0); // whoever waits takes nothing meanwhile
        }
    }

    /// <summary>Bytes that are free for certain. Looks at the consumer's counter only where those it knows of do not suffice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private nuint LookForFree(nuint wanted)
    {
        nuint used = (nuint)(_state.Enqueued - _state.SeenDequeued);
        if (used > _capacity || _capacity - used < wanted)
        {
            _state.SeenDequeued = Volatile.Read(ref _state.Dequeued);
            used = (nuint)(_state.Enqueued - _state.SeenDequeued);
            if (used > _capacity)
            {
                ThrowTwoAtOnce();
            }
        }

        return _capacity - used;
    }

    private int RoomFor(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        ThrowIfEnded(Completed);
        nuint free = LookForFree(_capacity);
        return free >= (nuint)Math.Max(sizeHint, 1)
            ? (int)Math.Min(free, int.MaxValue)
            : throw new InvalidOperationException(
                $"{Math.Max(sizeHint, 1)} bytes are wanted and {free} of the queue's {_capacity} are free: await WaitForSpaceAsync first.");
    }

    /// <summary>The bytes are the consumer's from the store of the counter on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Publish(nuint count)
    {
        nuint offset = _state.WriteOffset + count;
        _state.WriteOffset = offset >= _capacity ? offset - _capacity : offset;
        Volatile.Write(ref _state.Enqueued, _state.Enqueued + count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WakeConsumer()
    {
        if (_dataWait.IsArmed(out int wait) && Count >= _dataWait.Wanted)
        {
            _dataWait.End(wait, true);
        }
    }

    private static ArgumentException TooLong(ReadOnlySpan<byte> bytes, nuint capacity) =>
        new($"{bytes.Length} bytes can never fit a queue of {capacity}.", nameof(bytes));
}

using System.Runtime.CompilerServices;
using MemoryPages.Virtual;

namespace MemoryPages;

/// <content>The consumer's side.</content>
public sealed unsafe partial class ByteQueue
{
    /// <summary>
    /// All that is enqueued, as one view. Use it with <c>using</c>, then <see cref="Consume"/> what was dealt with; empty when the queue is.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The queue was disposed.</exception>
    /// <remarks>What was consumed is the producer's to overwrite: do not read that part of a view that is still open.</remarks>
    public ReadView Available()
    {
        ThrowIfEnded(Disposed);
        return _buffer.Read(_state.ReadOffset, LookForBytes(_capacity));
    }

    /// <summary>Gives the producer the first bytes of what was enqueued to overwrite.</summary>
    /// <param name="count">Bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">So many were not enqueued.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed.</exception>
    public void Consume(nuint count)
    {
        ThrowIfEnded(Disposed);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, LookForBytes(count));
        Release(count);
        WakeProducer();
    }

    /// <summary>Copies bytes out: as many as there are, at most as many as there is room for.</summary>
    /// <param name="destination">Where to; the rest of it stays as it is.</param>
    /// <returns>How many; 0 when the queue is empty.</returns>
    /// <exception cref="InvalidOperationException">Another thread is consuming.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed.</exception>
    public int TryDequeue(Span<byte> destination)
    {
        int count = (int)Math.Min((nuint)destination.Length, LookForBytes((nuint)destination.Length));
        BeginCopy(ref _state.Consuming, Disposed);
        new ReadOnlySpan<byte>(_start + _state.ReadOffset, count).CopyTo(destination);
        Release((nuint)count);
        Volatile.Write(ref _state.Consuming, 0);
        WakeProducer();
        return count;
    }

    /// <summary>Waits until something is enqueued. One wait at a time: await each before the next. Allocates nothing.</summary>
    /// <param name="cancellationToken">Ends the wait with <see cref="OperationCanceledException"/>; the queue is as before.</param>
    /// <returns>Whether something is there; false when nothing is and nothing will come: the producer has completed.</returns>
    /// <exception cref="InvalidOperationException">A wait is under way.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed, before or during the wait.</exception>
    public ValueTask<bool> WaitForDataAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfEnded(Disposed);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<bool>(cancellationToken);
        }

        if (LookForData() is bool found)
        {
            return new ValueTask<bool>(found);
        }

        int wait = _dataWait.Arm(1);
        if (LookForData() is bool foundNow)
        {
            _dataWait.End(wait, foundNow);
        }
        else if (Volatile.Read(ref _end) == Disposed)
        {
            _dataWait.Fail(AlreadyDisposed());
        }

        return new ValueTask<bool>(_dataWait, _dataWait.Pending(cancellationToken));
    }

    /// <summary>
    /// True when there is something, false when there never will be, null when that is open. The end is looked at first: nothing comes after it.
    /// </summary>
    private bool? LookForData()
    {
        bool isCompleted = Volatile.Read(ref _end) == Completed;
        return LookForBytes(1) != 0 ? true : isCompleted ? false : null;
    }

    /// <summary>Bytes that are enqueued for certain. Looks at the producer's counter only where those it knows of do not suffice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private nuint LookForBytes(nuint wanted)
    {
        nuint count = (nuint)(_state.SeenEnqueued - _state.Dequeued);
        if (count > _capacity || count < wanted)
        {
            _state.SeenEnqueued = Volatile.Read(ref _state.Enqueued);
            count = (nuint)(_state.SeenEnqueued - _state.Dequeued);
            if (count > _capacity)
            {
                ThrowTwoAtOnce();
            }
        }

        return count;
    }

    /// <summary>The bytes are the producer's to overwrite from the store of the counter on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Release(nuint count)
    {
        nuint offset = _state.ReadOffset + count;
        _state.ReadOffset = offset >= _capacity ? offset - _capacity : offset;
        Volatile.Write(ref _state.Dequeued, _state.Dequeued + count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WakeProducer()
    {
        // A producer that is waiting adds nothing meanwhile: Count is exact.
        if (_spaceWait.IsArmed(out int wait) && _capacity - Count >= _spaceWait.Wanted)
        {
            _spaceWait.End(wait, true);
        }
    }
}

using MemoryPages.Mapping;
using MemoryPages.Virtual;

namespace MemoryPages;

/// <content>Who is inside which front; trimming; the end.</content>
/// <remarks>
/// Nothing may be unmapped while a call is at work on it. So whoever works holds the pool: a rental is counted before its block is looked for, and
/// until after its block was taken care of; trimming is counted as a hold. Closing enters all fronts and never leaves them, so that the sum of the
/// counts is taken at one moment. From then on that sum is counted down, and whoever brings it to zero unmaps.
/// </remarks>
public sealed partial class PagePool
{
    private volatile bool _closed;
    private long _remaining;

    /// <summary>Trims if the machine is short of memory; false when the pool has been closed.</summary>
    /// <param name="load">Bytes of the machine's memory that are in use.</param>
    /// <param name="threshold">Bytes from which on the runtime calls that a high load.</param>
    internal bool TrimUnderPressure(long load, long threshold)
    {
        // As the framework's shared array pool: a little before the runtime itself becomes harsh.
        const double HighPressure = 0.90;
        return load >= threshold * HighPressure ? TryTrim(out _) : !_closed;
    }

    private bool TryTrim(out nuint released)
    {
        released = 0;
        if (EnterUnlessClosed() is not { } front)
        {
            return false;
        }

        front.Holds++;
        front.Exit();
        try
        {
            var free = new PoolBlocks[_sizes.Length];
            foreach (PoolFront each in _fronts)
            {
                if (TryEnter(each))
                {
                    each.Empty(free);
                    each.Exit();
                }
            }

            _store.PutAside(free);
            released = _store.Release();
            return true;
        }
        finally
        {
            if (EnterUnlessClosed() is { } last)
            {
                last.Holds--;
                last.Exit();
            }
            else
            {
                Leave();
            }
        }
    }

    private void Close()
    {
        if (!TryEnterAll())
        {
            return;
        }

        long outstanding = Outstanding();
        Volatile.Write(ref _remaining, outstanding + 1); // and this call
        _closed = true;
        try
        {
            // A pool that waits for its last rental does not keep the others' memory with it.
            if (outstanding != 0)
            {
                var free = new PoolBlocks[_sizes.Length];
                foreach (PoolFront front in _fronts)
                {
                    front.Empty(free);
                }

                _store.PutAside(free);
                _ = _store.Release();
            }
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Ends a rental or a hold of a closed pool.</summary>
    private void Leave()
    {
        if (Interlocked.Decrement(ref _remaining) == 0)
        {
            _store.EndLeases(close: true);
        }
    }

    /// <summary>Rentals and holds that have not ended. Exact inside of all fronts.</summary>
    private long Outstanding()
    {
        long outstanding = 0;
        foreach (PoolFront front in _fronts)
        {
            outstanding += front.Rented + front.Holds;
        }

        return outstanding;
    }

    private PoolFront EnterOrThrow()
    {
        PoolFront? front = EnterUnlessClosed();
        ObjectDisposedException.ThrowIf(front is null, this);
        return front;
    }

    /// <summary>Any front, the nearest first: whoever is inside of one may have lost its processor there.</summary>
    private PoolFront? EnterUnlessClosed()
    {
        var backoff = default(Backoff);
        while (true)
        {
            int nearest = Thread.GetCurrentProcessorId();
            for (int i = 0; i < _fronts.Length; i++)
            {
                PoolFront front = _fronts[(nearest + i) & (_fronts.Length - 1)];
                if (front.TryEnter())
                {
                    return front;
                }
            }

            if (_closed)
            {
                return null;
            }

            backoff.Wait();
        }
    }

    /// <summary>Enters this one; false when the pool has been closed.</summary>
    private bool TryEnter(PoolFront front)
    {
        var backoff = default(Backoff);
        while (!front.TryEnter())
        {
            if (_closed)
            {
                return false;
            }

            backoff.Wait();
        }

        return true;
    }

    /// <summary>
    /// Enters all, in order, so that two who want all do not wait for each other; false when the pool has been closed, which shows at the first.
    /// </summary>
    private bool TryEnterAll() => Array.TrueForAll(_fronts, TryEnter);

    private void ExitAll()
    {
        foreach (PoolFront front in _fronts)
        {
            front.Exit();
        }
    }
}

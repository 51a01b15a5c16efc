using System.Runtime.CompilerServices;

namespace MemoryPages.Mapping;

/// <summary>Who may use the range now: leases, exclusive changes, and the end.</summary>
internal sealed partial class MappingHandle
{
    // One word, changed by compare-and-swap only, so that every question below has one answer:
    //   Closed     no new use; whoever brings the leases to zero unmaps.
    //   Exclusive  a change is under way: new leases and the close wait for it. Set only while nothing is leased.
    //   Scoped     parts have another protection for a while (MappingHandle.Scopes.cs): new leases are checked against them.
    //   the rest   the number of leases. 61 bits: no program lives long enough to overflow them.
    private const long Closed = long.MinValue;
    private const long Exclusive = 1L << 62;
    private const long Scoped = 1L << 61;
    private const long LeaseMask = Scoped - 1;

    private long _state;

    public long Leases => Volatile.Read(ref _state) & LeaseMask;

    /// <summary>Holds off changes and unmapping until <see cref="Release"/>. Waits for a change that is under way.</summary>
    /// <param name="range">What will be accessed, to be checked against protection scopes; empty for verbs that access nothing.</param>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    /// <exception cref="InvalidOperationException">A protection scope covers a part of the range.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Acquire(PageRange range)
    {
        long state = Volatile.Read(ref _state);
        if ((ulong)state >= LeaseMask || Interlocked.CompareExchange(ref _state, state + 1, state) != state)
        {
            AcquireSlowly(range);
        }
    }

    /// <summary>
    /// One more lease for who holds one: a scope on its own part, a pin of leased memory. Legal after the close too, which the held lease holds off.
    /// </summary>
    /// <exception cref="ObjectDisposedException">There is no lease: it has ended meanwhile.</exception>
    public void AcquireAgain()
    {
        long state;
        do
        {
            state = Volatile.Read(ref _state);
            ObjectDisposedException.ThrowIf((state & LeaseMask) == 0, typeof(MappingHandle));
        }
        while (Interlocked.CompareExchange(ref _state, state + 1, state) != state);
    }

    /// <exception cref="InvalidOperationException">There is no lease to end: a copy of it ended it before.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Release()
    {
        long state = Interlocked.Decrement(ref _state);
        if ((ulong)state >= LeaseMask)
        {
            ReleaseSlowly(state);
        }
    }

    /// <summary>Keeps every other use out until <see cref="ExitExclusive"/>.</summary>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    /// <exception cref="InvalidOperationException">It is leased.</exception>
    public void EnterExclusive(string operation)
    {
        var spin = default(SpinWait);
        while (Interlocked.CompareExchange(ref _state, Exclusive, 0) is var state and not 0)
        {
            ThrowIfClosed(state);
            if ((state & Exclusive) == 0)
            {
                ThrowLeased(operation, state & LeaseMask);
            }

            spin.SpinOnce();
        }
    }

    /// <summary>Subtracts the flag: what others did to the count meanwhile (scopes lease their own parts) stays.</summary>
    public void ExitExclusive() => Interlocked.Add(ref _state, -Exclusive);

    /// <summary>Ends all new use, and unmaps when the last lease ends. Idempotent, from any thread.</summary>
    public void CloseOnceIdle()
    {
        var backoff = default(Backoff);
        while (true)
        {
            long state = Volatile.Read(ref _state);
            if ((state & Closed) != 0)
            {
                return;
            }

            if ((state & Exclusive) == 0 && Interlocked.CompareExchange(ref _state, state | Closed, state) == state)
            {
                if ((state & LeaseMask) == 0)
                {
                    End();
                }

                return;
            }

            backoff.Wait();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AcquireSlowly(PageRange range)
    {
        var spin = default(SpinWait);
        while (true)
        {
            long state = Volatile.Read(ref _state);
            ThrowIfClosed(state);
            bool acquired = (state & Exclusive) == 0 && ((state & Scoped) == 0
                ? Interlocked.CompareExchange(ref _state, state + 1, state) == state
                : TryAcquireBesideScopes(range, state));
            if (acquired)
            {
                return;
            }

            spin.SpinOnce();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReleaseSlowly(long state)
    {
        if ((state & LeaseMask) == LeaseMask)
        {
            Interlocked.Increment(ref _state);
            throw new InvalidOperationException("This lease has ended already: a copy of the view was disposed. Views must not be copied.");
        }

        if ((state & (Closed | LeaseMask)) == Closed)
        {
            End();
        }
    }

    private static void ThrowIfClosed(long state)
    {
        if ((state & Closed) != 0)
        {
            Throw();
        }

        static void Throw() => throw new ObjectDisposedException("Pages", "These pages have been disposed.");
    }

    private static void ThrowLeased(string operation, long leases) => throw new InvalidOperationException(
        $"{operation} needs the pages for itself, but {leases} {(leases == 1 ? "lease is" : "leases are")} open on them: "
        + "end every view, memory lease, function lease and protection scope first.");
}

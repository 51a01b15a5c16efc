using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace MemoryPages.Mapping;

/// <summary>What can be leased, a range or a part of one: leases, exclusive changes, and the end.</summary>
internal abstract class Leased
{
    // One word, changed by compare-and-swap only, so that every question below has one answer:
    //   Closed     no new use; whoever brings the leases to zero ends it.
    //   Exclusive  a change is under way: new leases and the close wait for it. Set only while nothing is leased.
    //   Scoped     parts have another protection for a while (MappingHandle.Scopes.cs): new leases are checked against them.
    //   the rest   the number of leases. 61 bits: no program lives long enough to overflow them.
    private protected const long Closed = long.MinValue;
    private protected const long Exclusive = 1L << 62;
    private protected const long Scoped = 1L << 61;
    private protected const long LeaseMask = Scoped - 1;

    private protected long _state;

    public long Leases => Volatile.Read(ref _state) & LeaseMask;

    public bool IsClosed => (Volatile.Read(ref _state) & Closed) != 0;

    /// <summary>For messages: "the pages".</summary>
    private protected abstract string Subject { get; }

    /// <summary>Holds off changes and the end until <see cref="Release"/>. Waits for a change that is under way.</summary>
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
            ObjectDisposedException.ThrowIf((state & LeaseMask) == 0, GetType());
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

    /// <summary>Refuses all new use, and ends it when the last lease ends. Idempotent, from any thread.</summary>
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

    private protected void ThrowIfClosed(long state)
    {
        if ((state & Closed) != 0)
        {
            ThrowClosed();
        }
    }

    [DoesNotReturn]
    private protected abstract void ThrowClosed();

    private protected void ThrowLeased(string operation, long leases) => throw new InvalidOperationException(
        $"{operation} needs {Subject} for itself, but {leases} {(leases == 1 ? "lease is" : "leases are")} open: "
        + "end every view, memory lease, function lease and protection scope first.");

    /// <summary>Called once: by whoever brings a closed word to no leases.</summary>
    private protected abstract void End();

    /// <summary>A lease of a part that no scope covers. Asked only where there are scopes.</summary>
    private protected virtual bool TryAcquireBesideScopes(PageRange range, long state) => false;
}

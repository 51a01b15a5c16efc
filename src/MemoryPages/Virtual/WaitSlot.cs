using System.Threading.Tasks.Sources;

namespace MemoryPages.Virtual;

/// <summary>A place for one waiter at a time, used again for each wait: waiting allocates nothing.</summary>
/// <remarks>
/// <para>
/// The side that waits arms the slot, looks once more whether there is still something to wait for, and ends the wait itself if not. The other side,
/// after each change, looks whether the slot is armed. One of the two sees the other's: the waiter stores <i>armed</i>, passes a barrier, loads the
/// counter; the other stores the counter, and loads <i>armed</i>. That the other's two are not swapped takes a full fence too, between a store and a
/// later load, which would cost it more than the copying of a record. So the waiter's barrier is one for all processors of the process
/// (membarrier(2); a few microseconds, and only when about to sleep): each thread of the process passes a full fence during it. If the other side
/// stored its counter before its fence, the waiter's load sees that. If not, its load comes after the fence too, and sees <i>armed</i>.
/// </para>
/// <para>Whoever moves the slot from armed to ended, by compare-and-swap, sets the result: there is one. The waiter is run on the thread pool.</para>
/// </remarks>
internal sealed class WaitSlot : IValueTaskSource<bool>, IValueTaskSource
{
    // The two low bits of the word; the rest is the number of the wait, so that nobody ends another wait than the one that was looked at.
    private const int Idle = 0;
    private const int Armed = 1;
    private const int Ended = 2;
    private const int StateMask = 3;
    private const int OneWait = 4;

    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private int _word;

    /// <summary>Whether somebody waits, and the wait to <see cref="End"/>.</summary>
    public bool IsArmed(out int wait)
    {
        wait = Volatile.Read(ref _word);
        return (wait & StateMask) == Armed;
    }

    /// <summary>How much the wait is for. Right while <see cref="IsArmed"/>'s wait is the one under way.</summary>
    public nuint Wanted { get; private set; }

    /// <summary>Begins a wait. Then look again, <see cref="End"/> it if there is nothing to wait for, and hand out <see cref="Pending"/>.</summary>
    /// <param name="wanted">See <see cref="Wanted"/>.</param>
    /// <returns>The wait.</returns>
    /// <exception cref="InvalidOperationException">A wait is under way, or its outcome was never looked at.</exception>
    public int Arm(nuint wanted)
    {
        int idle = Volatile.Read(ref _word);
        if ((idle & StateMask) != Idle)
        {
            throw new InvalidOperationException("One wait at a time: await the one before first.");
        }

        int armed = unchecked(idle + OneWait + Armed);
        Wanted = wanted;
        Volatile.Write(ref _word, armed);
        Interlocked.MemoryBarrierProcessWide();
        return armed;
    }

    /// <summary>The wait, for a value task. Call it once after <see cref="Arm"/>, and await what it returns.</summary>
    public short Pending(CancellationToken cancellationToken)
    {
        _cancellation = cancellationToken.UnsafeRegister(
            static (slot, token) => ((WaitSlot)slot!).Fail(new OperationCanceledException(token)), this);
        return _core.Version;
    }

    /// <summary>Ends a wait, unless somebody else has.</summary>
    public void End(int wait, bool result)
    {
        if (TryEnd(wait))
        {
            _core.SetResult(result);
        }
    }

    /// <summary>Ends whatever wait is under way with an exception.</summary>
    public void Fail(Exception exception)
    {
        if (IsArmed(out int wait) && TryEnd(wait))
        {
            _core.SetException(exception);
        }
    }

    public bool GetResult(short token)
    {
        if (_core.GetStatus(token) == ValueTaskSourceStatus.Pending)
        {
            throw new InvalidOperationException("This wait has not ended: await it.");
        }

        _cancellation.Dispose(); // waits for one that is running: it must not end the next wait
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _cancellation = default;
            _core.Reset();
            Volatile.Write(ref _word, _word & ~StateMask);
        }
    }

    void IValueTaskSource.GetResult(short token) => GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private bool TryEnd(int wait) => Interlocked.CompareExchange(ref _word, wait + (Ended - Armed), wait) == wait;
}

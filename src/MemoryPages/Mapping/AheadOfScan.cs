using MemoryPages.Platform;

namespace MemoryPages.Mapping;

/// <summary>
/// Enters pages of a mapped file into the process's tables before somebody who reads them in order comes to them, on a thread of the pool.
/// </summary>
/// <remarks>
/// <para>
/// The kernel is asked and no page is touched: where the file is cut off this ends, and not the process. It is under the reader's lease all the
/// while, who calls <see cref="End"/> before that ends. Nothing rests on it: where the pool has no thread the reader takes the faults.
/// </para>
/// <para>
/// So far ahead and no farther: a slow reader of a file larger than memory would else find nothing left of what was brought in for it. Then it ends,
/// and the reader's next step asks for a thread again: none waits.
/// </para>
/// </remarks>
internal sealed class AheadOfScan : IThreadPoolWorkItem
{
    /// <summary>Bytes below which asking for another thread takes as long as what it could save.</summary>
    public const int WorthIt = 16 << 20;

    // Where the reader is just now, two threads would wait for each other at the same tables of the kernel: the next few are left to it.
    private const int Nearest = 4 << 20;
    private const int Farthest = 64 << 20;

    // Bytes between two looks at whether it is to end.
    private const int Piece = 1 << 20;

    private const int Idle = 0;
    private const int Queued = 1;
    private const int Running = 2;
    private const int Done = 3;

    private nuint _address;
    private nuint _length;
    private nuint _next;
    private nuint _reached;
    private int _state;

    /// <summary>The reader has come so far.</summary>
    public void Reach(nuint address, nuint length, nuint reached)
    {
        (_address, _length) = (address, length); // the same each time
        Volatile.Write(ref _reached, reached);
        if (Interlocked.CompareExchange(ref _state, Queued, Idle) == Idle)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    public void Execute()
    {
        if (Interlocked.CompareExchange(ref _state, Running, Queued) == Queued)
        {
            Volatile.Write(ref _state, EnterAhead() ? Idle : Done);
        }
    }

    /// <summary>Returns when nothing is done any more, nor will be.</summary>
    public void End()
    {
        Volatile.Write(ref _reached, _length);
        var backoff = default(Backoff);
        while (true)
        {
            int state = Volatile.Read(ref _state);
            if (state == Done || (state != Running && Interlocked.CompareExchange(ref _state, Done, state) == state))
            {
                return;
            }

            backoff.Wait();
        }
    }

    /// <returns>False where there is no more to do.</returns>
    private bool EnterAhead()
    {
        while (true)
        {
            nuint reached = Volatile.Read(ref _reached);
            _next = Math.Max(_next, reached + Nearest);
            if (_next >= _length)
            {
                return false;
            }

            if (_next >= reached + Farthest)
            {
                return true;
            }

            nuint piece = Math.Min(Piece, _length - _next);
            if (MemorySystem.Current.EnterCached(_address + _next, piece).Failed)
            {
                return false;
            }

            _next += piece;
        }
    }
}

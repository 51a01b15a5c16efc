using System.Runtime.CompilerServices;

namespace MemoryPages.Allocators;

/// <summary>A thread's part of a pool: some free blocks of each class, to be had without a lock and without an interlocked operation.</summary>
/// <remarks>
/// Only its thread takes and puts, and says so with a plain store (<see cref="_busy"/>) around a few instructions in which nothing waits. Who wants
/// the blocks from outside says stop, has every processor pass a barrier (<see cref="Interlocked.MemoryBarrierProcessWide"/>), and waits until the
/// thread is not inside: whoever comes in later sees the stop. So the expensive half of the agreement is paid by the rare side. The stop is read
/// before all else: a thread that comes in after the barrier may find the stop ended, and what it had read of a shelf before would be gone by then.
/// </remarks>
internal sealed unsafe class ThreadFront
{
    private readonly Shelf[] _shelves;
    private int _busy;
    private bool _stopped;
    private long _allocated;
    private long _freed;

    public ThreadFront(SlabStore store)
    {
        Store = store;
        _shelves = new Shelf[store.Classes];
        for (int i = 0; i < _shelves.Length; i++)
        {
            _shelves[i].Limit = store.FrontLimit(i);
        }
    }

    public SlabStore Store { get; }

    /// <summary>Blocks allocated less those freed here: negative where they are freed on another thread than they came from.</summary>
    public long Live => Volatile.Read(ref _allocated) - Volatile.Read(ref _freed);

    /// <summary>Takes a block; 0 where there is none, or not now.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nuint TryTake(int index)
    {
        nuint block = 0;
        Volatile.Write(ref _busy, 1);
        if (!Volatile.Read(ref _stopped))
        {
            ref Shelf shelf = ref _shelves[index];
            block = shelf.Chain;
            if (block != 0)
            {
                shelf.Chain = *(nuint*)block;
                shelf.Count--;
                _allocated++;
            }
        }

        Volatile.Write(ref _busy, 0);
        return block;
    }

    /// <summary>Puts a block; false where there is no room for it, or not now.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryPut(int index, nuint block)
    {
        bool put = false;
        Volatile.Write(ref _busy, 1);
        ref Shelf shelf = ref _shelves[index];
        if (!Volatile.Read(ref _stopped) && shelf.Count < shelf.Limit)
        {
            *(nuint*)block = shelf.Chain;
            shelf.Chain = block;
            shelf.Count++;
            _freed++;
            put = true;
        }

        Volatile.Write(ref _busy, 0);
        return put;
    }

    /// <summary>Puts a chain of blocks where there are none of their class; false, and nothing is put, otherwise.</summary>
    public bool TryPutChain(int index, nuint chain, int count)
    {
        bool put = false;
        Volatile.Write(ref _busy, 1);
        ref Shelf shelf = ref _shelves[index];
        if (!Volatile.Read(ref _stopped) && shelf.Chain == 0 && count <= shelf.Limit)
        {
            (shelf.Chain, shelf.Count) = (chain, count);
            put = true;
        }

        Volatile.Write(ref _busy, 0);
        return put;
    }

    /// <summary>Takes up to a number of blocks as a chain: 0 where there are none, or not now.</summary>
    public nuint TakeChain(int index, int count)
    {
        nuint chain = 0;
        Volatile.Write(ref _busy, 1);
        ref Shelf shelf = ref _shelves[index];
        for (; count > 0 && !Volatile.Read(ref _stopped) && shelf.Chain != 0; count--)
        {
            nuint block = shelf.Chain;
            shelf.Chain = *(nuint*)block;
            shelf.Count--;
            *(nuint*)block = chain;
            chain = block;
        }

        Volatile.Write(ref _busy, 0);
        return chain;
    }

    /// <summary>Counts what went past the shelves. By its thread.</summary>
    public void Count(int allocated, int freed)
    {
        _allocated += allocated;
        _freed += freed;
    }

    /// <summary>Keeps the thread out, once all processors have passed a barrier.</summary>
    public void Stop() => Volatile.Write(ref _stopped, true);

    public void Go() => Volatile.Write(ref _stopped, false);

    /// <summary>From outside, stopped: all blocks of a class as a chain.</summary>
    public nuint TakeAll(int index)
    {
        var spin = default(SpinWait);
        while (Volatile.Read(ref _busy) != 0)
        {
            spin.SpinOnce();
        }

        nuint chain = _shelves[index].Chain;
        (_shelves[index].Chain, _shelves[index].Count) = (0, 0);
        return chain;
    }

    private struct Shelf
    {
        public nuint Chain; // through the blocks' first words
        public int Count;
        public int Limit;
    }
}

/// <summary>A thread's fronts, one for each pool. When the thread is gone, nobody points to it: its blocks go back to their pools.</summary>
internal sealed class ThreadFronts
{
    [ThreadStatic]
    private static ThreadFronts? t_current;

    private ThreadFront?[] _bySlot = [];

    ~ThreadFronts()
    {
        foreach (ThreadFront? front in _bySlot)
        {
            front?.Store.Retire(front);
        }
    }

    /// <summary>This thread's front of a pool, or null where it has none yet. A slot may still hold that of a pool that ended.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ThreadFront? Find(SlabStore store)
    {
        ThreadFronts? current = t_current;
        if (current is not null)
        {
            ThreadFront?[] fronts = current._bySlot;
            int slot = store.Slot;
            if ((uint)slot < (uint)fronts.Length && fronts[slot] is { } front && front.Store == store)
            {
                return front;
            }
        }

        return null;
    }

    /// <summary>Gives this thread a front.</summary>
    public static void Set(ThreadFront front)
    {
        ThreadFronts current = t_current ??= new ThreadFronts();
        int slot = front.Store.Slot;
        if (slot >= current._bySlot.Length)
        {
            Array.Resize(ref current._bySlot, Math.Max(4, slot + 1));
        }

        current._bySlot[slot] = front;
    }
}

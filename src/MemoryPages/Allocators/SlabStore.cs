using MemoryPages.Mapping;
using MemoryPages.Platform;
using MemoryPages.Virtual;

namespace MemoryPages.Allocators;

/// <summary>A pool's blocks behind the threads' fronts: slabs of small ones, and what is too large for those.</summary>
/// <remarks>
/// Locks, the outer first: fronts, a class, rented pages. What comes back is put where it belongs whatever happens: threads cannot be interrupted
/// here.
/// </remarks>
internal sealed unsafe partial class SlabStore
{
    private static readonly UninterruptedLock s_slotsGate = new();
    private static readonly PriorityQueue<int, int> s_freeSlots = new();
    private static int s_slots;

    [ThreadStatic]
    private static (SystemError Error, nuint Length) t_refused;

    private readonly UninterruptedLock _frontsGate = new();
    private readonly List<ThreadFront> _fronts = [];
    private readonly SlabClass[] _classes;
    private readonly SlabPages _pages;
    private readonly nuint _slabSize;
    private readonly bool _keepsAtHand;
    private bool _closed;
    private long _live; // what no front counts: large blocks, and what threads that are gone left

    /// <param name="pages">Where slabs and large blocks come from.</param>
    /// <param name="slabSize">Bytes of a slab: a power of two, at least a page. Blocks up to an eighth of it are cut from it.</param>
    /// <param name="keepsAtHand">
    /// Whether threads and classes keep free blocks and an empty slab for the next. Not in hardened mode: there a slab whose blocks were all freed
    /// becomes inaccessible.
    /// </param>
    public SlabStore(SlabPages pages, nuint slabSize, bool keepsAtHand)
    {
        _pages = pages;
        _slabSize = Math.Max(slabSize, PageSize.Base);
        _keepsAtHand = keepsAtHand && !Hardening.IsOn;
        _classes = new SlabClass[SizeClasses.CountUpTo(_slabSize / 8)];
        for (int i = 0; i < _classes.Length; i++)
        {
            _classes[i] = new SlabClass(SizeClasses.SizeOf(i), _slabSize, keptEmpty: _keepsAtHand ? 1 : 0);
        }

        using (s_slotsGate.Enter())
        {
            Slot = s_freeSlots.TryDequeue(out int slot, out _) ? slot : s_slots++;
        }
    }

    /// <summary>Where threads find their fronts of this store: small numbers, used again.</summary>
    public int Slot { get; }

    /// <summary>Blocks are of so many classes; those of the others are pages.</summary>
    public int Classes => _classes.Length;

    public bool IsClosed => Volatile.Read(ref _closed);

    public nuint RentedBytes => _pages.Bytes;

    public long Live
    {
        get
        {
            using (_frontsGate.Enter())
            {
                return Volatile.Read(ref _live) + _fronts.Sum(front => front.Live);
            }
        }
    }

    public int FrontLimit(int index) => _keepsAtHand ? 2 * _classes[index].Batch : 0;

    /// <summary>What the system said to this thread's last request that was refused.</summary>
    public static MemoryPagesException Refusal(string operation) =>
        MappingHandle.Failure(t_refused.Error, operation, null, 0, t_refused.Length, PageSize.Base);

    /// <summary>A block from the slabs, and some more for the front; 0 where the system refuses.</summary>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    private nuint TakeSlowly(ThreadFront? front, int index)
    {
        ObjectDisposedException.ThrowIf(IsClosed, typeof(PoolAllocator));
        front ??= NewFront();
        SlabClass blocks = _classes[index];
        int taken;
        nuint chain;
        while ((taken = blocks.Take(_keepsAtHand ? blocks.Batch : 1, out chain)) == 0)
        {
            t_refused = (_pages.TryRent(_slabSize, _slabSize, out nuint slab, out _), _slabSize);
            if (t_refused.Error.Failed)
            {
                return 0;
            }

            blocks.Add(slab);
        }

        front.Count(allocated: 1, freed: 0);
        nuint block = chain;
        chain = *(nuint*)block;
        if (chain != 0 && !front.TryPutChain(index, chain, taken - 1))
        {
            GiveBack(index, chain);
        }

        return block;
    }

    /// <summary>Makes room in the front, and puts a block there; or back to its slab.</summary>
    private void PutSlowly(ThreadFront? front, int index, nuint block)
    {
        if (IsClosed)
        {
            Interlocked.Decrement(ref _live);
        }
        else
        {
            front ??= NewFront();
            nuint chain = front.TakeChain(index, _classes[index].Batch);
            GiveBack(index, chain);
            if (chain != 0 && front.TryPut(index, block))
            {
                return;
            }

            front.Count(allocated: 0, freed: 1);
        }

        *(nuint*)block = 0;
        GiveBack(index, block);
    }

    /// <summary>A block of pages.</summary>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    private bool TryTakeLarge(Layout layout, out AllocatedBlock block, out bool isFresh)
    {
        ObjectDisposedException.ThrowIf(IsClosed, typeof(PoolAllocator));
        nuint length = Math.Max(layout.Size, 1);
        t_refused = (_pages.TryRent(length, layout.Alignment, out nuint address, out isFresh), length);
        bool taken = !t_refused.Error.Failed;
        block = taken ? new AllocatedBlock((void*)address, _pages.LengthOf(address)) : default;
        Interlocked.Add(ref _live, taken ? 1 : 0);
        return taken;
    }

    private void PutLarge(nuint address)
    {
        _pages.Return(address);
        Interlocked.Decrement(ref _live);
    }

    /// <summary>Gives back what threads and classes keep for the next.</summary>
    /// <param name="forGood">And lets no thread keep anything from here on.</param>
    /// <returns>Bytes that went back to the pages.</returns>
    public nuint Empty(bool forGood)
    {
        nuint before = _pages.Bytes;
        using (_frontsGate.Enter())
        {
            _closed |= forGood;
            _fronts.ForEach(front => front.Stop());
            Interlocked.MemoryBarrierProcessWide();
            foreach (ThreadFront front in _fronts)
            {
                TakeAll(front);
                if (!_closed)
                {
                    front.Go();
                }
            }
        }

        foreach (SlabClass blocks in _classes)
        {
            Release(blocks.TakeEmpty(_closed));
        }

        nuint after = _pages.Bytes;
        return before > after ? before - after : 0;
    }

    /// <summary>Gives nothing any more, and keeps nothing that comes back. False: it was closed before.</summary>
    public bool TryClose()
    {
        using (_frontsGate.Enter())
        {
            if (_closed)
            {
                return false;
            }

            _closed = true;
        }

        Empty(forGood: true);
        using (s_slotsGate.Enter())
        {
            s_freeSlots.Enqueue(Slot, Slot);
        }

        return true;
    }

    /// <summary>The front's thread is gone.</summary>
    public void Retire(ThreadFront front)
    {
        using (_frontsGate.Enter())
        {
            if (_fronts.Remove(front))
            {
                TakeAll(front);
                Interlocked.Add(ref _live, front.Live); // large blocks are counted without the gate
            }
        }
    }

    private void TakeAll(ThreadFront front)
    {
        for (int i = 0; i < _classes.Length; i++)
        {
            GiveBack(i, front.TakeAll(i));
        }
    }

    private ThreadFront NewFront()
    {
        var front = new ThreadFront(this);
        using (_frontsGate.Enter())
        {
            if (_closed)
            {
                front.Stop();
            }

            _fronts.Add(front);
        }

        ThreadFronts.Set(front);
        return front;
    }

    private void GiveBack(int index, nuint chain)
    {
        if (chain != 0)
        {
            Release(_classes[index].Return(chain));
        }
    }

    private void Release(SlabHeader* slabs)
    {
        while (slabs != null)
        {
            nuint slab = (nuint)slabs;
            slabs = slabs->Next;
            _pages.Return(slab);
        }
    }
}

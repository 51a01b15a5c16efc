using MemoryPages.Mapping;
using MemoryPages.Platform;

namespace MemoryPages.Virtual;

/// <summary>What all fronts of a pool share: the free blocks of each class, and the budget of those that stay in memory.</summary>
/// <remarks>
/// <para>
/// One plain lock, for the fronts absorb what is frequent. The system is called outside of it, on blocks that are in no list meanwhile, except where
/// a class reserves its addresses, once. Callers hold the pool (a rental, or a hold): nothing is unmapped under these calls.
/// </para>
/// <para>
/// In hardened mode nothing is kept: a block that comes back is inaccessible at once, and stays so until many others have come back after it.
/// </para>
/// </remarks>
internal sealed partial class PoolStore
{
    private readonly UninterruptedLock _gate = new();
    private readonly PagePool _pool;
    private readonly PagePoolOptions _options;
    private readonly PoolClass[] _classes;
    private readonly nuint _budget;
    private nuint _warm;
    private long _committed;
    private long _discarded;
    private long _misses;
    private long _trims;

    /// <param name="pool">Whose blocks they are.</param>
    /// <param name="options">The user's wishes.</param>
    /// <param name="sizes">The bytes of a block of each class.</param>
    /// <param name="budget">The most bytes that free blocks here may keep in memory.</param>
    public PoolStore(PagePool pool, in PagePoolOptions options, ReadOnlySpan<nuint> sizes, nuint budget)
    {
        _pool = pool;
        _options = options;
        _budget = budget;
        _classes = new PoolClass[sizes.Length];
        for (int i = 0; i < sizes.Length; i++)
        {
            _classes[i] = new PoolClass(i, sizes[i], options);
        }
    }

    /// <summary>Under the lock: inside of it there may be one block too many for a moment.</summary>
    public nuint WarmBytes
    {
        get
        {
            using (_gate.Enter())
            {
                return _warm;
            }
        }
    }

    public nuint CommittedBytes => (nuint)Volatile.Read(ref _committed);

    public nuint DiscardedBytes => (nuint)Volatile.Read(ref _discarded);

    public long Misses => Volatile.Read(ref _misses);

    public long Trims => Volatile.Read(ref _trims);

    /// <summary>The addresses of a class, or null where it was never used.</summary>
    public MappingHandle? MappingOf(int index) => _classes[index].Mapping;

    public void CountMiss() => Interlocked.Increment(ref _misses);

    /// <summary>A free block of a class, committed. None, and no error, when the class has given out all of its addresses.</summary>
    public SystemError Take(int index, out PoolBlock? block)
    {
        PoolBlocks bare = default;
        using (_gate.Enter())
        {
            PoolClass blocks = _classes[index];
            block = blocks.Warm.TakeNewest();
            if (block is not null)
            {
                _warm -= block.Length;
                return SystemError.None;
            }

            block = blocks.Cold.TakeNewest();
            if (block is null)
            {
                SystemError error = TakeBare(blocks, ref bare);
                if (error.Failed)
                {
                    return error;
                }
            }
        }

        if (block is null && bare.Count != 0)
        {
            SystemError error = Commit(bare, out block);
            if (error.Failed)
            {
                return error;
            }
        }

        if (block is not null)
        {
            CountMiss();
        }

        return SystemError.None;
    }

    /// <summary>Keeps a free block in memory, within the budget: what exceeds it is given back, many blocks at a time.</summary>
    public void Put(PoolBlock block)
    {
        if (Hardening.IsOn)
        {
            Release(block);
            return;
        }

        PoolBlocks evicted = default;
        using (_gate.Enter())
        {
            _classes[block.Index].Warm.Add(block);
            _warm += block.Length;
            if (_warm > _budget)
            {
                Evict(_budget - (_budget / 8), ref evicted);
            }
        }

        Discard(ref evicted);
    }

    /// <summary>Ends the pool's lease on its addresses; they are unmapped if <paramref name="close"/> says so, or by their own finalizer.</summary>
    public void EndLeases(bool close)
    {
        foreach (PoolClass blocks in _classes)
        {
            if (close)
            {
                blocks.Mapping?.CloseOnceIdle();
            }

            blocks.Mapping?.Release();
        }
    }

    private SystemError TakeBare(PoolClass blocks, ref PoolBlocks bare)
    {
        const int LeastQuarantined = 64;
        if (Hardening.IsOn && blocks.Bare.Count < LeastQuarantined)
        {
            SystemError error = blocks.Carve(_pool, _options, ref bare);
            if (error.Failed || bare.Count != 0)
            {
                return error;
            }
        }

        if ((Hardening.IsOn ? blocks.Bare.TakeOldest() : blocks.Bare.TakeNewest()) is { } block)
        {
            bare.Add(block);
            return SystemError.None;
        }

        return blocks.Carve(_pool, _options, ref bare);
    }

    /// <summary>Makes neighbouring blocks memory, and takes the first. Where all are not to be had, the one that is needed may be.</summary>
    private SystemError Commit(PoolBlocks bare, out PoolBlock? block)
    {
        nuint length = bare.Bytes;
        block = bare.TakeOldest()!;
        bool all = true;
        SystemError error = MemorySystem.Current.Commit(block.Address, length);
        if (error.Failed && bare.Count != 0)
        {
            all = false;
            length = block.Length;
            error = MemorySystem.Current.Commit(block.Address, length);
        }

        if (error.Failed)
        {
            bare.Add(block);
            block = null;
        }
        else
        {
            Interlocked.Add(ref _committed, (long)length);
        }

        Keep(ref bare, isCommitted: all && !error.Failed);
        return error;
    }

    private void Keep(ref PoolBlocks free, bool isCommitted)
    {
        using (_gate.Enter())
        {
            while (free.TakeOldest() is { } block)
            {
                PoolClass blocks = _classes[block.Index];
                (isCommitted ? ref blocks.Cold : ref blocks.Bare).Add(block);
            }
        }
    }
}

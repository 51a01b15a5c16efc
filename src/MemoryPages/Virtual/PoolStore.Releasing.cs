using MemoryPages.Platform;

namespace MemoryPages.Virtual;

/// <summary>What goes back to the system: beyond the budget, and when the pool is trimmed.</summary>
internal sealed partial class PoolStore
{
    /// <summary>Takes blocks of the fronts that are about to be released: they are in memory, but no part of the budget any more.</summary>
    public void PutAside(Span<PoolBlocks> classes)
    {
        foreach (ref PoolBlocks blocks in classes)
        {
            Keep(ref blocks, isCommitted: true);
        }
    }

    /// <summary>Gives all free blocks back, memory and commit charge.</summary>
    /// <returns>Bytes of the blocks that were given back.</returns>
    public nuint Release()
    {
        Interlocked.Increment(ref _trims);
        nuint released = 0;
        foreach (PoolClass blocks in _classes)
        {
            PoolBlock[] free;
            using (_gate.Enter())
            {
                // Allocated before any is taken: had there been no memory for it, nothing would have been lost.
                free = new PoolBlock[blocks.Warm.Count + blocks.Cold.Count];
                _warm -= blocks.Warm.Bytes;
                for (int i = 0; i < free.Length; i++)
                {
                    free[i] = (blocks.Warm.TakeOldest() ?? blocks.Cold.TakeOldest())!;
                }
            }

            released += Release(free);
        }

        return released;
    }

    /// <summary>Gives one block back, memory and commit charge: a stale pointer to it is a fault from here on.</summary>
    public void Release(PoolBlock block) => _ = ReleaseRun([block]);

    /// <summary>The class that keeps most pays first, with what was idle longest.</summary>
    private void Evict(nuint target, ref PoolBlocks evicted)
    {
        while (_warm > target)
        {
            PoolClass most = _classes[0];
            foreach (PoolClass blocks in _classes)
            {
                most = blocks.Warm.Bytes > most.Warm.Bytes ? blocks : most;
            }

            PoolBlock block = most.Warm.TakeOldest()!;
            _warm -= block.Length;
            evicted.Add(block);
        }
    }

    private void Discard(ref PoolBlocks evicted)
    {
        const int MostTogether = 128;
        Span<(nuint Address, nuint Length)> ranges = stackalloc (nuint, nuint)[Math.Min(evicted.Count, MostTogether)];
        while (evicted.Count != 0)
        {
            PoolBlocks batch = default;
            while (batch.Count < ranges.Length && evicted.TakeOldest() is { } block)
            {
                ranges[batch.Count] = (block.Address, block.Length);
                batch.Add(block);
            }

            // What the system does not take back stays as it was: usable, and not zero.
            bool readsZero = !MemorySystem.Current.DiscardBatch(ranges[..batch.Count]).Failed;
            Interlocked.Add(ref _discarded, readsZero ? (long)batch.Bytes : 0);
            for (PoolBlock? block = batch.Newest; block is not null; block = block.Older)
            {
                block.ReadsZero = readsZero;
            }

            Keep(ref batch, isCommitted: true);
        }
    }

    /// <summary>Neighbours go back in one call, and leave one hole instead of many map entries.</summary>
    private nuint Release(PoolBlock[] free)
    {
        Array.Sort(free, static (one, other) => one.Address.CompareTo(other.Address));
        nuint released = 0;
        for (int end = free.Length; end > 0;)
        {
            int start = end - 1;
            while (start > 0 && free[start - 1].Address + free[start - 1].Length == free[start].Address)
            {
                start--;
            }

            released += ReleaseRun(free.AsSpan(start, end - start));
            end = start;
        }

        return released;
    }

    private nuint ReleaseRun(ReadOnlySpan<PoolBlock> run)
    {
        nuint address = run[0].Address;
        nuint length = run[^1].Address + run[^1].Length - address;
        bool released = !MemorySystem.Current.Decommit(address, length).Failed;
        if (released)
        {
            PoolClass.Advise(address, length, _options);
            Interlocked.Add(ref _committed, -(long)length);
        }

        // No map entry left for the hole (vm.max_map_count): then the memory at least, without the charge.
        bool readsZero = released || !MemorySystem.Current.Discard(address, length).Failed;
        using (_gate.Enter())
        {
            // The lowest last, to be rented first: what is in use stays together.
            for (int i = run.Length - 1; i >= 0; i--)
            {
                run[i].ReadsZero = readsZero;
                PoolClass blocks = _classes[run[i].Index];
                (released ? ref blocks.Bare : ref blocks.Cold).Add(run[i]);
            }
        }

        return released ? length : 0;
    }
}

using MemoryPages.Allocators;

namespace MemoryPages;

/// <content>What is found, whom it is told, and freed blocks in quarantine.</content>
public sealed unsafe partial class GuardedAllocator<TAllocator>
{
    /// <summary>Finds the block, and what is wrong with it.</summary>
    private AllocatorMisuse? Check(nuint address, Layout layout, out GuardedBlock? block)
    {
        if (_live.TryGetValue(address, out block))
        {
            AllocatorMisuseKind? wrong = block.Layout != layout ? AllocatorMisuseKind.WrongLayout : block.Damage;
            return wrong is { } kind ? AllocatorMisuse.Of(kind, address, layout, block) : null;
        }

        if (_freed.TryGetValue(address, out GuardedBlock? freed))
        {
            return AllocatorMisuse.Of(AllocatorMisuseKind.UseAfterFree, address, layout, freed);
        }

        return AllocatorMisuse.Of(AllocatorMisuseKind.UnknownBlock, address, layout, null);
    }

    /// <summary>Of a block that is not known here, whose it is. Not under the lock: it asks others, which have locks of their own.</summary>
    private static AllocatorMisuse? WithOwner(AllocatorMisuse? misuse) =>
        misuse is { Kind: AllocatorMisuseKind.UnknownBlock } && GuardedInstances.Find(misuse.Address) is { } block
            ? AllocatorMisuse.Of(
                block.IsFreed ? AllocatorMisuseKind.UseAfterFree : AllocatorMisuseKind.WrongInstance, misuse.Address, misuse.GivenLayout, block)
            : misuse;

    GuardedBlock? IGuardedInstance.Find(nuint address)
    {
        using (_gate.Enter())
        {
            return _live.TryGetValue(address, out GuardedBlock? block) || _freed.TryGetValue(address, out block) ? block : null;
        }
    }

    void IGuardedInstance.Tell(AllocatorMisuse misuse) => Tell(misuse);

    private void Tell(AllocatorMisuse? misuse)
    {
        if (misuse is not null)
        {
            Tell([misuse]);
        }
    }

    private void Tell(List<AllocatorMisuse> found)
    {
        if (_options.Report is { } report)
        {
            found.ForEach(report);
        }
        else if (found.Count != 0)
        {
            throw new AllocatorMisuseException(found);
        }
    }

    private void Quarantine(GuardedBlock block)
    {
        _freed[block.Address] = block;
        _quarantine.Enqueue(block);
        _quarantined += block.MemoryLayout.Size;
        ReleaseQuarantine(_disposed ? 0 : _options.Quarantined);
    }

    /// <summary>Gives the oldest back until no more than some bytes are left. What the system does not make memory again stays.</summary>
    private void ReleaseQuarantine(nuint most)
    {
        for (int rest = _quarantine.Count; rest > 0 && _quarantined > most; rest--)
        {
            GuardedBlock oldest = _quarantine.Dequeue();
            if (oldest.TryDisarm())
            {
                _quarantined -= oldest.MemoryLayout.Size;
                _freed.Remove(oldest.Address);
                _allocator.Free(oldest.Memory.Pointer, oldest.MemoryLayout);
            }
            else
            {
                _quarantine.Enqueue(oldest);
            }
        }
    }
}

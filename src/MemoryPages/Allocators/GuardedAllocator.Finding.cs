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
            return wrong is { } kind ? Misuse(kind, address, layout, block) : null;
        }

        if (_freed.TryGetValue(address, out GuardedBlock? freed))
        {
            return Misuse(AllocatorMisuseKind.UseAfterFree, address, layout, freed);
        }

        GuardedBlock? elsewhere = GuardedInstances.Find(address);
        return Misuse(elsewhere is null ? AllocatorMisuseKind.UnknownBlock : AllocatorMisuseKind.WrongInstance, address, layout, elsewhere);
    }

    private static AllocatorMisuse Misuse(AllocatorMisuseKind kind, nuint address, Layout given, GuardedBlock? block) => new()
    {
        Kind = kind,
        Address = address,
        Layout = block?.Layout ?? default,
        GivenLayout = given,
        AllocationStack = block?.AllocationStack,
        FreeStack = block?.FreeStack,
    };

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

namespace MemoryPages.Allocators;

/// <summary>A guarded allocator, whatever it guards.</summary>
internal interface IGuardedInstance
{
    /// <summary>The block at an address, in use or in quarantine; null where none is. Takes the allocator's lock.</summary>
    GuardedBlock? Find(nuint address);

    void Tell(AllocatorMisuse misuse);
}

/// <summary>
/// All guarded allocators: to say of a block that came to the wrong one whose it is, and of a box whether its block is still there.
/// </summary>
internal static class GuardedInstances
{
    private static readonly Lock s_gate = new();
    private static volatile WeakReference<IGuardedInstance>[] s_all = [];

    /// <summary>Whether there ever was one: programs without pay a look at this, and only for boxes of classes.</summary>
    public static bool Exist { get; private set; }

    public static void Add(IGuardedInstance instance)
    {
        lock (s_gate)
        {
            s_all = [.. s_all.Where(one => one.TryGetTarget(out _)), new WeakReference<IGuardedInstance>(instance)];
            Exist = true;
        }
    }

    /// <summary>
    /// The block of any instance at an address, rather one in use than one in quarantine. Not to be asked under an instance's lock.
    /// </summary>
    public static GuardedBlock? Find(nuint address) => Find(address, out _);

    /// <summary>
    /// Whether a box's block is there. If it is in quarantine, this is the end of a copy: its allocator reports it, before anything is touched that
    /// is not accessible any more.
    /// </summary>
    /// <param name="address">The block.</param>
    /// <param name="layout">The box's layout.</param>
    /// <param name="isSurelyGuarded">Whether the block must be some instance's.</param>
    /// <returns>False: not, and that was reported without an exception.</returns>
    public static bool IsThere(nuint address, Layout layout, bool isSurelyGuarded)
    {
        GuardedBlock? block = Find(address, out IGuardedInstance? instance);
        if (block is { IsFreed: false } || (block is null && !isSurelyGuarded))
        {
            return true;
        }

        AllocatorMisuse misuse = AllocatorMisuse.Of(
            block is null ? AllocatorMisuseKind.UnknownBlock : AllocatorMisuseKind.UseAfterFree, address, layout, block);
        if (instance is null)
        {
            throw new AllocatorMisuseException([misuse]);
        }

        instance.Tell(misuse);
        return false;
    }

    private static GuardedBlock? Find(nuint address, out IGuardedInstance? owner)
    {
        GuardedBlock? freed = null;
        owner = null;
        foreach (WeakReference<IGuardedInstance> one in s_all)
        {
            if (one.TryGetTarget(out IGuardedInstance? instance) && instance.Find(address) is { } block)
            {
                owner = instance;
                if (!block.IsFreed)
                {
                    return block;
                }

                freed = block;
            }
        }

        return freed;
    }
}

namespace MemoryPages.Allocators;

/// <summary>All guarded allocators: to say of a block that came to the wrong one that it is another's.</summary>
internal static class GuardedInstances
{
    private static readonly List<WeakReference<Dictionary<nuint, GuardedBlock>>> s_all = [];

    public static void Add(Dictionary<nuint, GuardedBlock> live)
    {
        lock (s_all)
        {
            s_all.RemoveAll(one => !one.TryGetTarget(out _));
            s_all.Add(new WeakReference<Dictionary<nuint, GuardedBlock>>(live));
        }
    }

    /// <summary>The block of any instance at an address, or null.</summary>
    public static GuardedBlock? Find(nuint address)
    {
        lock (s_all)
        {
            foreach (WeakReference<Dictionary<nuint, GuardedBlock>> one in s_all)
            {
                try
                {
                    if (one.TryGetTarget(out Dictionary<nuint, GuardedBlock>? live) && live.TryGetValue(address, out GuardedBlock? block))
                    {
                        return block;
                    }
                }
                catch (InvalidOperationException)
                {
                    // Another thread is changing it: its lock, taken here, could wait for this thread's. It is a hint for people, no more.
                }
            }
        }

        return null;
    }
}

using MemoryPages.Platform;

namespace MemoryPages.Mapping;

/// <summary>
/// Where address ranges end: unmapped, or kept inaccessible for a while so that a stale pointer faults instead of reading a stranger's bytes.
/// </summary>
/// <remarks>
/// It also holds ranges that the system would not unmap: neighbours of one kind are one mapping to Linux, so unmapping between two of them splits
/// it, and at <c>vm.max_map_count</c> that fails. Their memory is given back at once, the addresses with a later release.
/// </remarks>
internal static class Quarantine
{
    /// <summary>Each kept range may cost a map entry, of which Linux allows 65,530 by default.</summary>
    private const int MostRanges = 1024;

    private static readonly UninterruptedLock s_gate = new();
    private static readonly Queue<MappedRange> s_kept = new();
    private static readonly Queue<MappedRange> s_refused = new();
    private static volatile bool s_anyRefused;

    /// <summary>Ends a range. Never fails for the caller: what cannot be ended now is ended later.</summary>
    public static void Release(MappedRange range, bool keepAddresses)
    {
        if (keepAddresses && !MemorySystem.Current.Decommit(range.ReservedAddress, range.ReservedLength).Failed)
        {
            range = Exchange(range);
        }

        if (range.ReservedLength != 0 && MemorySystem.Current.Unmap(range.ReservedAddress, range.ReservedLength).Failed)
        {
            Refuse(range);
        }
        else if (s_anyRefused)
        {
            RetryRefused(); // this may have been what stood in the way
        }
    }

    /// <summary>Keeps a range; the oldest one comes out when there are enough.</summary>
    private static MappedRange Exchange(MappedRange range)
    {
        using (s_gate.Enter())
        {
            s_kept.Enqueue(range);
            return s_kept.Count > MostRanges ? s_kept.Dequeue() : default;
        }
    }

    private static void Refuse(MappedRange range)
    {
        _ = MemorySystem.Current.Discard(range.ReservedAddress, range.ReservedLength);
        using (s_gate.Enter())
        {
            s_refused.Enqueue(range);
            s_anyRefused = true;
        }
    }

    private static void RetryRefused()
    {
        using (s_gate.Enter())
        {
            bool any;
            do
            {
                any = false;
                for (int rest = s_refused.Count; rest > 0; rest--)
                {
                    MappedRange range = s_refused.Dequeue();
                    if (MemorySystem.Current.Unmap(range.ReservedAddress, range.ReservedLength).Failed)
                    {
                        s_refused.Enqueue(range);
                    }
                    else
                    {
                        any = true;
                    }
                }
            }
            while (any && s_refused.Count != 0);

            s_anyRefused = s_refused.Count != 0;
        }
    }
}

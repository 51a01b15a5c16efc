using MemoryPages.Platform.Linux.Native;
using static MemoryPages.Platform.Linux.Native.AdviceCalls;
using static MemoryPages.Platform.Linux.Native.BatchCalls;
using IoVector = MemoryPages.Platform.Linux.Native.ContentCalls.IoVector;

namespace MemoryPages.Platform.Linux;

/// <summary>One verb on many ranges in one call: one entry into the kernel, and one round of telling the other processors, for all of them.</summary>
internal sealed partial class LinuxMemorySystem
{
    private readonly Lazy<bool> _batchesSupported = new(ProbeBatches);

    public override bool BatchesSupported => _batchesSupported.Value;

    public override SystemError DiscardBatch(ReadOnlySpan<(nuint Address, nuint Length)> ranges)
    {
        // A single range is what madvise is for. The kernel stops at a range that wants more than DONTNEED (it is locked), or takes no batches from this
        // thread: the rest goes singly.
        if (ranges.Length > 1 && BatchesSupported)
        {
            ranges = ranges[DiscardTogether(ranges)..];
        }

        return DiscardSingly(ranges);
    }

    /// <summary>
    /// Each range by a call of its own: what is left where the kernel takes no batches. Goes on behind a failure, and returns the first.
    /// </summary>
    internal SystemError DiscardSingly(ReadOnlySpan<(nuint Address, nuint Length)> ranges) => base.DiscardBatch(ranges);

    /// <summary>The number of ranges, from the first on, that the kernel discarded whole.</summary>
    private static unsafe int DiscardTogether(ReadOnlySpan<(nuint Address, nuint Length)> ranges)
    {
        int done = 0;
        IoVector* vectors = stackalloc IoVector[Math.Min(ranges.Length, IOV_MAX)];
        while (done < ranges.Length)
        {
            int count = Math.Min(ranges.Length - done, IOV_MAX);
            for (int i = 0; i < count; i++)
            {
                (nuint address, nuint length) = ranges[done + i];
                vectors[i] = new IoVector { Base = address, Length = length };
            }

            // The result counts the bytes before the range at which it stopped; that range may be half done, which does no harm: it is done again.
            nint bytes = process_madvise(SYS_process_madvise, PIDFD_SELF, vectors, (nuint)count, MADV_DONTNEED, 0);
            int taken = 0;
            for (nuint left = (nuint)Math.Max(bytes, 0); taken < count && left >= vectors[taken].Length; taken++)
            {
                left -= vectors[taken].Length;
            }

            done += taken;
            if (taken < count)
            {
                break;
            }
        }

        return done;
    }

    /// <summary>
    /// The call is of Linux 5.10, DONTNEED for the own process of 6.13, naming it without a descriptor of 6.14; sandboxes refuse it. So the effect
    /// counts: two written pages read zero after it.
    /// </summary>
    private static bool ProbeBatches()
    {
        LinuxMemorySystem system = (LinuxMemorySystem)Current;
        return system.WithScratchPage(PageProtection.Read | PageProtection.Write, static (system, first) =>
            system.WithScratchPage(PageProtection.Read | PageProtection.Write, (system, second) => BatchTakesEffect(system, first, second)) ?? false) ?? false;
    }

    private static unsafe bool BatchTakesEffect(LinuxMemorySystem system, nuint first, nuint second)
    {
        Volatile.Write(ref *(byte*)first, 1);
        Volatile.Write(ref *(byte*)second, 1);
        ReadOnlySpan<(nuint, nuint)> ranges = [(first, system.PageSize), (second, system.PageSize)];
        return DiscardTogether(ranges) == ranges.Length && Volatile.Read(ref *(byte*)first) == 0 && Volatile.Read(ref *(byte*)second) == 0;
    }
}

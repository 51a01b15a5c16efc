using MemoryPages.Platform.MacOS.Native;
using static MemoryPages.Platform.MacOS.Native.MachCalls;
using static MemoryPages.Platform.MacOS.Native.MappingCalls;

namespace MemoryPages.Platform.MacOS;

/// <summary>Giving content back, and keeping what is left of it.</summary>
internal sealed unsafe partial class MacMemorySystem
{
    public override bool BatchesSupported => false;

    /// <remarks>
    /// No advice does it: MADV_DONTNEED keeps the content, MADV_FREE may, and MADV_ZERO, which is new, keeps the memory. So fresh memory is mapped
    /// over each region, as it was protected, advised and wired. Private pages of a file do not become the file's again that way.
    /// </remarks>
    public override SystemError Discard(nuint address, nuint length)
    {
        nuint end = address + length;
        nuint next = address;
        while (next < end && MacRegions.TryNext(_task, ref next, out nuint size, out RegionFacts info) && next < end)
        {
            nuint part = Math.Min(size, end - next);
            if (info.ExternalPager != 0)
            {
                return MacErrors.NotSupported("mmap");
            }

            if (mmap(next, part, info.Protection, Private | MAP_FIXED, KindOf(info), 0) == MAP_FAILED)
            {
                return Errno.Last("mmap");
            }

            SystemError error = TakeOver(info, next, part);
            if (error.Failed)
            {
                return error;
            }

            next += part;
        }

        return SystemError.None;
    }

    /// <remarks>
    /// The pages leave the process's footprint at once, and are the kernel's to take. It leaves alone what is wired, and what another mapping
    /// shares, without saying so: that is then found whole.
    /// </remarks>
    public override SystemError Offer(nuint address, nuint length)
    {
        if (madvise(address, length, MADV_FREE_REUSABLE) == 0)
        {
            return SystemError.None;
        }

        // The kernel goes from region to region and stops at one that is not writable: what it offered before is taken back, as far as it goes.
        SystemError error = Errno.Last("madvise");
        _ = madvise(address, length, MADV_FREE_REUSE);
        return error;
    }

    /// <remarks>
    /// Each MADV_FREE_REUSABLE has its MADV_FREE_REUSE, or the pages stay out of the footprint while they are used. That call does not say which were
    /// taken, and leaves the rest unwritten and so still the kernel's to drop: they are looked at, and a word of each is written.
    /// </remarks>
    public override SystemError Reclaim(nuint address, nuint length, out nuint lost)
    {
        lost = 0;
        if (madvise(address, length, MADV_FREE_REUSE) != 0)
        {
            return Errno.Last("madvise");
        }

        lost = OfferedPages.KeepLeft(address, length, PageSize);
        return SystemError.None;
    }
}

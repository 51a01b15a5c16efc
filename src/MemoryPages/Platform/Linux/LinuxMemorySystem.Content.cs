using MemoryPages.Platform.Linux.Native;
using static MemoryPages.Platform.Linux.Native.AdviceCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>Giving content back, and keeping what is left of it.</summary>
internal sealed partial class LinuxMemorySystem
{
    public override SystemError Discard(nuint address, nuint length)
    {
        if (madvise(address, length, MADV_DONTNEED) == 0)
        {
            return SystemError.None;
        }

        SystemError error = Errno.Last("madvise");
        if (error.Code != Errno.EINVAL)
        {
            return error;
        }

        // Locked memory: the kernel wants to be told that this is meant (since Linux 5.18).
        return madvise(address, length, MADV_DONTNEED_LOCKED) == 0 ? SystemError.None : Errno.Last("madvise");
    }

    public override SystemError Offer(nuint address, nuint length)
    {
        if (madvise(address, length, MADV_FREE) == 0)
        {
            return SystemError.None;
        }

        // The kernel goes from mapping to mapping and stops at a locked one: what it offered before is taken back.
        SystemError error = Errno.Last("madvise");
        _ = Reclaim(address, length, out _);
        return error;
    }

    /// <remarks>Linux does not say which offered pages it took: they are looked at.</remarks>
    public override SystemError Reclaim(nuint address, nuint length, out nuint lost)
    {
        lost = OfferedPages.KeepLeft(address, length, PageSize);
        return SystemError.None;
    }
}

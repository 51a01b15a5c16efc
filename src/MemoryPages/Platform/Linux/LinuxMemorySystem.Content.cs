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

    /// <summary>
    /// Linux does not say which offered pages it took, but a page is taken whole and reads zero then, and any write keeps it. So of each page one
    /// word that is not zero is written back by compare-and-swap: if it is still there afterwards, so is the whole page, for good. A page of
    /// zeros counts as lost: its content, if it was anything else, is.
    /// </summary>
    public override unsafe SystemError Reclaim(nuint address, nuint length, out nuint lost)
    {
        lost = 0;
        nuint wordsPerPage = PageSize / sizeof(ulong);
        for (nuint page = address; page != address + length; page += PageSize)
        {
            ulong* words = (ulong*)page;
            nuint i = 0;
            while (i < wordsPerPage && Volatile.Read(ref words[i]) == 0)
            {
                i++;
            }

            ulong kept = i < wordsPerPage ? words[i] : 0;
            ulong* word = kept == 0 ? words : words + i;
            if (Interlocked.CompareExchange(ref *word, kept, kept) == 0)
            {
                lost += PageSize;
            }
        }

        return SystemError.None;
    }
}

namespace MemoryPages.Tool.Probing;

/// <summary>
/// What this process may do, tried: the capabilities in /proc/self/status count within a user namespace, while these are asked for outside it.
/// Null where the trial says nothing.
/// </summary>
internal static unsafe class PrivilegeProbe
{
    /// <summary>CAP_IPC_LOCK: locks a page while this process's own limit is, for a moment, zero.</summary>
    public static bool? LocksBeyondLimit
    {
        get
        {
            const nint LockedMemory = 8; // RLIMIT_MEMLOCK
            ulong* old = stackalloc ulong[2];
            if (SystemCalls.Invoke(SystemCalls.Limits, out _, 0, LockedMemory, 0, (nint)old) != 0)
            {
                return null;
            }

            using var pages = Pages.Allocate(PageSize.Base);
            ulong* none = stackalloc ulong[2] { 0, old[1] };
            if (SystemCalls.Invoke(SystemCalls.Limits, out _, 0, LockedMemory, (nint)none) != 0)
            {
                return null;
            }

            try
            {
                pages.Lock();
                return true;
            }
            catch (MemoryPagesException)
            {
                return false;
            }
            finally
            {
                _ = SystemCalls.Invoke(SystemCalls.Limits, out _, 0, LockedMemory, (nint)old);
            }
        }
    }

    /// <summary>CAP_SYS_NICE: asks to move no pages, but those of others too (move_pages(2), MPOL_MF_MOVE_ALL).</summary>
    public static bool? MovesPagesOfOthers
    {
        get
        {
            const nint MoveAll = 4;
            bool moved = SystemCalls.Invoke(SystemCalls.MovePages, out int error, 0, 0, 0, 0, 0, MoveAll) == 0;
            return moved ? true : error == SystemCalls.EPERM ? false : null;
        }
    }

    /// <summary>CAP_SYS_RAWIO: maps a page without access just below the lowest address that all may have, for a moment (mmap_min_addr).</summary>
    public static bool? HasRawAccess(long lowestAddress)
    {
        const nint PrivateAnonymousHere = 0x100022; // MAP_FIXED_NOREPLACE
        nint address = (nint)lowestAddress - (nint)PageSize.Base;
        if (address < 0)
        {
            return null;
        }

        nint mapped = SystemCalls.Invoke(SystemCalls.Map, out int error, address, (nint)PageSize.Base, 0, PrivateAnonymousHere, -1);
        if (mapped != -1)
        {
            _ = SystemCalls.Invoke(SystemCalls.Unmap, out _, mapped, (nint)PageSize.Base);
        }

        return mapped == address ? true : error == SystemCalls.EPERM ? false : null;
    }
}

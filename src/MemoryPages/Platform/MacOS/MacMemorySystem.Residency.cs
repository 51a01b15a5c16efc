using MemoryPages.Platform.MacOS.Native;
using static MemoryPages.Platform.MacOS.Native.MachCalls;
using static MemoryPages.Platform.MacOS.Native.MappingCalls;

namespace MemoryPages.Platform.MacOS;

/// <summary>Making pages present, keeping them, and asking which are.</summary>
internal sealed unsafe partial class MacMemorySystem
{
    /// <remarks>
    /// No call does it for all kinds of memory: each page is touched. The kernel reads it on our behalf, and says where there is nothing; to
    /// write, which the region says beforehand whether it may be, nothing is added to a word of it in one operation, which changes nothing. A page of
    /// memory always has something behind it, so it need not be read first. A file that another program cuts off between the two is a signal all the
    /// same.  </remarks>
    public override SystemError Populate(nuint address, nuint length, nuint pageSize, bool forWriting)
    {
        nuint end = address + length;
        for (nuint next = address; next < end;)
        {
            nuint start = next;
            bool isThere = MacRegions.TryNext(_task, ref start, out nuint size, out RegionFacts info) && start == next;
            if (!isThere || (info.Protection & (forWriting ? PROT_WRITE : PROT_READ)) == 0)
            {
                return new SystemError("mach_vm_read_overwrite", Errno.EFAULT);
            }

            for (nuint stop = Math.Min(end, start + size); next < stop; next += pageSize)
            {
                if ((!forWriting || info.ExternalPager != 0) && !CanRead(next))
                {
                    return new SystemError("mach_vm_read_overwrite", Errno.EFAULT);
                }

                if (forWriting)
                {
                    Interlocked.Or(ref *(int*)next, 0);
                }
            }
        }

        return SystemError.None;
    }

    /// <remarks>What it has wired before it failed the kernel unwires again (vm_map_wire_nested).</remarks>
    public override SystemError Lock(nuint address, nuint length, LockMode mode) =>
        mode != LockMode.Resident ? MacErrors.NotSupported("mlock")
        : mlock(address, length) == 0 ? SystemError.None
        : Errno.Last("mlock");

    /// <remarks>
    /// The kernel counts how often a region was locked (user_wired_count). Elsewhere, and so here, unlocking once undoes all of it.
    /// </remarks>
    public override SystemError Unlock(nuint address, nuint length)
    {
        do
        {
            if (munlock(address, length) != 0)
            {
                return Errno.Last("munlock");
            }
        }
        while (IsAnyLocked(address, length));

        return SystemError.None;
    }

    /// <remarks>The other bits of what mincore(2) says of a page are cleared: they are Darwin's own.</remarks>
    public override SystemError QueryResidency(nuint address, Span<byte> pages)
    {
        fixed (byte* vector = pages)
        {
            return mincore(address, (nuint)pages.Length * PageSize, vector) == 0 ? SystemError.None : Errno.Last("mincore");
        }
    }

    private bool IsAnyLocked(nuint address, nuint length)
    {
        nuint next = address;
        while (next - address < length && MacRegions.TryNext(_task, ref next, out nuint size, out RegionFacts info) && next - address < length)
        {
            if (info.UserWiredCount != 0 && info.ShareMode != SM_LARGE_PAGE)
            {
                return true;
            }

            next += size;
        }

        return false;
    }
}

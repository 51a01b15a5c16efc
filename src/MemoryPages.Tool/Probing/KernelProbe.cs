using System.Runtime.InteropServices;
using MemoryPages.Unsafe;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Tool.Probing;

/// <summary>What the running kernel can do, tried on a page of one's own: a version number says little, a call that took effect says all.</summary>
internal static unsafe class KernelProbe
{
    /// <summary>PAGEMAP_SCAN (linux/fs.h, since 6.7): finds one resident page.</summary>
    public static bool ScansPageMap => OnWrittenPage(static address =>
    {
        const uint Command = 0xC0606610; // _IOWR('f', 16, struct pm_scan_arg)
        const ulong IsPresent = 8;
        ulong* region = stackalloc ulong[3];
        ulong* scan = stackalloc ulong[12] { 96, 0, address, address + PageSize.Base, 0, (ulong)region, 1, 0, 0, IsPresent, 0, IsPresent };
        return Control("/proc/self/pagemap", Command, scan) == 1 && region[0] == address;
    });

    /// <summary>PROCMAP_QUERY (linux/fs.h, since 6.11): finds the mapping of one page.</summary>
    public static bool QueriesMappings => OnWrittenPage(static address =>
    {
        const uint Command = 0xC0686611; // _IOWR('f', 17, struct procmap_query)
        ulong* query = stackalloc ulong[13] { 104, 0, address, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
        return Control("/proc/self/maps", Command, query) == 0 && query[3] <= address && address < query[4];
    });

    /// <summary>process_madvise(2) on the own process: two written pages read zero after one call.</summary>
    public static bool AdvisesInBatches => OnWrittenPage(static first => OnWrittenPage(second =>
    {
        const nint Self = -10000; // PIDFD_SELF, since 6.14
        const nint DontNeed = 4;
        nuint* ranges = stackalloc nuint[4] { first, PageSize.Base, second, PageSize.Base };
        return SystemCalls.Invoke(SystemCalls.AdviseProcess, out _, Self, (nint)ranges, 2, DontNeed) == (nint)(2 * PageSize.Base)
            && Volatile.Read(ref *(byte*)first) == 0 && Volatile.Read(ref *(byte*)second) == 0;
    }));

    /// <summary>userfaultfd(2) for all faults, those that the kernel takes for the process too.</summary>
    public static bool HandlesAllFaults => SystemCalls.MakesDescriptor(SystemCalls.UserFaults, 0);

    /// <summary>The same, for faults of the process's own code only (UFFD_USER_MODE_ONLY).</summary>
    public static bool HandlesOwnFaults => SystemCalls.MakesDescriptor(SystemCalls.UserFaults, 1);

    /// <summary>pkey_alloc(2): needs the processor and the kernel.</summary>
    public static bool HasProtectionKeys
    {
        get
        {
            nint key = SystemCalls.Invoke(SystemCalls.AllocateProtectionKey, out _);
            return key >= 0 && SystemCalls.Invoke(SystemCalls.FreeProtectionKey, out _, key) == 0;
        }
    }

    /// <summary>Memory shared between processes whose length is sealed (memfd_create(2), F_ADD_SEALS).</summary>
    public static bool SealsSharedMemory
    {
        get
        {
            var options = new SharedMemoryOptions { Seals = SharedMemorySeals.Length };
            using SharedMemory? memory = SharedMemory.TryCreate(PageSize.Base, options, out SharedMemory? made) ? made : null;
            return memory is not null && memory.Seals.HasFlag(SharedMemorySeals.Length);
        }
    }

    /// <summary>get_mempolicy(2): containers forbid the calls that bind memory to nodes.</summary>
    public static bool HasMemoryPolicies => SystemCalls.Invoke(SystemCalls.GetMemoryPolicy, out _) == 0;

    /// <summary>Reads the first byte of a shared file that was cut off under its mapping, which ends a process that does not survive it.</summary>
    public static bool SurvivesTruncation
    {
        get
        {
            if (!Pages.TruncationSurvivalSupported || !SharedMemory.TryCreate(PageSize.Base, default, out SharedMemory? file))
            {
                return false;
            }

            using SharedMemory owned = file;
            using Pages<ReadWrite> pages = file.MapShared(new FileMapOptions { SurviveTruncation = true });
            pages.Write(0, (byte)1);
            RandomAccess.SetLength(file.Handle, 0);
            return pages.Read<byte>(0) == 0 && pages.WasTruncated;
        }
    }

    /// <summary>How much of a touched range of two transparent huge pages came as huge pages.</summary>
    public static nuint TransparentHugeBytes()
    {
        var options = new AllocationOptions { HugePages = HugePages.Transparent, Populate = true };
        if (PageSize.TransparentHuge == 0 || !Pages.TryAllocate(2 * PageSize.TransparentHuge, options, out Pages<ReadWrite>? pages))
        {
            return 0;
        }

        using (pages)
        {
            nuint bytes = 0;
            foreach (Diagnostics.MemoryRegion region in Diagnostics.MemoryMap.RegionsOf(pages))
            {
                bytes += region.TransparentHuge;
            }

            return bytes;
        }
    }

    private static bool OnWrittenPage(Func<nuint, bool> probe)
    {
        using var pages = Pages.Allocate(PageSize.Base);
        pages.Write(0, (byte)1);
        return probe((nuint)pages.DangerousPointer());
    }

    /// <summary>ioctl(2) on a file of /proc; -1 where the file or the command is not there.</summary>
    private static nint Control(string path, uint command, void* argument)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(path);
            return SystemCalls.Invoke(SystemCalls.IoControl, out _, file.DangerousGetHandle(), (nint)command, (nint)argument);
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            return -1;
        }
    }
}

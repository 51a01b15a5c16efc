namespace MemoryPages.Platform.Linux;

/// <summary>What this process may have, in bytes: looked up when a call has failed, to say which limit it was.</summary>
internal static class LinuxLimits
{
    private const int CAP_IPC_LOCK = 14;

    public static long AddressSpace => LinuxFiles.ReadField("/proc/self/limits", "Max address space");

    public static long AddressSpaceUsed => LinuxFiles.ReadField("/proc/self/status", "VmSize:") * 1024;

    public static long Locked => LinuxFiles.ReadField("/proc/self/limits", "Max locked memory");

    public static long LockedUsed => LinuxFiles.ReadField("/proc/self/status", "VmLck:") * 1024;

    /// <summary>What devices of iommufd hold, which the limit counts for the user's processes together, apart from what is locked.</summary>
    public static long PinnedUsed => LinuxFiles.ReadField("/proc/self/status", "VmPin:") * 1024;

    public static long Mappings => LinuxFiles.ReadNumber("/proc/sys/vm/max_map_count");

    public static long MappingsUsed => LinuxFiles.CountLines("/proc/self/maps");

    /// <summary>Whether locking so much more is within the limit, or this thread has none: capabilities are a thread's own.</summary>
    public static bool AllowsLocking(nuint length) =>
        (LinuxFiles.ReadHexadecimalField("/proc/thread-self/status", "CapEff:") >> CAP_IPC_LOCK & 1) != 0 || Fits(length, LockedUsed, Locked);

    /// <summary>Whether so much more is within a limit of which a part is used.</summary>
    public static bool Fits(nuint length, long used, long limit) =>
        limit is long.MaxValue || (limit >= used && length <= (nuint)(limit - used));
}

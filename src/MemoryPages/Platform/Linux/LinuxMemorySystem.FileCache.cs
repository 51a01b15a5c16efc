using MemoryPages.Platform.Linux.Native;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Platform.Linux.Native.CacheCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>What the page cache holds of files.</summary>
internal sealed unsafe partial class LinuxMemorySystem
{
    private readonly RememberedAnswer _fileCacheFacts = new(ProbeFileCacheFacts);

    public override bool FileCacheFactsSupported => _fileCacheFacts.IsYes;

    public override SystemError QueryFileCache(SafeFileHandle file, long offset, long length, out FileCacheFacts facts)
    {
        using var held = new HeldDescriptor(file);
        return QueryFileCache(held.Number, offset, length, out facts);
    }

    private SystemError QueryFileCache(int file, long offset, long length, out FileCacheFacts facts)
    {
        facts = default;
        var range = new CacheRange { Offset = (ulong)offset, Length = (ulong)length };
        CacheStatus status;
        if (cachestat(SYS_cachestat, file, &range, &status, 0) != 0)
        {
            return Errno.Last("cachestat");
        }

        facts = new FileCacheFacts(
            Bytes(status.Cached), Bytes(status.Dirty), Bytes(status.WritingBack), Bytes(status.Evicted), Bytes(status.RecentlyEvicted));
        return SystemError.None;

        nuint Bytes(ulong pages) => (nuint)pages * PageSize;
    }

    /// <summary>By its effect: of a file in memory of two pages, one of them written, one is there.</summary>
    private static bool? ProbeFileCacheFacts()
    {
        var system = (LinuxMemorySystem)Current;
        if (CreateMemoryFile("probe", 0, out int file).Failed)
        {
            return null;
        }

        bool? supported = SetLength(file, 2 * system.PageSize).Failed || system.TouchFirst(file).Failed
            ? null
            : !system.QueryFileCache(file, 0, 0, out FileCacheFacts facts).Failed && facts.Cached == system.PageSize;
        _ = MemoryFileCalls.close(file);
        return supported;
    }

    private SystemError TouchFirst(int file)
    {
        nuint address = MappingCalls.mmap(0, PageSize, MappingCalls.PROT_READ | MappingCalls.PROT_WRITE, MappingCalls.MAP_SHARED, file, 0);
        if (address == MappingCalls.MAP_FAILED)
        {
            return Errno.Last("mmap");
        }

        *(byte*)address = 1;
        return Unmap(address, PageSize);
    }
}

using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>cachestat(2): what the page cache holds of a file.</summary>
internal static unsafe partial class CacheCalls
{
    /// <summary>One number on all processors (asm-generic/unistd.h). Since Linux 6.5; the C library has no name for it.</summary>
    public const nint SYS_cachestat = 451;

    [LibraryImport("libc", EntryPoint = "syscall")]
    public static partial nint cachestat(nint number, nint file, CacheRange* range, CacheStatus* status, nint flags);

    /// <summary>struct cachestat_range, in bytes; a length of 0 is to the end of the file.</summary>
    public struct CacheRange
    {
        public ulong Offset;
        public ulong Length;
    }

    /// <summary>struct cachestat, in pages.</summary>
    public struct CacheStatus
    {
        public ulong Cached;
        public ulong Dirty;
        public ulong WritingBack;
        public ulong Evicted;
        public ulong RecentlyEvicted;
    }
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>
/// pread(2), and the layout of what /proc/self/pagemap says of each base page, and /proc/kpageflags of each frame
/// (Documentation/admin-guide/mm/pagemap.rst).
/// </summary>
internal static unsafe partial class PageMapCalls
{
    /// <summary>The number of the frame; zero to who lacks CAP_SYS_ADMIN. Of a page that is swapped out these bits say where.</summary>
    public const ulong FrameMask = (1UL << 55) - 1;

    /// <summary>Nobody else has this page in its tables.</summary>
    public const ulong Exclusive = 1UL << 56;

    /// <summary>The page is a file's, or of shared memory: not private.</summary>
    public const ulong Shared = 1UL << 61;

    public const ulong Swapped = 1UL << 62;

    public const ulong Present = 1UL << 63;

    /// <summary>Of /proc/kpageflags: the frame is a part of a transparent huge page (KPF_THP).</summary>
    public const ulong TransparentHuge = 1UL << 22;

    [LibraryImport("libc")]
    public static partial nint pread(SafeFileHandle fd, void* buf, nuint count, long offset);
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>PAGEMAP_SCAN: the pages of a kind in a range, found by the kernel. Since Linux 6.7.</summary>
/// <remarks>Constants and structures: linux/fs.h, the same on all processors.</remarks>
internal static unsafe partial class PageScanCalls
{
    /// <summary>_IOWR('f', 16, struct pm_scan_arg).</summary>
    public const nuint PAGEMAP_SCAN = 0xC0606610;

    /// <summary>What is found is protected against writing again, in the same step.</summary>
    public const ulong PM_SCAN_WP_MATCHING = 1;

    /// <summary>To fail where a part of the range is not under such a protection.</summary>
    public const ulong PM_SCAN_CHECK_WPASYNC = 2;

    public const ulong PAGE_IS_WRITTEN = 2;

    [LibraryImport("libc")]
    public static partial int ioctl(SafeFileHandle fd, nuint request, ScanArguments* argument);

    /// <summary>struct page_region.</summary>
    public struct Region
    {
        public ulong Start;
        public ulong End;
        public ulong Categories;
    }

    /// <summary>struct pm_scan_arg.</summary>
    public struct ScanArguments
    {
        public ulong Size;
        public ulong Flags;
        public ulong Start;
        public ulong End;
        public ulong WalkEnd;
        public Region* Regions;
        public ulong RegionsLength;
        public ulong MostPages;
        public ulong Inverted;
        public ulong All;
        public ulong Any;
        public ulong Told;
    }
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>ioctl(PAGEMAP_SCAN) on /proc/self/pagemap, since Linux 6.7 (Documentation/admin-guide/mm/pagemap.rst; linux/fs.h).</summary>
internal static unsafe partial class PageScanCalls
{
    public const nuint PAGEMAP_SCAN = 0xC060_6610;

    public const ulong PAGE_IS_PRESENT = 1 << 3;
    public const ulong PAGE_IS_SWAPPED = 1 << 4;
    public const ulong PAGE_IS_PFNZERO = 1 << 5;

    /// <summary>One entry of the tables maps a huge page there, of the pool or a transparent one.</summary>
    public const ulong PAGE_IS_HUGE = 1 << 6;

    [LibraryImport("libc")]
    public static partial int ioctl(SafeFileHandle fd, nuint request, ScanArguments* arguments);

    /// <summary>struct pm_scan_arg.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ScanArguments
    {
        public ulong Size;
        public ulong Flags;
        public ulong Start;
        public ulong End;

        /// <summary>Written by the kernel: how far it came.</summary>
        public ulong WalkEnd;
        public ulong Vector;
        public ulong VectorLength;
        public ulong MostPages;
        public ulong InvertedCategories;
        public ulong AllOf;
        public ulong AnyOf;
        public ulong Returned;
    }

    /// <summary>struct page_region: neighbouring pages of the same categories.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ScannedRegion
    {
        public ulong Start;
        public ulong End;
        public ulong Categories;
    }
}

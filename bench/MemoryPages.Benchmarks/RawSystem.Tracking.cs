using System.Runtime.InteropServices;

namespace MemoryPages.Benchmarks;

/// <summary>Which pages were written to, asked of Linux directly.</summary>
internal static partial class RawSystem
{
    private const int UserFaultFd = 323; // x86-64
    private const int CloseOnExec = 0x80000;
    private const int FaultsOfProgramsOnly = 1;
    private const nuint Agree = 0xC018AA3F;
    private const nuint Register = 0xC020AA00;
    private const nuint Scan = 0xC0606610;
    private const ulong Written = 2;

    /// <summary>Ends with the descriptor.</summary>
    public static unsafe int TrackWrites(byte* start, nuint length)
    {
        int tracker = (int)syscall(UserFaultFd, CloseOnExec | FaultsOfProgramsOnly);
        ulong* agreement = stackalloc ulong[3] { 0xAA, (1 << 15) | (1 << 13), 0 };
        ulong* range = stackalloc ulong[4] { (ulong)start, length, 2, 0 };
        return tracker >= 0 && ioctl(tracker, Agree, agreement) == 0 && ioctl(tracker, Register, range) == 0
            ? tracker
            : throw new InvalidOperationException("userfaultfd failed.");
    }

    /// <summary>Regions as the kernel writes them: start, end, kind.</summary>
    public static unsafe int TakeWritten(int pageMap, byte* start, nuint length, ulong* regions, int room)
    {
        ulong* scan = stackalloc ulong[12] { 96, 1, (ulong)start, (ulong)start + length, 0, (ulong)regions, (ulong)room, 0, 0, Written, 0, Written };
        int count = ioctl(pageMap, Scan, scan);
        return count >= 0 ? count : throw new InvalidOperationException("PAGEMAP_SCAN failed.");
    }

    [LibraryImport("libc")]
    private static partial nint syscall(nint number, nint flags);

    [LibraryImport("libc")]
    private static unsafe partial int ioctl(int file, nuint request, void* argument);
}

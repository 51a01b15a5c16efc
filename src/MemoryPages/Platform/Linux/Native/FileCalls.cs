using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>
/// fallocate(2), ftruncate(2), pwrite(2), lseek(2), fsync(2), fdatasync(2), sync_file_range(2), fcntl(2): files that have a device.
/// </summary>
/// <remarks>
/// Constants: linux/falloc.h, linux/fs.h, asm-generic/fcntl.h. The handle's reference is given back between the call and the reading of errno: that
/// calls nothing unless another thread has just disposed the handle, and then close(2), which leaves errno alone when it succeeds.
/// </remarks>
internal static unsafe partial class FileCalls
{
    public const int SEEK_SET = 0;
    public const int SEEK_CUR = 1;

    /// <summary>The first hole from an offset on; the end of the file counts as one. File systems that know no holes say the end.</summary>
    public const int SEEK_HOLE = 4;

    public const uint SYNC_FILE_RANGE_WAIT_BEFORE = 1;
    public const uint SYNC_FILE_RANGE_WRITE = 2;
    public const uint SYNC_FILE_RANGE_WAIT_AFTER = 4;

    public const int F_DUPFD_CLOEXEC = 1030;

    [LibraryImport("libc")]
    public static partial int fallocate(SafeFileHandle fd, int mode, long offset, long len);

    [LibraryImport("libc")]
    public static partial int ftruncate(int fd, long length);

    [LibraryImport("libc")]
    public static partial nint pwrite(SafeFileHandle fd, byte* buf, nuint count, long offset);

    [LibraryImport("libc")]
    public static partial long lseek(SafeFileHandle fd, long offset, int whence);

    [LibraryImport("libc")]
    public static partial int fdatasync(SafeFileHandle fd);

    [LibraryImport("libc")]
    public static partial int sync_file_range(SafeFileHandle fd, long offset, long nbytes, uint flags);

    [LibraryImport("libc")]
    public static partial int fcntl(SafeFileHandle fd, int cmd, nint arg);

    [LibraryImport("libc")]
    public static partial int fsync(SafeFileHandle fd);
}

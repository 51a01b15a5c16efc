using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>linkat(2), unlink(2), fchmod(2), flock(2): files in memory that have a name, and so outlive their users.</summary>
/// <remarks>Constants: asm-generic/fcntl.h, sys/file.h; asm/fcntl.h of arm64 differs in two.</remarks>
internal static unsafe partial class NamedFileCalls
{
    public const int AT_FDCWD = -100;
    public const int AT_SYMLINK_NOFOLLOW = 0x100;
    public const int AT_SYMLINK_FOLLOW = 0x400;

    public const int LOCK_SH = 1;
    public const int LOCK_EX = 2;
    public const int LOCK_NB = 4;

    /// <summary>Bytes of a file's name that the kernel takes, without the terminator.</summary>
    public const int NAME_MAX = 255;

    public static readonly int O_NOFOLLOW = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 0x20000 : 0x8000;

    /// <summary>A file without a name, in the folder that is opened. It holds O_DIRECTORY.</summary>
    public static readonly int O_TMPFILE = 0x400000 | (RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 0x10000 : 0x4000);

    [LibraryImport("libc")]
    public static partial int linkat(int oldFolder, byte* oldPath, int newFolder, byte* newPath, int flags);

    [LibraryImport("libc")]
    public static partial int unlink(byte* path);

    [LibraryImport("libc")]
    public static partial int fchmod(SafeFileHandle fd, uint mode);

    [LibraryImport("libc")]
    public static partial int flock(int fd, int operation);
}

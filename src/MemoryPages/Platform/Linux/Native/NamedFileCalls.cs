using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>open(2), linkat(2), unlink(2), statx(2), fchmod(2), fallocate(2): files in memory that have a name, and so outlive their users.</summary>
/// <remarks>Constants: asm-generic/fcntl.h, and asm/fcntl.h of arm64, which differs in those two; linux/stat.h.</remarks>
internal static unsafe partial class NamedFileCalls
{
    public const int O_RDONLY = 0;
    public const int O_RDWR = 2;
    public const int O_NOCTTY = 0x100;
    public const int O_NONBLOCK = 0x800;
    public const int O_CLOEXEC = 0x80000;

    public const int AT_FDCWD = -100;
    public const int AT_SYMLINK_NOFOLLOW = 0x100;
    public const int AT_SYMLINK_FOLLOW = 0x400;
    public const int AT_NO_AUTOMOUNT = 0x800;

    /// <summary>Of the descriptor itself: the path is empty.</summary>
    public const int AT_EMPTY_PATH = AT_NO_AUTOMOUNT << 1;

    public const uint STATX_NLINK = 0x4;
    public const uint STATX_INO = 0x100;

    /// <summary>Bytes of a file's name that the kernel takes, without the terminator.</summary>
    public const int NAME_MAX = 255;

    public static readonly int O_NOFOLLOW = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 0x20000 : 0x8000;

    /// <summary>A file without a name, in the folder that is opened. It holds O_DIRECTORY.</summary>
    public static readonly int O_TMPFILE = 0x400000 | (RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 0x10000 : 0x4000);

    /// <summary>Variadic in C: the third argument is given always.</summary>
    [LibraryImport("libc")]
    public static partial int open(byte* path, int flags, uint mode);

    [LibraryImport("libc")]
    public static partial int linkat(int oldFolder, byte* oldPath, int newFolder, byte* newPath, int flags);

    [LibraryImport("libc")]
    public static partial int unlink(byte* path);

    [LibraryImport("libc")]
    public static partial int fchmod(int fd, uint mode);

    [LibraryImport("libc")]
    public static partial int fallocate(int fd, int mode, long offset, long length);

    [LibraryImport("libc")]
    public static partial int statx(int folder, byte* path, int flags, uint mask, out Status status);

    /// <summary>struct statx, as far as it is used: the same on every processor.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    public readonly struct Status
    {
        [FieldOffset(16)]
        public readonly uint Links;

        [FieldOffset(32)]
        public readonly ulong Number;

        [FieldOffset(136)]
        public readonly ulong Device;
    }
}

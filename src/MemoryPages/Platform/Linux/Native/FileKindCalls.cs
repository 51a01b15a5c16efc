using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>open(2), statx(2), fstatfs(2), ioctl(2): opening a file and asking what it is.</summary>
/// <remarks>
/// Constants: asm-generic/fcntl.h, linux/stat.h, linux/fs.h, linux/magic.h; x86-64 and arm64 share them. statx and not fstat: its structure is the
/// same on every processor.
/// </remarks>
internal static unsafe partial class FileKindCalls
{
    public const int O_RDONLY = 0;
    public const int O_WRONLY = 1;
    public const int O_RDWR = 2;
    public const int O_NOCTTY = 0x100;
    public const int O_NONBLOCK = 0x800;
    public const int O_CLOEXEC = 0x80000;

    /// <summary>Bytes of a path that the kernel takes, with the terminator.</summary>
    public const int PATH_MAX = 4 * 1024;

    /// <summary>Of the descriptor itself: the path is empty.</summary>
    public const int AT_EMPTY_PATH = 0x10 << 8;

    public const uint STATX_TYPE = 0x1;
    public const uint STATX_NLINK = 0x4;
    public const uint STATX_INO = 0x100;
    public const uint STATX_SIZE = 0x200;

    public const int S_IFMT = 0xF000;
    public const int S_IFIFO = 0x10 << 8;
    public const int S_IFCHR = 0x2000;
    public const int S_IFDIR = 0x4000;
    public const int S_IFBLK = 0x6000;
    public const int S_IFREG = 0x8000;
    public const int S_IFSOCK = 0xC000;

    public const long PROC_SUPER_MAGIC = 0x9fa0;
    public const long SYSFS_MAGIC = 0x62656572;
    public const long DEBUGFS_MAGIC = 0x64626720;
    public const long TRACEFS_MAGIC = 0x74726163;
    public const long SECURITYFS_MAGIC = 0x73636673;
    public const long CGROUP_SUPER_MAGIC = 0x27e0eb;
    public const long CGROUP2_SUPER_MAGIC = 0x63677270;
    public const long CONFIGFS_MAGIC = 0x62656570;
    public const long HUGETLBFS_MAGIC = 0x958458f6;

    /// <summary>asm/unistd_64.h, asm-generic/unistd.h.</summary>
    private static readonly nint SYS_statx = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 332 : 291;

    public const nuint BLKGETSIZE64 = 0x80081272;

    /// <summary>Variadic in C; the third argument is read only where a file is to be created.</summary>
    [LibraryImport("libc")]
    public static partial int open(byte* path, int flags, uint mode);

    public static int statx(int directory, byte* path, int flags, uint mask, out Status status)
    {
        Status answer;
        nint result = syscall(SYS_statx, directory, path, flags, (nint)mask, &answer);
        status = answer; // calls nothing: errno stays
        return (int)result;
    }

    [LibraryImport("libc")]
    public static partial int fstatfs(int fd, out FileSystem status);

    [LibraryImport("libc")]
    public static partial int ioctl(int fd, nuint request, ulong* answer);

    /// <summary>By number: musl has the name since 1.2.5 only.</summary>
    [LibraryImport("libc")]
    private static partial nint syscall(nint number, nint directory, byte* path, nint flags, nint mask, Status* status);

    /// <summary>struct statx, as far as it is used.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    public readonly struct Status
    {
        [FieldOffset(4)]
        public readonly uint BlockSize;

        [FieldOffset(16)]
        public readonly uint Links;

        [FieldOffset(28)]
        public readonly ushort Mode;

        [FieldOffset(32)]
        public readonly ulong Number;

        [FieldOffset(40)]
        public readonly ulong Size;

        [FieldOffset(136)]
        public readonly ulong Device;
    }

    /// <summary>struct statfs, as far as it is used.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 120)]
    public readonly struct FileSystem
    {
        [FieldOffset(0)]
        public readonly long Magic;

        [FieldOffset(8)]
        public readonly long BlockSize;
    }
}

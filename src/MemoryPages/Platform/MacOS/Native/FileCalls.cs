using System.Runtime.InteropServices;

namespace MemoryPages.Platform.MacOS.Native;

/// <summary>open(2), fcntl(2), fstat(2), ftruncate(2), fsync(2), lseek(2), getrlimit(2), shm_open(2), shm_unlink(2).</summary>
/// <remarks>
/// <para>
/// Constants: XNU's bsd/sys/fcntl.h, stat.h, unistd.h, resource.h, syslimits.h, posix_shm.h; eng/macos/constants.tsv has the line of each.
/// </para>
/// <para>
/// open, fcntl and shm_open are variadic in C. On Apple's arm64 what stands for the three dots is passed on the stack, eight bytes each, whatever
/// registers are free: so there it is declared as the ninth argument, behind as many as there are registers for. On x86-64 it is passed like any
/// other. Sources: Apple, Writing ARM64 code for Apple platforms; XNU's libsyscall/wrappers/varargs_wrappers.s, which loads it from there.
/// </para>
/// </remarks>
internal static unsafe partial class FileCalls
{
    public const int O_RDONLY = 0;
    public const int O_RDWR = 2;
    public const int O_NONBLOCK = 0x4;
    public const int O_CREAT = 0x200;
    public const int O_EXCL = 0x800;
    public const int O_NOCTTY = 0x20000;
    public const int O_CLOEXEC = 0x1000000;

    public const int F_GETFD = 1;
    public const int F_SETFD = 2;
    public const int F_PREALLOCATE = 42;
    public const int F_FULLFSYNC = 51;
    public const int F_DUPFD_CLOEXEC = 67;
    public const int F_BARRIERFSYNC = 85;
    public const int F_PUNCHHOLE = 99;

    public const int FD_CLOEXEC = 1;

    public const uint F_ALLOCATEALL = 4;
    public const int F_PEOFPOSMODE = 3;

    public const int S_IFMT = 0xF000;
    public const int S_IFIFO = 0x1000;
    public const int S_IFCHR = 0x2000;
    public const int S_IFDIR = 0x4000;
    public const int S_IFBLK = 0x6000;
    public const int S_IFREG = 0x8000;
    public const int S_IFSOCK = 0xC000;

    public const int SEEK_SET = 0;
    public const int SEEK_CUR = 1;

    /// <summary>3 here, and 4 in Linux.</summary>
    public const int SEEK_HOLE = 3;

    public const int RLIMIT_FSIZE = 1;

    /// <summary>Bytes of a path that the kernel takes, with the terminator.</summary>
    public const int PATH_MAX = 1024;

    /// <summary>Bytes of the name of shared memory, without the terminator.</summary>
    public const int PSHMNAMLEN = 31;

    private static readonly bool s_isArm64 = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    public static int shm_open(byte* name, int flags, uint mode) =>
        s_isArm64 ? OpenSharedOnArm64(name, flags, 0, 0, 0, 0, 0, 0, (nint)mode) : OpenSharedOnX64(name, flags, (nint)mode);

    public static int fcntl(int fd, int command, nint argument) =>
        s_isArm64 ? ControlOnArm64(fd, command, 0, 0, 0, 0, 0, 0, argument) : ControlOnX64(fd, command, argument);

    public static int fstat(int fd, out Status status)
    {
        Status answer;
        int result = s_isArm64 ? StatusOnArm64(fd, &answer) : StatusOnX64(fd, &answer);
        status = answer; // calls nothing: errno stays
        return result;
    }

    /// <summary>Without the third argument, which C reads only where a file is to be made (libsyscall/wrappers/open-base.c).</summary>
    [LibraryImport("libSystem")]
    public static partial int open(byte* path, int flags);

    [LibraryImport("libSystem")]
    public static partial int ftruncate(int fd, long length);

    [LibraryImport("libSystem")]
    public static partial int fsync(int fd);

    [LibraryImport("libSystem")]
    public static partial long lseek(int fd, long offset, int whence);

    [LibraryImport("libSystem")]
    public static partial int getrlimit(int resource, out Limit limit);

    [LibraryImport("libSystem")]
    public static partial int shm_unlink(byte* name);

    [LibraryImport("libSystem", EntryPoint = "shm_open")]
    private static partial int OpenSharedOnX64(byte* name, int flags, nint mode);

    [LibraryImport("libSystem", EntryPoint = "shm_open")]
    private static partial int OpenSharedOnArm64(byte* name, int flags, nint x2, nint x3, nint x4, nint x5, nint x6, nint x7, nint mode);

    [LibraryImport("libSystem", EntryPoint = "fcntl")]
    private static partial int ControlOnX64(int fd, int command, nint argument);

    [LibraryImport("libSystem", EntryPoint = "fcntl")]
    private static partial int ControlOnArm64(int fd, int command, nint x2, nint x3, nint x4, nint x5, nint x6, nint x7, nint argument);

    /// <summary>The structure with 64-bit inode numbers: on x86-64 it has a name of its own.</summary>
    [LibraryImport("libSystem", EntryPoint = "fstat$INODE64")]
    private static partial int StatusOnX64(int fd, Status* status);

    [LibraryImport("libSystem", EntryPoint = "fstat")]
    private static partial int StatusOnArm64(int fd, Status* status);

    /// <summary>struct stat, as far as it is used.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 144)]
    public readonly struct Status
    {
        [FieldOffset(4)]
        public readonly ushort Mode;

        [FieldOffset(96)]
        public readonly long Size;
    }

    /// <summary>fstore_t: what F_PREALLOCATE takes.</summary>
    public struct Store
    {
        public uint Flags;
        public int PositionMode;
        public long Offset;
        public long Length;
        public long Allocated;
    }

    /// <summary>fpunchhole_t: what F_PUNCHHOLE takes.</summary>
    public struct Hole
    {
        public uint Flags;
        public uint Reserved;
        public long Offset;
        public long Length;
    }

    /// <summary>struct rlimit.</summary>
    public struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}

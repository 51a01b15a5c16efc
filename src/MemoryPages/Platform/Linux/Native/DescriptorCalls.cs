using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>fcntl(2), flock(2): what is known of an open file beside its content: seals, inheritance, who uses it.</summary>
/// <remarks>Constants: linux/fcntl.h, sys/file.h; x86-64 and arm64 share them.</remarks>
internal static partial class DescriptorCalls
{
    public const int F_GETFD = 1;
    public const int F_SETFD = 2;
    public const int F_ADD_SEALS = 1033;
    public const int F_GET_SEALS = 1034;

    public const int FD_CLOEXEC = 1;

    public const int F_SEAL_SEAL = 0x1;
    public const int F_SEAL_SHRINK = 0x2;
    public const int F_SEAL_GROW = 0x4;
    public const int F_SEAL_WRITE = 0x8;

    /// <summary>Since Linux 5.1.</summary>
    public const int F_SEAL_FUTURE_WRITE = 0x10;

    /// <summary>Since Linux 6.3.</summary>
    public const int F_SEAL_EXEC = 0x20;

    public const int LOCK_SH = 1;
    public const int LOCK_EX = 2;
    public const int LOCK_NB = 4;

    /// <summary>Variadic in C: the third argument is given always.</summary>
    [LibraryImport("libc")]
    public static partial int fcntl(int fd, int command, nint argument);

    [LibraryImport("libc")]
    public static partial int flock(int fd, int operation);
}

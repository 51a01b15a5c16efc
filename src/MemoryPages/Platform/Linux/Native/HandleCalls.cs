using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>fcntl(2): another descriptor of an open file. Constants: linux/fcntl.h; the same on x86-64 and arm64.</summary>
internal static partial class HandleCalls
{
    public const int F_DUPFD_CLOEXEC = 1030;

    /// <summary>Variadic in C, where an argument behind the named ones goes the same way on these processors.</summary>
    [LibraryImport("libc")]
    public static partial int fcntl(int fd, int cmd, nint arg);
}

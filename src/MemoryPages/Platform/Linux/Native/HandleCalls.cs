using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>fcntl(2), fstatfs(2): another descriptor of an open file, and what it lies on.</summary>
/// <remarks>Constants: linux/fcntl.h, linux/magic.h; the same on x86-64 and arm64.</remarks>
internal static partial class HandleCalls
{
    public const int F_DUPFD_CLOEXEC = 1030;

    public const long HUGETLBFS_MAGIC = 0x958458f6;

    /// <summary>Variadic in C, where an argument behind the named ones goes the same way on these processors.</summary>
    [LibraryImport("libc")]
    public static partial int fcntl(int fd, int cmd, nint arg);

    [LibraryImport("libc")]
    public static partial int fstatfs(int fd, out FileSystem buf);

    /// <summary>struct statfs, of which only the first two fields are asked.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 120)]
    public readonly struct FileSystem
    {
        public readonly long Type;
        public readonly long BlockSize;
    }
}

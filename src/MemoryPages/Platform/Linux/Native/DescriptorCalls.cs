using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>pipe2(2), read(2), write(2), fcntl(2), fstatfs(2): open files and what is done with them.</summary>
/// <remarks>Constants: asm-generic/fcntl.h, linux/magic.h; the same on x86-64 and arm64.</remarks>
internal static unsafe partial class DescriptorCalls
{
    public const int O_CLOEXEC = 0x80000;

    public const int F_DUPFD_CLOEXEC = 1030;

    public const long HUGETLBFS_MAGIC = 0x958458f6;

    [LibraryImport("libc")]
    public static partial int pipe2(int* pipefd, int flags);

    [LibraryImport("libc")]
    public static partial nint read(int fd, void* buf, nuint count);

    [LibraryImport("libc")]
    public static partial nint write(int fd, void* buf, nuint count);

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

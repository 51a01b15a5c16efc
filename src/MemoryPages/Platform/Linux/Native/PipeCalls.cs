using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>pipe2(2), read(2), write(2). Constants: asm-generic/fcntl.h, which x86-64 and arm64 share.</summary>
internal static unsafe partial class PipeCalls
{
    public const int O_CLOEXEC = 0x80000;

    [LibraryImport("libc")]
    public static partial int pipe2(int* pipefd, int flags);

    [LibraryImport("libc")]
    public static partial nint read(int fd, void* buf, nuint count);

    [LibraryImport("libc")]
    public static partial nint write(int fd, void* buf, nuint count);
}

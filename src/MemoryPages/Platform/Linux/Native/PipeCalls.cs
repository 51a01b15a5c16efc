using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>pipe2(2), read(2), write(2).</summary>
internal static unsafe partial class PipeCalls
{
    [LibraryImport("libc")]
    public static partial int pipe2(int* pipefd, int flags);

    [LibraryImport("libc")]
    public static partial nint read(int fd, void* buf, nuint count);

    [LibraryImport("libc")]
    public static partial nint write(int fd, void* buf, nuint count);
}

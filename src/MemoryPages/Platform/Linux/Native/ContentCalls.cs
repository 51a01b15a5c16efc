using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>mincore(2), msync(2), process_vm_readv(2), process_vm_writev(2): what the pages hold, and where.</summary>
internal static unsafe partial class ContentCalls
{
    public const int MS_ASYNC = 1;
    public const int MS_SYNC = 4;

    [LibraryImport("libc")]
    public static partial int mincore(nuint addr, nuint length, byte* vec);

    [LibraryImport("libc")]
    public static partial int msync(nuint addr, nuint length, int flags);

    [LibraryImport("libc")]
    public static partial nint process_vm_readv(int pid, IoVector* local, nuint localCount, IoVector* remote, nuint remoteCount, nuint flags);

    [LibraryImport("libc")]
    public static partial nint process_vm_writev(int pid, IoVector* local, nuint localCount, IoVector* remote, nuint remoteCount, nuint flags);

    /// <summary>struct iovec.</summary>
    public struct IoVector
    {
        public nuint Base;
        public nuint Length;
    }
}

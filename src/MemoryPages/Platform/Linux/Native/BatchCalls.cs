using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>process_madvise(2): one advice for many ranges in one call.</summary>
internal static unsafe partial class BatchCalls
{
    /// <summary>One number on all processors: it is younger than the common table (asm-generic/unistd.h).</summary>
    public const nint SYS_process_madvise = 440;

    /// <summary>The calling process, without a descriptor (linux/pidfd.h, since Linux 6.14). Older kernels say EBADF.</summary>
    public const nint PIDFD_SELF = -10000;

    /// <summary>The most ranges that a call takes (limits.h, IOV_MAX).</summary>
    public const int IOV_MAX = 1024;

    /// <summary>By number: glibc has the name since 2.36 only, musl has not.</summary>
    [LibraryImport("libc", EntryPoint = "syscall")]
    public static partial nint process_madvise(nint number, nint pidfd, ContentCalls.IoVector* ranges, nuint count, nint advice, nuint flags);
}

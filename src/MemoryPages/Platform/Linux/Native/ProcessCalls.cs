using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>prctl(2), rt_sigprocmask(2), futex(2), membarrier(2) and the instruction cache.</summary>
internal static unsafe partial class ProcessCalls
{
    public const int PR_SET_VMA = 0x53564d41;
    public const nuint PR_SET_VMA_ANON_NAME = 0;

    /// <summary>Numbers differ by processor: asm/unistd_64.h, asm-generic/unistd.h.</summary>
    public static readonly nint SYS_rt_sigprocmask = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 14 : 135;

    public static readonly nint SYS_futex = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 202 : 98;

    public static readonly nint SYS_membarrier = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 324 : 283;

    /// <summary>
    /// Every thread of the process passes a barrier of its instruction stream before it runs on (linux/membarrier.h, since Linux 4.16).
    /// </summary>
    public const nint MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE = 1 << 5;

    public const nint MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE = 1 << 6;

    public const int FUTEX_WAKE_OP_PRIVATE = 5 | 128;

    /// <summary>FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_EQ, 0).</summary>
    public const uint FUTEX_OP_ADD_ZERO = 1 << 28;

    [LibraryImport("libc")]
    public static partial int prctl(int option, nuint arg2, nuint arg3, nuint arg4, byte* arg5);

    [LibraryImport("libc")]
    public static partial nint syscall(nint number, nint how, nuint set, nuint oldSet, nuint setSize);

    [LibraryImport("libc", EntryPoint = "syscall")]
    public static partial nint futex(nint number, uint* word, nint operation, nint wake, nint wakeOther, uint* other, nuint otherOperation);

    [LibraryImport("libc", EntryPoint = "syscall")]
    public static partial nint membarrier(nint number, nint command, nint flags, nint processor);

    /// <summary>The compiler's run-time library, which every .NET process on Linux has loaded; a real function on arm64 only.</summary>
    [LibraryImport("libgcc_s.so.1", EntryPoint = "__clear_cache")]
    public static partial void clear_cache(nuint begin, nuint end);
}

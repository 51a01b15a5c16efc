using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>io_uring_setup(2), io_uring_register(2): only for the pages that a ring's registered buffers hold in their frames.</summary>
/// <remarks>
/// Numbers and constants: asm-generic/unistd.h and linux/io_uring.h, one on all processors. The C library has no names for the calls.
/// </remarks>
internal static unsafe partial class RingCalls
{
    public const nint SYS_io_uring_setup = 425;
    public const nint SYS_io_uring_register = 427;

    public const nint IORING_REGISTER_BUFFERS = 0;
    public const nint IORING_UNREGISTER_BUFFERS = 1;

    /// <summary>Buffers of one ring.</summary>
    public const int MostBuffers = 1 << 14;

    /// <summary>Bytes of one buffer.</summary>
    public const nuint LongestBuffer = 1 << 30;

    /// <summary>struct io_uring_params: what the kernel fills in is of no interest here.</summary>
    public const int SizeOfParameters = 120;

    [LibraryImport("libc", EntryPoint = "syscall")]
    public static partial nint io_uring_setup(nint number, nint entries, byte* parameters);

    [LibraryImport("libc", EntryPoint = "syscall")]
    public static partial nint io_uring_register(nint number, SafeFileHandle fd, nint opcode, void* arg, nint arguments);
}

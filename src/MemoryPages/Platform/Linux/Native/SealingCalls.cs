using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>mseal(2), since Linux 6.10: the C library has no function for it yet.</summary>
internal static partial class SealingCalls
{
    /// <summary>The same on all processors: calls since Linux 5.1 are numbered together (asm-generic/unistd.h).</summary>
    public const nint SYS_mseal = 462;

    [LibraryImport("libc", EntryPoint = "syscall")]
    public static partial nint mseal(nint number, nuint addr, nuint len, nuint flags);
}

using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>memfd_secret(2): memory that the kernel takes out of its own tables.</summary>
internal static partial class SecretCalls
{
    /// <summary>One number on all processors (asm-generic/unistd.h). Since Linux 5.14; the C library has no name for it.</summary>
    public const nint SYS_memfd_secret = 447;

    /// <summary>The only flag that it takes is O_CLOEXEC.</summary>
    [LibraryImport("libc", EntryPoint = "syscall")]
    public static partial nint memfd_secret(nint number, nint flags);
}

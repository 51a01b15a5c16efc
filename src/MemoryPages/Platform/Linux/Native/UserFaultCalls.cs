using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>userfaultfd(2): only for its write protection that the kernel lifts by itself, which is how it remembers what was written.</summary>
/// <remarks>Constants and structures: linux/userfaultfd.h, the same on all processors. The C library has no name for the call.</remarks>
internal static unsafe partial class UserFaultCalls
{
    public const int UFFD_USER_MODE_ONLY = 1;

    public const ulong UFFD_API = 0xAA;

    /// <summary>Pages of shared memory and explicit huge pages too. Since Linux 5.19.</summary>
    public const ulong UFFD_FEATURE_WP_HUGETLBFS_SHMEM = 1 << 12;

    /// <summary>Pages that were never touched too. Since Linux 6.4.</summary>
    public const ulong UFFD_FEATURE_WP_UNPOPULATED = 1 << 13;

    /// <summary>The kernel lets the write happen, and asks nobody. Since Linux 6.7.</summary>
    public const ulong UFFD_FEATURE_WP_ASYNC = 1 << 15;

    public const ulong UFFDIO_REGISTER_MODE_WP = 2;

    /// <summary>_IOWR(0xAA, 0x3F, struct uffdio_api).</summary>
    public const nuint UFFDIO_API = 0xC018AA3F;

    /// <summary>_IOWR(0xAA, 0x00, struct uffdio_register).</summary>
    public const nuint UFFDIO_REGISTER = 0xC020AA00;

    /// <summary>The number differs between processors: x86-64 has a table of its own, the others share asm-generic/unistd.h.</summary>
    public static nint SYS_userfaultfd => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 323 : 282;

    [LibraryImport("libc", EntryPoint = "syscall")]
    public static partial nint userfaultfd(nint number, nint flags);

    [LibraryImport("libc")]
    public static partial int ioctl(SafeFileHandle fd, nuint request, void* argument);

    /// <summary>struct uffdio_api.</summary>
    public struct Agreement
    {
        public ulong Api;
        public ulong Features;
        public ulong Requests;
    }

    /// <summary>struct uffdio_register.</summary>
    public struct Registration
    {
        public ulong Start;
        public ulong Length;
        public ulong Mode;
        public ulong Requests;
    }
}

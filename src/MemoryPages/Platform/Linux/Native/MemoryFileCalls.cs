using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>memfd_create(2), close(2), getrlimit(2): files that exist in memory only, for as long as something maps them.</summary>
/// <remarks>Constants: linux/memfd.h; asm-generic/resource.h, which x86-64 and arm64 share.</remarks>
internal static unsafe partial class MemoryFileCalls
{
    public const uint MFD_CLOEXEC = 0x1;

    /// <summary>Seals may be added. <see cref="MFD_NOEXEC_SEAL"/> allows it too.</summary>
    public const uint MFD_ALLOW_SEALING = 0x2;

    /// <summary>Made of huge pages; the binary logarithm of their size stands at <see cref="MFD_HUGE_SHIFT"/>.</summary>
    public const uint MFD_HUGETLB = 0x4;

    /// <summary>
    /// Never to be run as a program. Since Linux 6.3; before, it is an unknown flag (EINVAL). Where vm.memfd_noexec is 2 nothing else is allowed.
    /// </summary>
    public const uint MFD_NOEXEC_SEAL = 0x8;

    public const int MFD_HUGE_SHIFT = 26;

    /// <summary>Bytes of a name that the kernel takes, without the terminator.</summary>
    public const int LongestName = 249;

    public const int RLIMIT_FSIZE = 1;

    [LibraryImport("libc")]
    public static partial int memfd_create(byte* name, uint flags);

    [LibraryImport("libc")]
    public static partial int close(int fd);

    [LibraryImport("libc")]
    public static partial int getrlimit(int resource, out Limit rlim);

    /// <summary>struct rlimit.</summary>
    public struct Limit
    {
        public nuint Soft;
        public nuint Hard;
    }
}

using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>mmap(2), munmap(2), mremap(2), mprotect(2): address ranges come, go, move and change protection.</summary>
/// <remarks>
/// Constants: asm-generic/mman.h and asm-generic/mman-common.h, which x86-64 and arm64 share. No <c>SetLastError</c>: on failure the
/// caller's next statement reads errno itself (<see cref="Errno.Last"/>), which saves 25 ns a call.
/// </remarks>
internal static partial class MappingCalls
{
    public const int PROT_NONE = 0;
    public const int PROT_READ = 1;
    public const int PROT_WRITE = 2;
    public const int PROT_EXEC = 4;

    public const int MAP_SHARED = 0x01;
    public const int MAP_PRIVATE = 0x02;
    public const int MAP_FIXED = 0x10;
    public const int MAP_ANONYMOUS = 0x20;
    public const int MAP_NORESERVE = 0x4000;
    public const int MAP_STACK = 0x20000;
    public const int MAP_HUGETLB = 0x40000;

    /// <summary>Since Linux 4.17; before, the address is a wish only: compare it.</summary>
    public const int MAP_FIXED_NOREPLACE = 0x100000;

    /// <summary>The binary logarithm of the huge-page size goes here, six bits.</summary>
    public const int MAP_HUGE_SHIFT = 26;

    public const int MREMAP_MAYMOVE = 1;
    public const int MREMAP_FIXED = 2;

    public static readonly nuint MAP_FAILED = nuint.MaxValue;

    [LibraryImport("libc")]
    public static partial nuint mmap(nuint addr, nuint length, int prot, int flags, nint fd, long offset);

    [LibraryImport("libc")]
    public static partial int munmap(nuint addr, nuint length);

    /// <summary>Variadic in C: all five arguments are given always, or the last is what the register happened to hold.</summary>
    [LibraryImport("libc")]
    public static partial nuint mremap(nuint old_address, nuint old_size, nuint new_size, int flags, nuint new_address);

    [LibraryImport("libc")]
    public static partial int mprotect(nuint addr, nuint len, int prot);
}

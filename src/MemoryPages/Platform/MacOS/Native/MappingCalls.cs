using System.Runtime.InteropServices;

namespace MemoryPages.Platform.MacOS.Native;

/// <summary>mmap(2), munmap(2), mprotect(2), mincore(2), msync(2), madvise(2), minherit(2), mlock(2), munlock(2).</summary>
/// <remarks>
/// Constants: XNU's bsd/sys/mman.h, osfmk/mach/vm_inherit.h; eng/macos/constants.tsv has the line of each. None of the calls is variadic.
/// </remarks>
internal static unsafe partial class MappingCalls
{
    public const int PROT_NONE = 0;
    public const int PROT_READ = 1;
    public const int PROT_WRITE = 2;
    public const int PROT_EXEC = 4;

    public const int MAP_SHARED = 0x1;
    public const int MAP_PRIVATE = 0x2;
    public const int MAP_FIXED = 0x10;

    /// <summary>
    /// Memory without a file; the descriptor may then carry flags of Mach instead: see <see cref="MachCalls.VM_FLAGS_SUPERPAGE_SIZE_2MB"/>.
    /// </summary>
    public const int MAP_ANON = 0x1000;

    public const int MS_ASYNC = 0x1;
    public const int MS_SYNC = 0x10;

    public const int MADV_NORMAL = 0;
    public const int MADV_RANDOM = 1;
    public const int MADV_SEQUENTIAL = 2;
    public const int MADV_WILLNEED = 3;

    /// <summary>Makes the pages the first to be taken when memory is short: their content stays, also that of memory.</summary>
    public const int MADV_DONTNEED = 4;

    public const int MADV_FREE = 5;
    public const int MADV_ZERO_WIRED_PAGES = 6;
    public const int MADV_FREE_REUSABLE = 7;
    public const int MADV_FREE_REUSE = 8;

    public const int VM_INHERIT_SHARE = 0;
    public const int VM_INHERIT_COPY = 1;
    public const int VM_INHERIT_NONE = 2;

    public static readonly nuint MAP_FAILED = nuint.MaxValue;

    [LibraryImport("libSystem")]
    public static partial nuint mmap(nuint addr, nuint length, int prot, int flags, int fd, long offset);

    [LibraryImport("libSystem")]
    public static partial int munmap(nuint addr, nuint length);

    [LibraryImport("libSystem")]
    public static partial int mprotect(nuint addr, nuint length, int prot);

    [LibraryImport("libSystem")]
    public static partial int mincore(nuint addr, nuint length, byte* vec);

    [LibraryImport("libSystem")]
    public static partial int msync(nuint addr, nuint length, int flags);

    [LibraryImport("libSystem")]
    public static partial int madvise(nuint addr, nuint length, int advice);

    [LibraryImport("libSystem")]
    public static partial int minherit(nuint addr, nuint length, int inherit);

    [LibraryImport("libSystem")]
    public static partial int mlock(nuint addr, nuint length);

    [LibraryImport("libSystem")]
    public static partial int munlock(nuint addr, nuint length);
}

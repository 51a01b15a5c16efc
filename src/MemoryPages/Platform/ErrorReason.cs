namespace MemoryPages;

/// <summary>Why the system refused, in kinds that a program can act on.</summary>
public enum ErrorReason
{
    /// <summary>The system gave a reason of its own: see <see cref="MemoryPagesException.ErrorCode"/>.</summary>
    Other,

    /// <summary>No physical memory or kernel memory is left.</summary>
    OutOfMemory,

    /// <summary>The process may not have more address space (<c>ulimit -v</c>), or has no free range of that size.</summary>
    AddressSpaceLimit,

    /// <summary>The system promises no more memory than it can keep (strict overcommit), and this would be more.</summary>
    CommitLimit,

    /// <summary>The process has as many mappings as it may (<c>vm.max_map_count</c>).</summary>
    TooManyMappings,

    /// <summary>The process may not lock more memory (<c>RLIMIT_MEMLOCK</c>).</summary>
    LockLimit,

    /// <summary>No huge page of the wanted size is free, or the system has none of that size.</summary>
    NoHugePages,

    /// <summary>A privilege or a permission is missing.</summary>
    AccessDenied,

    /// <summary>The running kernel, or this kind of memory, cannot do it.</summary>
    NotSupported,

    /// <summary>A page has nothing behind it: the file is shorter than the mapping, the huge-page pool is empty, or a guard is installed.</summary>
    Unbacked,

    /// <summary>Reading from or writing to the device behind the pages failed.</summary>
    InputOutput,

    /// <summary>There is no such file, or nothing of that name: the cause of a <see cref="FileNotFoundException"/>.</summary>
    NotFound,

    /// <summary>The file system has no room left for the file, or the user's quota none.</summary>
    NoSpace,

    /// <summary>Files of this process (<c>RLIMIT_FSIZE</c>), or of this file system, may not be that long.</summary>
    FileSizeLimit,

    /// <summary>There is something of that name already.</summary>
    AlreadyExists,

    /// <summary>No pages that can be had lie where they are wished in the machine: side by side, below an address, on a node.</summary>
    NoSuchFrames,

    /// <summary>A seal on shared memory forbids it.</summary>
    Sealed,

    /// <summary>Something else has it: another program, or a driver of the kernel.</summary>
    Busy,
}

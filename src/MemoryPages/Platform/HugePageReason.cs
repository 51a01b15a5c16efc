namespace MemoryPages.Diagnostics;

/// <summary>
/// Why memory is not in huge pages: see <see cref="HugePageReport"/>. In the order in which they are looked at: a byte has one reason, the first that
/// holds.
/// </summary>
public enum HugePageReason
{
    /// <summary>The system has no transparent huge pages, or never for memory of this kind: a device's, the kernel's own.</summary>
    Unsupported,

    /// <summary>
    /// Before the first or behind the last whole huge page of its mapping: huge pages begin at multiples of their size, in the addresses and in the
    /// file, and do not reach over the border of two mappings.
    /// </summary>
    Unaligned,

    /// <summary>The process was told to do without. Linux: <c>PR_SET_THP_DISABLE</c>.</summary>
    ForbiddenToProcess,

    /// <summary>The memory was told to do without: <see cref="Advice.NoHugePage"/>, or it is a stack.</summary>
    ForbiddenByAdvice,

    /// <summary>The system gives none. Linux: <c>/sys/kernel/mm/transparent_hugepage/enabled</c> says <c>never</c>.</summary>
    SystemSetting,

    /// <summary>Shared memory gets none. Linux: <c>shmem_enabled</c>, or the option <c>huge=</c> of a mounted tmpfs.</summary>
    SharedMemorySetting,

    /// <summary>The system gives them to who asks, and nobody did: <see cref="HugePages.Transparent"/>, <see cref="Advice.HugePage"/>.</summary>
    NotAdvised,

    /// <summary>The file's file system keeps no huge pages, or not for a mapping of this kind.</summary>
    FileNotSupported,

    /// <summary>Nothing is there: never touched, discarded, or only read. A write may bring a huge page.</summary>
    NotTouched,

    /// <summary>Some of it is swapped out: it comes back in base pages.</summary>
    SwappedOut,

    /// <summary>
    /// It is a huge page, or the rest of one, that is mapped in base pages: a part had its protection or advice changed, or was given back.
    /// </summary>
    Split,

    /// <summary>Only some of its base pages are there.</summary>
    PartlyTouched,

    /// <summary>All of its base pages are there, and the system has no free piece of memory as long as a huge page.</summary>
    Fragmented,

    /// <summary>
    /// All of its base pages are there: touched before huge pages were asked for, or when none was free. Nothing has gathered them yet.
    /// </summary>
    NotCollapsed,
}

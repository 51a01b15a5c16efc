namespace MemoryPages;

/// <summary>
/// Advice about how pages will be used that never changes what is read from them (except <see cref="HwPoison"/>, which is for tests).
/// </summary>
/// <remarks>
/// Given with <see cref="Pages{TProtection}.Advise"/>. The values are this library's own; each system's floor translates them
/// (<c>Platform/Linux/LinuxAdvice.cs</c>). Whether the running kernel knows one: <c>Advice.Random.IsSupported</c>. Source: madvise(2).
/// </remarks>
public enum Advice
{
    /// <summary>No special treatment: undoes <see cref="Random"/> and <see cref="Sequential"/>. Linux <c>MADV_NORMAL</c>.</summary>
    Normal,

    /// <summary>Pages will be read in random order: no read-ahead. Linux <c>MADV_RANDOM</c>.</summary>
    Random,

    /// <summary>Pages will be read in order, once: read far ahead, drop what was read. Linux <c>MADV_SEQUENTIAL</c>.</summary>
    Sequential,

    /// <summary>
    /// Pages of a file will be wanted soon: start reading them. It does not wait and promises nothing; on anonymous memory it does nothing.
    /// To have pages resident, prefault them. Linux <c>MADV_WILLNEED</c>.
    /// </summary>
    WillNeed,

    /// <summary>A child process does not get these pages: their physical place cannot move by copy-on-write. Linux <c>MADV_DONTFORK</c>.</summary>
    DontFork,

    /// <summary>Undoes <see cref="DontFork"/>. Linux <c>MADV_DOFORK</c>.</summary>
    DoFork,

    /// <summary>Let the kernel share pages of equal content (KSM). Opens side channels between processes. Linux <c>MADV_MERGEABLE</c>.</summary>
    Mergeable,

    /// <summary>Undoes <see cref="Mergeable"/> and what it merged. Linux <c>MADV_UNMERGEABLE</c>.</summary>
    Unmergeable,

    /// <summary>Back the range with transparent huge pages. Give it before the first touch. Linux <c>MADV_HUGEPAGE</c>.</summary>
    HugePage,

    /// <summary>Never back the range with transparent huge pages. Linux <c>MADV_NOHUGEPAGE</c>.</summary>
    NoHugePage,

    /// <summary>Leave the pages out of core dumps. Linux <c>MADV_DONTDUMP</c>.</summary>
    DontDump,

    /// <summary>Undoes <see cref="DontDump"/>. Linux <c>MADV_DODUMP</c>.</summary>
    DoDump,

    /// <summary>
    /// Treat the pages as broken memory, to test the handling of it: the content is lost and the next access ends the process. Needs
    /// <c>CAP_SYS_ADMIN</c> and a kernel built with it. Linux <c>MADV_HWPOISON</c>.
    /// </summary>
    HwPoison,

    /// <summary>Make the pages present for reading now and report what cannot be. Linux <c>MADV_POPULATE_READ</c>.</summary>
    PopulateRead,

    /// <summary>Make the pages present for writing now and report what cannot be. Linux <c>MADV_POPULATE_WRITE</c>.</summary>
    PopulateWrite,

    /// <summary>
    /// Zero locked pages when they are unmapped without being unlocked. macOS <c>MADV_ZERO_WIRED_PAGES</c>; no other system has it.
    /// </summary>
    ZeroWiredPages,

    /// <summary>Move the content to other frames and take these out of use. Needs <c>CAP_SYS_ADMIN</c>. Linux <c>MADV_SOFT_OFFLINE</c>.</summary>
    SoftOffline,

    /// <summary>A child process sees zeros here. Private anonymous memory only. Linux <c>MADV_WIPEONFORK</c>.</summary>
    WipeOnFork,

    /// <summary>Undoes <see cref="WipeOnFork"/>. Linux <c>MADV_KEEPONFORK</c>.</summary>
    KeepOnFork,

    /// <summary>Make the pages the first to be reclaimed under pressure; content stays. Linux <c>MADV_COLD</c>.</summary>
    Cold,

    /// <summary>Reclaim the pages now: write them to swap or their file; content stays. Linux <c>MADV_PAGEOUT</c>.</summary>
    PageOut,

    /// <summary>Gather the pages into huge pages now, synchronously. Touch at least one page of each first. Linux <c>MADV_COLLAPSE</c>.</summary>
    Collapse,
}

namespace MemoryPages.Unsafe;

/// <summary>Advice that changes what is read from the pages, or whether they can be read at all.</summary>
/// <remarks>
/// Given with <c>DangerousAdvise</c>. Safe code has verbs for the same: <c>Discard</c> for <see cref="DontNeed"/>, <c>Offer</c> for
/// <see cref="Free"/>. Whether the running kernel knows one: <c>UncheckedAdvice.Free.IsSupported</c>. Source: madvise(2).
/// </remarks>
public enum UncheckedAdvice
{
    /// <summary>
    /// Drop the pages: private anonymous memory reads zero afterwards, file pages are read from the file again. Linux <c>MADV_DONTNEED</c>.
    /// </summary>
    DontNeed,

    /// <summary>Drop the pages when memory gets short, unless written first. Private anonymous memory. Linux <c>MADV_FREE</c>.</summary>
    Free,

    /// <summary>Punch a hole in the file or shared memory behind the pages. Linux <c>MADV_REMOVE</c>.</summary>
    Remove,

    /// <summary>As <see cref="DontNeed"/>, also for locked pages. Linux <c>MADV_DONTNEED_LOCKED</c>.</summary>
    DontNeedLocked,

    /// <summary>Drop the content and make every access a fault, without using map entries. Linux <c>MADV_GUARD_INSTALL</c>.</summary>
    GuardInstall,

    /// <summary>Undoes <see cref="GuardInstall"/>: the pages read zero. Linux <c>MADV_GUARD_REMOVE</c>.</summary>
    GuardRemove,

    /// <summary>As <see cref="Free"/>, and no longer counted as resident. macOS <c>MADV_FREE_REUSABLE</c>; no other system has it.</summary>
    FreeReusable,

    /// <summary>Undoes <see cref="FreeReusable"/> before the pages are used again. macOS <c>MADV_FREE_REUSE</c>; no other system has it.</summary>
    FreeReuse,
}

using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>Giving memory back while keeping the pages: of those that can be written. Each verb says what it did.</summary>
public static class PagesRelease
{
    extension<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IWritable
    {
        /// <summary>Forgets the content: the physical memory is back with the system at once, the pages stay usable and read zero.</summary>
        /// <param name="range">The part, rounded <b>inward</b>: a page that is not wholly in it keeps its content. Null for all.</param>
        /// <returns>
        /// What was given back: the whole pages of the range; the commit charge is kept. Memory reads zero, copy-on-write pages read as their file
        /// again.
        /// </returns>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages.</exception>
        /// <exception cref="InvalidOperationException">A lease is open, or the pages are shared with a file.</exception>
        /// <exception cref="MemoryPagesException">The system refused.</exception>
        /// <remarks>Linux: <c>MADV_DONTNEED</c>, on locked pages <c>MADV_DONTNEED_LOCKED</c>.</remarks>
        [Invalidates]
        public ReleaseFacts Discard(PageRange? range = null) => Release(pages, "Discard", range, readsZero: true, ObstacleToDiscard, static (_, address, length) =>
            MemorySystem.Current.Discard(address, length));
    }

    extension<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IReadable, IWritable
    {
        /// <summary>
        /// Lets the system take the memory when it gets short, without asking. Until then the content stays. <see cref="Reclaim"/> before using it
        /// again.
        /// </summary>
        /// <param name="range">The part, rounded <b>inward</b> to whole pages; null for all.</param>
        /// <returns>What was offered. It may read zero from now on, or its content.</returns>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages.</exception>
        /// <exception cref="InvalidOperationException">A lease is open, or a file gives the content.</exception>
        /// <exception cref="MemoryPagesException">The system refused: locked or explicit huge pages cannot be offered.</exception>
        /// <remarks>Linux: <c>MADV_FREE</c>. Writing to a page takes that page back.</remarks>
        [Invalidates]
        public ReleaseFacts Offer(PageRange? range = null) => Release(pages, "Offer", range, readsZero: false, ObstacleToOffer, static (_, address, length) =>
            MemorySystem.Current.Offer(address, length));

        /// <summary>Takes offered pages back: what is left of their content stays from now on.</summary>
        /// <param name="range">The part, rounded inward as for <see cref="Offer"/>; null for all.</param>
        /// <returns>
        /// The number of bytes, in whole pages, that the system took: they read zero. A page that was all zeros before counts as taken, since the
        /// system does not tell the two apart. 0: everything is as it was.
        /// </returns>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages.</exception>
        /// <exception cref="InvalidOperationException">A lease is open, or a file gives the content.</exception>
        /// <remarks>Touches every page of the range: a word of it is written back to where it was.</remarks>
        [Invalidates]
        public nuint Reclaim(PageRange? range = null)
        {
            nuint lost = 0;
            _ = Release(pages, "Reclaim", range, readsZero: false, ObstacleToOffer, (_, address, length) =>
                MemorySystem.Current.Reclaim(address, length, out lost));
            return lost;
        }
    }

    /// <summary>What all verbs that destroy content do, those on memory and those on files.</summary>
    /// <param name="pages">The pages.</param>
    /// <param name="operation">The verb.</param>
    /// <param name="wished">The part; null for all.</param>
    /// <param name="readsZero">Whether memory and shared files read zero afterwards. Private copies read as their file.</param>
    /// <param name="obstacle">Why pages with such a content refuse the verb, or null.</param>
    /// <param name="call">Of the system, with the mapping, the first address and the bytes.</param>
    internal static ReleaseFacts Release<TProtection>(
        Pages<TProtection> pages,
        string operation,
        PageRange? wished,
        bool readsZero,
        Func<Backing, string?> obstacle,
        Func<MappingHandle, nuint, nuint, SystemError> call)
        where TProtection : struct, IProtection => pages.Change(operation, (operation, wished, readsZero, obstacle, call), static (mapping, wish) =>
    {
        PageRange range = wish.wished ?? mapping.Whole;
        mapping.ThrowIfOutside(range);
        if (wish.obstacle(mapping.Backing) is string obstacle)
        {
            throw new InvalidOperationException($"{wish.operation} {obstacle}");
        }

        (nuint address, nuint length) = mapping.Inward(range);
        SystemError error = length == 0 ? SystemError.None : wish.call(mapping, address, length);
        bool readsZero = wish.readsZero && mapping.Backing != Backing.PrivateFile;
        return error.Failed
            ? throw mapping.Failure(error, wish.operation, address, length)
            : new ReleaseFacts(mapping.RangeOf(address, length), readsZero, ChargeReleased: false, NeedsRecommit: false);
    });

    private static string? ObstacleToDiscard(Backing backing) => backing == Backing.SharedFile
        ? "forgets content, and a file gives the content of these pages: it would be read again. Remove takes it out of the file."
        : null;

    private static string? ObstacleToOffer(Backing backing) => backing == Backing.Memory
        ? null
        : "lets the system forget content, and a file gives the content of these pages: the system takes their memory without being asked.";
}

using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>Giving the space of a file back while it keeps its length.</summary>
public static class PagesHoles
{
    extension<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IWritable
    {
        /// <summary>
        /// Punches a hole into the file: the content of a part is gone for everyone who has the file, it reads zero, and the space is back with the
        /// file system. The file keeps its length.
        /// </summary>
        /// <param name="range">The part, rounded <b>inward</b>: a page that is not wholly in it keeps its content. Null for all.</param>
        /// <returns>What was given back: the whole pages of the range, reading zero. A file on a device has no commit charge to release.</returns>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages.</exception>
        /// <exception cref="InvalidOperationException">A lease is open, or no file gives the content: <c>Discard</c> is for memory.</exception>
        /// <exception cref="MemoryPagesException">
        /// The system refused: the file system punches no holes, the pages are locked, or they are not shared with the file.
        /// </exception>
        /// <remarks>
        /// Writing to the part takes space again, which the file system may not have any more: a fault that ends the process. Space is given back in
        /// blocks of the file system; where these are larger than a page, what is left of them is only zeroed. Linux: <c>MADV_REMOVE</c>, which is
        /// fallocate(2) with <c>FALLOC_FL_PUNCH_HOLE</c>. macOS: <c>F_PUNCHHOLE</c>.
        /// </remarks>
        public ReleaseFacts Remove(PageRange? range = null) =>
            PagesRelease.Release(pages, "Remove", range, readsZero: true, ObstacleToRemove, static (mapping, address, length) =>
                mapping.PunchHole(address, length));
    }

    private static string? ObstacleToRemove(Backing backing) => backing == Backing.SharedFile
        ? null
        : "punches holes into files, and these pages are shared with none: Discard gives memory and private copies back.";
}

using MemoryPages.Ownership;

namespace MemoryPages;

/// <summary>Learning which pages are written to: of those that can be.</summary>
public static class PagesTracking
{
    extension<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IWritable
    {
        /// <summary>
        /// From here on the system remembers which of the pages are written to: for snapshots, migration, repainting, barriers of collectors.
        /// </summary>
        /// <param name="range">The part, rounded outward to whole pages; null for all.</param>
        /// <returns>A lease: the pages stay as they are until it is disposed.</returns>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages.</exception>
        /// <exception cref="MemoryPagesException">
        /// Writes to some of the pages are tracked already (<see cref="ErrorReason.Busy"/>), or the system cannot tell
        /// (<see cref="ErrorReason.NotSupported"/>; see <see cref="WriteTracking.IsSupported"/>).
        /// </exception>
        [return: Owned]
        public WriteTracking TrackWrites(PageRange? range = null) => WriteTracking.Of(pages, range);
    }
}

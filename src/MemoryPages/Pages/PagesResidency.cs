using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>Having pages in memory: of those that can be read or written.</summary>
public static class PagesResidency
{
    extension<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IAccessible
    {
        /// <summary>Makes the pages resident now, so that the first touch is no fault; or says which call could not and why.</summary>
        /// <param name="range">The part, rounded outward to whole pages; null for all.</param>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages.</exception>
        /// <exception cref="MemoryPagesException">
        /// A page has nothing behind it (<see cref="ErrorReason.Unbacked"/>), or there is no memory. Some pages may be resident then.
        /// </exception>
        /// <remarks>
        /// Memory that can be written is prepared for writing; file pages for reading, so that none is written back for it. Linux:
        /// <c>MADV_POPULATE_WRITE</c>, <c>MADV_POPULATE_READ</c>, and before 5.14 a touch of each page by the kernel (futex(2), process_vm_readv(2)).
        /// </remarks>
        public void Prefault(PageRange? range = null) => pages.OnPages("Prefault", range, 0, static (mapping, address, length, _) =>
            MemorySystem.Current.Populate(
                address, length, mapping.PageSize, forWriting: !mapping.IsFileBacked && (TProtection.Protection & PageProtection.Write) != 0));

        /// <summary>Keeps the pages in memory until they are unlocked or disposed.</summary>
        /// <param name="mode">Whether all are made resident now, or each when it is first touched.</param>
        /// <param name="range">The part, rounded outward to whole pages; null for all.</param>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages, or there is no such mode.</exception>
        /// <exception cref="MemoryPagesException">
        /// The limit of locked memory is reached (<see cref="ErrorReason.LockLimit"/>): nothing has changed. Or a page cannot be had
        /// (<see cref="ErrorReason.Unbacked"/>, <see cref="ErrorReason.OutOfMemory"/>): the range is left unlocked.
        /// </exception>
        /// <remarks>
        /// Locks do not nest. A lock keeps pages in memory, not in place: the kernel may still move them to other frames. Linux: mlock(2), mlock2(2).
        /// </remarks>
        public void Lock(LockMode mode = LockMode.Resident, PageRange? range = null)
        {
            if (!Enum.IsDefined(mode))
            {
                throw new ArgumentOutOfRangeException(nameof(mode), mode, "There is no such mode.");
            }

            pages.OnPages("Lock", range, mode, static (_, address, length, mode) => MemorySystem.Current.Lock(address, length, mode));
        }
    }
}

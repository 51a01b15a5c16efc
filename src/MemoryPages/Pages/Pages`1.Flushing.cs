using MemoryPages.Mapping;

namespace MemoryPages;

/// <content>Writing what was changed to the file. Nothing else does that on this library's part: not disposing, not resizing.</content>
public sealed partial class Pages<TProtection>
{
    /// <summary>
    /// Writes changed pages to their file and, unless told otherwise, waits until the device has them. On pages that share their content with no file
    /// (memory, private copies of a file) it does nothing.
    /// </summary>
    /// <param name="range">The part, rounded outward to whole pages; null for all.</param>
    /// <param name="level">How far.</param>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages, or there is no such level.</exception>
    /// <exception cref="MemoryPagesException">
    /// The device or the file system failed. What was changed since the last flush may be lost then: Linux tells of a failed write once, and takes
    /// the pages for written afterwards, so a second flush that succeeds proves nothing.
    /// </exception>
    /// <remarks>
    /// Durably on Linux: msync(2) with <c>MS_SYNC</c>, which has the file system sync the range as fdatasync(2) does a whole file: content, what is
    /// needed to find it again (a length among it), and the device's cache. Pages that were given a length add fdatasync(2) after the length has
    /// changed, for what lies outside the range, and sync the folder of a file that they created, without which its name could be lost.
    /// </remarks>
    public void Flush(PageRange? range = null, FlushLevel level = FlushLevel.Durable)
    {
        ThrowIfNoSuchLevel(level);
        OnPages(nameof(Flush), range, level, static (mapping, address, length, level) => mapping.Flush(address, length, level));
    }

    /// <summary>As <see cref="Flush"/>, on a thread of the pool: no system flushes mapped pages durably without a thread that waits.</summary>
    /// <param name="range">The part, rounded outward to whole pages; null for all.</param>
    /// <param name="level">How far.</param>
    /// <param name="cancellationToken">Heeded until the flush has begun; the system does not stop one that has.</param>
    /// <returns>
    /// What fails there is in it. Until it has ended a lease is open: the pages may be written meanwhile, and disposed (which unmaps them when the
    /// flush has ended), but not resized or protected. What is written after this call was made may or may not be flushed.
    /// </returns>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages, or there is no such level.</exception>
    public Task FlushAsync(PageRange? range = null, FlushLevel level = FlushLevel.Durable, CancellationToken cancellationToken = default)
    {
        ThrowIfNoSuchLevel(level);
        MappingHandle mapping = Acquire(default);
        bool isHandedOn = false;
        try
        {
            mapping.ThrowIfOutside(range ?? mapping.Whole);
            isHandedOn = true;
            return FlushOnPool(mapping, range, level, cancellationToken);
        }
        finally
        {
            if (!isHandedOn)
            {
                mapping.Release();
            }
        }
    }

    /// <param name="mapping">Leased already; the lease ends with the task.</param>
    /// <param name="range">The part.</param>
    /// <param name="level">How far.</param>
    /// <param name="cancellationToken">Not given to the pool: work that it drops would not end the lease.</param>
    private static async Task FlushOnPool(MappingHandle mapping, PageRange? range, FlushLevel level, CancellationToken cancellationToken)
    {
        try
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            cancellationToken.ThrowIfCancellationRequested();
            mapping.Apply(nameof(FlushAsync), range, level, static (mapping, address, length, level) => mapping.Flush(address, length, level));
        }
        finally
        {
            mapping.Release();
        }
    }

    private static void ThrowIfNoSuchLevel(FlushLevel level)
    {
        if ((uint)level > (uint)FlushLevel.Durable)
        {
            Throw(level);
        }

        static void Throw(FlushLevel level) => throw new ArgumentOutOfRangeException(nameof(level), level, "There is no such level.");
    }
}

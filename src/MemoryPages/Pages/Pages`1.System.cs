using MemoryPages.Mapping;
using MemoryPages.Platform;

namespace MemoryPages;

/// <content>What the system is told and asked about pages: nothing here changes what is read from them.</content>
public sealed partial class Pages<TProtection>
{
    /// <summary>Tells the system how the pages will be used.</summary>
    /// <param name="advice">What it should know.</param>
    /// <param name="range">The part, rounded outward to whole pages; null for all.</param>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages.</exception>
    /// <exception cref="MemoryPagesException">The system refused; <c>advice.IsSupported</c> tells beforehand whether it knows it at all.</exception>
    /// <remarks>
    /// Linux: madvise(2). Advice for a part makes that part a mapping of its own (<c>vm.max_map_count</c>), where it is one that the mapping carries
    /// (not PopulateRead, Cold and others that act at once).
    /// </remarks>
    public void Advise(Advice advice, PageRange? range = null) =>
        OnPages(nameof(Advise), range, advice, static (_, address, length, advice) => MemorySystem.Current.Advise(address, length, advice));

    /// <summary>Lets the system move the pages out of memory again.</summary>
    /// <param name="range">The part, rounded outward to whole pages; null for all.</param>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    /// <remarks>
    /// Locks do not nest: one unlock ends any number of locks, and unlocking what is not locked is legal. Locks stay over transitions and end
    /// with the pages. Linux: munlock(2).
    /// </remarks>
    public void Unlock(PageRange? range = null) =>
        OnPages(nameof(Unlock), range, 0, static (_, address, length, _) => MemorySystem.Current.Unlock(address, length));

    /// <summary>How many bytes of the part are in memory now, in whole base pages; never more than <see cref="Length"/>. A snapshot.</summary>
    /// <param name="range">The part, rounded outward to whole base pages; null for all.</param>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    /// <remarks>
    /// Linux: mincore(2). For a file it counts what the page cache holds, whoever read it; of a file that the process may not write, the kernel
    /// says so of every page.
    /// </remarks>
    public nuint CountResidentBytes(PageRange? range = null)
    {
        MappingHandle mapping = Acquire(default);
        try
        {
            return mapping.CountResidentBytes(nameof(CountResidentBytes), range);
        }
        finally
        {
            mapping.Release();
        }
    }

    /// <summary>Which base pages of the part are in memory now. A snapshot; see <see cref="CountResidentBytes"/>.</summary>
    /// <param name="isResident">Receives one value for each base page of the part, rounded outward.</param>
    /// <param name="range">The part; null for all.</param>
    /// <returns>How many of them are resident.</returns>
    /// <exception cref="ArgumentException"><paramref name="isResident"/> has fewer elements than the part has pages.</exception>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    public nuint CopyResidency(Span<bool> isResident, PageRange? range = null)
    {
        MappingHandle mapping = Acquire(default);
        try
        {
            nuint pages = mapping.BasePages(range).Count;
            return (nuint)isResident.Length < pages
                ? throw new ArgumentException($"The part has {pages} pages and there is room for {isResident.Length}.", nameof(isResident))
                : mapping.CountResidentPages(nameof(CopyResidency), range, isResident);
        }
        finally
        {
            mapping.Release();
        }
    }

    /// <summary>Under a lease: see <see cref="MappingHandle.Apply"/>.</summary>
    internal void OnPages<TState>(string operation, PageRange? wished, TState state, Func<MappingHandle, nuint, nuint, TState, SystemError> call)
    {
        MappingHandle mapping = Acquire(default);
        try
        {
            mapping.Apply(operation, wished, state, call);
        }
        finally
        {
            mapping.Release();
        }
    }
}

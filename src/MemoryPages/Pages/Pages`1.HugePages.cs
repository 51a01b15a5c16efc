using MemoryPages.Mapping;
using MemoryPages.Platform;

namespace MemoryPages;

/// <content>Huge pages: what came of the wish for them, and gathering base pages into them.</content>
public sealed partial class Pages<TProtection>
{
    /// <summary>How many bytes of a part are in huge pages now, transparent or explicit. A snapshot.</summary>
    /// <param name="range">The part, rounded outward to whole base pages; null for all.</param>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages.</exception>
    /// <exception cref="MemoryPagesException">The system does not tell.</exception>
    /// <remarks>
    /// Why the rest is not, tells <c>MemoryMap.ExplainHugePages</c>. Linux: <c>PAGEMAP_SCAN</c>; before 6.7 smaps, which tells the bytes of whole
    /// mappings only.
    /// </remarks>
    public nuint CountHugeBytes(PageRange? range = null)
    {
        MappingHandle mapping = Acquire(default);
        try
        {
            return CountHuge(nameof(CountHugeBytes), mapping, range);
        }
        finally
        {
            mapping.Release();
        }
    }

    /// <summary>
    /// Gathers what is present of a part into transparent huge pages now, also where the system's setting is <c>never</c> and where the pages were
    /// touched before huge ones were asked for: as many as can be had.
    /// </summary>
    /// <param name="range">The part; null for all. Only huge pages that lie in it whole, and of which something is present, are made.</param>
    /// <returns>The bytes of the part that are in huge pages afterwards.</returns>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages.</exception>
    /// <exception cref="MemoryPagesException">The system cannot: <c>Advice.Collapse.IsSupported</c> tells beforehand.</exception>
    /// <remarks>
    /// Content and addresses stay, views may be open. What of a huge page is missing becomes zeroed memory of it: resident bytes may grow. It is
    /// refused where <see cref="Advice.NoHugePage"/> was given. Linux: <c>MADV_COLLAPSE</c>, since 6.1.
    /// </remarks>
    public nuint Collapse(PageRange? range = null)
    {
        MappingHandle mapping = Acquire(default);
        try
        {
            mapping.Apply(nameof(Collapse), range, 0, static (mapping, address, length, _) =>
                mapping.PageSize > MemorySystem.Current.PageSize ? SystemError.None : MemorySystem.Current.Collapse(address, length));
            return CountHuge(nameof(Collapse), mapping, range);
        }
        finally
        {
            mapping.Release();
        }
    }

    private static nuint CountHuge(string operation, MappingHandle mapping, PageRange? range)
    {
        mapping.ThrowIfOutside(range ?? mapping.Whole);
        (nuint address, nuint length) = mapping.Outward(range ?? mapping.Whole, MemoryPages.PageSize.Base);
        nuint bytes = 0;
        SystemError error = length == 0 ? SystemError.None : MemorySystem.Current.CountHugeBytes(address, length, out bytes);
        return error.Failed ? throw mapping.Failure(error, operation, address, length) : bytes;
    }
}

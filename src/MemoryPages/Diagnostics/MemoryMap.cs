using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Platform;

namespace MemoryPages.Diagnostics;

/// <summary>What the operating system says about the process's memory.</summary>
/// <remarks>For people, tests and tools: the system walks its tables for each call. Linux: <c>/proc/self/smaps</c>.</remarks>
public static class MemoryMap
{
    /// <summary>All regions of the process, in order of address.</summary>
    public static IReadOnlyList<MemoryRegion> Regions() => MemorySystem.Current.Regions(0, nuint.MaxValue);

    /// <summary>
    /// The regions that hold a page of <paramref name="pages"/>. The kernel joins neighbours of one kind, so a region may be larger.
    /// </summary>
    /// <typeparam name="TProtection">Their protection.</typeparam>
    /// <param name="pages">The pages.</param>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    public static IReadOnlyList<MemoryRegion> RegionsOf<TProtection>([Borrows] Pages<TProtection> pages)
        where TProtection : struct, IProtection
    {
        ArgumentNullException.ThrowIfNull(pages);
        MappingHandle mapping = pages.Acquire(default);
        try
        {
            return mapping.MappedLength == 0 ? [] : MemorySystem.Current.Regions(mapping.MappedAddress, mapping.MappedLength);
        }
        finally
        {
            mapping.Release();
        }
    }

    /// <summary>How much of some pages is in huge pages now, and why the rest is not.</summary>
    /// <typeparam name="TProtection">Their protection.</typeparam>
    /// <param name="pages">The pages.</param>
    /// <param name="range">The part, rounded outward to whole base pages; null for all.</param>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages.</exception>
    /// <exception cref="MemoryPagesException">The system does not tell.</exception>
    /// <remarks>
    /// Linux: smaps, pagemap (<c>PAGEMAP_SCAN</c>), for root kpageflags, and the settings in <c>/sys/kernel/mm/transparent_hugepage</c>
    /// (transhuge.rst).
    /// </remarks>
    public static HugePageReport ExplainHugePages<TProtection>([Borrows] Pages<TProtection> pages, PageRange? range = null)
        where TProtection : struct, IProtection
    {
        ArgumentNullException.ThrowIfNull(pages);
        MappingHandle mapping = pages.Acquire(default);
        try
        {
            mapping.ThrowIfOutside(range ?? mapping.Whole);
            (nuint address, nuint length) = mapping.Outward(range ?? mapping.Whole, PageSize.Base);
            return Explain(address, length);
        }
        finally
        {
            mapping.Release();
        }
    }

    /// <summary>The same of any memory of the process, whoever mapped it: the heap of the garbage collector, a library's.</summary>
    /// <param name="address">The first byte.</param>
    /// <param name="length">Bytes: rounded outward to whole base pages, like the address.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range reaches beyond the address space.</exception>
    /// <exception cref="MemoryPagesException">The system does not tell.</exception>
    public static HugePageReport ExplainHugePages(nuint address, nuint length)
    {
        nuint start = PageSize.AlignDown(address, PageSize.Base);
        if (length > nuint.MaxValue - address || !PageSize.TryAlignUp(address + length, PageSize.Base, out nuint end))
        {
            throw new ArgumentOutOfRangeException(nameof(length), length, $"No memory reaches {length} bytes from 0x{address:x}.");
        }

        return Explain(start, end - start);
    }

    private static HugePageReport Explain(nuint address, nuint length)
    {
        if (length == 0)
        {
            return new HugePageReport { Length = 0, Huge = 0, Obstacles = [] };
        }

        SystemError error = MemorySystem.Current.ExplainHugePages(address, length, out HugePageReport? report);
        return error.Failed ? throw MappingHandle.Failure(error, nameof(ExplainHugePages), null, address, length, PageSize.Base) : report!;
    }
}

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

    /// <summary>The regions that hold a page of <paramref name="pages"/>. The kernel joins neighbours of one kind, so a region may be larger.</summary>
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
}

using System.Numerics;
using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>The page sizes of the running system, and rounding to them. Bytes throughout.</summary>
/// <remarks>Asked from the system once: 4 KiB on x86-64, 4, 16 or 64 KiB on arm64. Nothing in this library assumes one.</remarks>
public static class PageSize
{
    /// <summary>The base page: the smallest unit that can be protected, advised or locked. Linux <c>sysconf(_SC_PAGESIZE)</c>.</summary>
    public static nuint Base => MemorySystem.Current.PageSize;

    /// <summary>What the address of a fresh mapping is a multiple of: the base page on Linux and macOS, 64 KiB on Windows.</summary>
    public static nuint AllocationGranularity => MemorySystem.Current.AllocationGranularity;

    /// <summary>The size of a transparent huge page, or 0 where the system has none.</summary>
    public static nuint TransparentHuge => MemorySystem.Current.TransparentHugePageSize;

    /// <summary>The explicit huge-page sizes that the system offers, smallest first; empty where it offers none.</summary>
    /// <remarks>Linux: the folders of <c>/sys/kernel/mm/hugepages</c>. Offered does not mean that pages of that size are free.</remarks>
    public static ReadOnlySpan<nuint> Huge => MemorySystem.Current.HugePageSizes;

    /// <summary>The smallest multiple of <paramref name="alignment"/> that is not below <paramref name="value"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="alignment"/> is not a power of two.</exception>
    /// <exception cref="OverflowException">There is no such multiple below 2^64.</exception>
    public static nuint AlignUp(nuint value, nuint alignment) =>
        TryAlignUp(value, alignment, out nuint aligned)
            ? aligned
            : throw new OverflowException($"{value} cannot be rounded up to a multiple of {alignment}: the result exceeds the address space.");

    /// <summary>As <see cref="AlignUp"/>; false instead of an exception where the result would overflow.</summary>
    /// <exception cref="ArgumentException"><paramref name="alignment"/> is not a power of two.</exception>
    public static bool TryAlignUp(nuint value, nuint alignment, out nuint aligned)
    {
        ThrowIfNotPowerOfTwo(alignment);
        aligned = unchecked(value + (alignment - 1)) & ~(alignment - 1);
        return aligned >= value;
    }

    /// <summary>The largest multiple of <paramref name="alignment"/> that is not above <paramref name="value"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="alignment"/> is not a power of two.</exception>
    public static nuint AlignDown(nuint value, nuint alignment)
    {
        ThrowIfNotPowerOfTwo(alignment);
        return value & ~(alignment - 1);
    }

    /// <summary>Whether <paramref name="value"/> is a multiple of <paramref name="alignment"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="alignment"/> is not a power of two.</exception>
    public static bool IsAligned(nuint value, nuint alignment) => AlignDown(value, alignment) == value;

    private static void ThrowIfNotPowerOfTwo(nuint alignment)
    {
        if (!BitOperations.IsPow2(alignment))
        {
            Throw(alignment);
        }

        static void Throw(nuint alignment) =>
            throw new ArgumentException($"An alignment must be a power of two; {alignment} is not.", nameof(alignment));
    }
}

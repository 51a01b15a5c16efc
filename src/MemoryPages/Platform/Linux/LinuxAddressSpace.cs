using System.Numerics;
using MemoryPages.Diagnostics;

namespace MemoryPages.Platform.Linux;

/// <summary>How many addresses a program has without asking for more: the kernel does not say, and processors differ.</summary>
/// <remarks>
/// x86-64: 2^47. arm64: 2^48, or fewer where the kernel was built so: 2^47 with pages of 16 KiB, 2^39, 2^36. The stack stands at the top, less some
/// random pages: so the power of two above it is the end.
/// </remarks>
internal static class LinuxAddressSpace
{
    private static readonly Lazy<nuint> s_end = new(static () => EndOf(LinuxProcessMaps.Read(0, nuint.MaxValue)));

    /// <summary>The first address that no program has.</summary>
    public static nuint End => s_end.Value;

    /// <summary>By the regions of a process. Those in the upper half of all addresses are the kernel's.</summary>
    public static nuint EndOf(IEnumerable<MemoryRegion> regions) =>
        BitOperations.RoundUpToPowerOf2(regions.Where(region => (nint)region.Address >= 0).Max(region => region.Address + region.Length));
}

using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Effects;

public sealed partial class PageSizeTests
{
    private const string PoolFolder = "/sys/kernel/mm/hugepages";
    private const string TransparentSizeFile = "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size";

    [Fact]
    public void The_base_page_is_the_C_librarys_and_the_kernels()
    {
        const int PageSizeQuestion = 30;
        Assert.Equal((nuint)sysconf(PageSizeQuestion), PageSize.Base);
        using var island = new Island(1);
        Assert.Equal(island.Region.Bytes("KernelPageSize"), PageSize.Base);
    }

    [Fact]
    public unsafe void Fresh_mappings_lie_on_multiples_of_the_granularity()
    {
        Assert.Equal(OperatingSystem.IsWindows() ? 64u * 1024 : PageSize.Base, PageSize.AllocationGranularity);
        for (nuint length = 1; length < 20 * PageSize.Base; length += PageSize.Base)
        {
            using Pages<ReadWrite> pages = Pages.Allocate(length);
            Assert.Equal(0u, (nuint)pages.DangerousPointer() % PageSize.AllocationGranularity);
        }
    }

    [Fact]
    public void Huge_sizes_are_the_folders_of_the_pool_smallest_first()
    {
        Needed.Call("mmap");
        nuint[] folders = Directory.Exists(PoolFolder)
            ? [.. Directory.GetDirectories(PoolFolder).Select(f => nuint.Parse(Path.GetFileName(f).Replace("hugepages-", "").Replace("kB", "")) * 1024).Order()]
            : [];
        Assert.Equal(folders, PageSize.Huge.ToArray());
    }

    /// <summary>Sizes that no machine has together; differences of some do not fit in 32 bits, or turn negative there.</summary>
    [Fact]
    public void Huge_sizes_of_any_machine_are_in_order()
    {
        string folder = Directory.CreateTempSubdirectory("memorypages").FullName;
        try
        {
            foreach (string kilobytes in (string[])["16777216", "64", "1048576", "2097152", "2048", "32768", "none"])
            {
                Directory.CreateDirectory(Path.Combine(folder, $"hugepages-{kilobytes}kB"));
            }

            nuint kilo = 1024;
            Assert.Equal(
                [64 * kilo, 2048 * kilo, 32768 * kilo, 1048576 * kilo, 2097152 * kilo, 16777216 * kilo],
                Platform.Linux.LinuxHugePages.OfferedSizes(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void The_transparent_size_is_the_kernels() =>
        Assert.Equal(File.Exists(TransparentSizeFile) ? nuint.Parse(File.ReadAllText(TransparentSizeFile)) : 0, PageSize.TransparentHuge);

    [Theory]
    [InlineData(0, 4096, 0, 0)]
    [InlineData(1, 4096, 4096, 0)]
    [InlineData(4095, 4096, 4096, 0)]
    [InlineData(4096, 4096, 4096, 4096)]
    [InlineData(4097, 4096, 8192, 4096)]
    [InlineData(7, 1, 7, 7)]
    [InlineData(1UL << 31, 1UL << 21, 1UL << 31, 1UL << 31)]
    [InlineData((1UL << 32) + 1, 4096, (1UL << 32) + 4096, 1UL << 32)]
    [InlineData(ulong.MaxValue, 1, ulong.MaxValue, ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 4095, 4096, ulong.MaxValue - 4095, ulong.MaxValue - 4095)]
    [InlineData((1UL << 63) - 1, 1UL << 63, 1UL << 63, 0)]
    [InlineData(1UL << 63, 1UL << 63, 1UL << 63, 1UL << 63)]
    public void Rounding_at_the_boundaries(ulong value, ulong alignment, ulong up, ulong down)
    {
        Assert.Equal((nuint)up, PageSize.AlignUp((nuint)value, (nuint)alignment));
        Assert.True(PageSize.TryAlignUp((nuint)value, (nuint)alignment, out nuint tried));
        Assert.Equal((nuint)up, tried);
        Assert.Equal((nuint)down, PageSize.AlignDown((nuint)value, (nuint)alignment));
        Assert.Equal(value == down, PageSize.IsAligned((nuint)value, (nuint)alignment));
    }

    [Theory]
    [InlineData(ulong.MaxValue, 2)]
    [InlineData(ulong.MaxValue, 4096)]
    [InlineData(ulong.MaxValue - 4094, 4096)]
    [InlineData((1UL << 63) + 1, 1UL << 63)]
    [InlineData(ulong.MaxValue, 1UL << 63)]
    public void What_cannot_be_rounded_up_is_said_and_not_wrapped_to_zero(ulong value, ulong alignment)
    {
        Assert.Throws<OverflowException>(() => PageSize.AlignUp((nuint)value, (nuint)alignment));
        Assert.False(PageSize.TryAlignUp((nuint)value, (nuint)alignment, out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(4095)]
    [InlineData(6144)]
    [InlineData((1UL << 63) + 1)]
    [InlineData(ulong.MaxValue)]
    public void An_alignment_that_is_no_power_of_two_is_refused(ulong alignment)
    {
        Assert.Equal("alignment", Assert.Throws<ArgumentException>(() => PageSize.AlignUp(1, (nuint)alignment)).ParamName);
        Assert.Throws<ArgumentException>(() => PageSize.AlignDown(1, (nuint)alignment));
        Assert.Throws<ArgumentException>(() => PageSize.TryAlignUp(1, (nuint)alignment, out _));
        Assert.Throws<ArgumentException>(() => PageSize.IsAligned(1, (nuint)alignment));
    }

    [Fact]
    public void Rounding_finds_the_nearest_multiples() => Prop.ForAll(
        ArbMap.Default.ArbFor<ulong>(), Gen.Choose(0, 63).ToArbitrary(), Gen.Choose(0, 63).ToArbitrary(), (seed, alignmentBits, valueBits) =>
        {
            // FsCheck prefers small numbers: the shift spreads them over all magnitudes.
            nuint value = (nuint)(seed << valueBits) - (nuint)(seed & 1);
            nuint alignment = (nuint)1 << alignmentBits;
            nuint down = PageSize.AlignDown(value, alignment);
            UInt128 above = (((UInt128)value + alignment - 1) / alignment) * alignment;
            bool fits = PageSize.TryAlignUp(value, alignment, out nuint up);
            return down % alignment == 0 && value - down < alignment
                && fits == (above <= nuint.MaxValue) && (!fits || up == above)
                && PageSize.IsAligned(value, alignment) == (value % alignment == 0);
        }).QuickCheckThrowOnFailure();

    [LibraryImport("libc")]
    private static partial nint sysconf(int question);
}

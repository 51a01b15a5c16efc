#pragma warning disable MP1007 // allocations are refused, or owners lost, on purpose

using FsCheck;
using FsCheck.Fluent;
using static MemoryPages.Tests.Witness;

namespace MemoryPages.Tests;

public sealed class AllocationSizeTests
{
    public static TheoryData<long, long> Roundings
    {
        get
        {
            long page = (long)Page;
            return new()
            {
                { 1, page }, { page - 1, page }, { page, page }, { page + 1, 2 * page }, { (16 * page) - 1, 16 * page },
                { 0x1234, (0x1234 + page - 1) / page * page },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Roundings))]
    public void Lengths_are_rounded_up_to_whole_pages_and_no_further(long asked, long given)
    {
        // Inaccessible strangers on both sides keep the kernel from joining the mapping with others: smaps then shows its true size.
        using var area = new Reservation((int)(given / (long)Page) + 2);
        using Pages<ReadWrite> pages = Pages.Allocate((nuint)asked, new() { NearAddress = area.Hole() });
        Assert.Equal((nuint)given, pages.Length);
        SystemMap region = SystemMap.At(AddressOf(pages))!;
        Assert.Equal((nuint)given, region.End - region.Start);
    }

    [Fact]
    public void The_documented_0x1234_bytes_become_0x2000_on_4_KiB_pages()
    {
        Assert.SkipUnless(Page == 4096, $"This machine has pages of {Page} bytes.");
        using Pages<ReadWrite> pages = Pages.Allocate(0x1234);
        Assert.Equal((nuint)0x2000, pages.Length);
        pages.Write(0x2000 - 1, (byte)7); // the last byte is the user's too
    }

    [Fact]
    public void Nothing_cannot_be_allocated()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Pages.Allocate(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Pages.Allocate<NoAccess>(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Pages.TryAllocate(0, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => Pages.TryAllocate(0, new() { NoReserve = true }, out _));
    }

    [Theory]
    [InlineData(1L << 31)]
    [InlineData((1L << 32) + 1)]
    public void Lengths_beyond_32_bits_are_ordinary(long length)
    {
        Assert.True(Pages.TryAllocate((nuint)length, new() { NoReserve = true }, out Pages<ReadWrite>? pages));
        using (pages)
        {
            Assert.Equal(PageSize.AlignUp((nuint)length, Page), pages.Length);
            Assert.Equal("rw-p", AccessOf(pages));
            pages.Write(pages.Length - 8, 0x1122334455667788);
            Assert.Equal(0x1122334455667788, pages.Read<long>(pages.Length - 8));
            Assert.Equal(0, pages.Read<long>(Page - 8)); // where 2^32 + page - 8 would be if its upper half were lost
        }
    }

    public static TheoryData<ulong> Impossible => [ulong.MaxValue, ulong.MaxValue - (ulong)Page + 2, ulong.MaxValue - (ulong)Page + 1, 1UL << 63, 1UL << 48];

    [Theory]
    [MemberData(nameof(Impossible))]
    public void Lengths_that_no_system_has_are_refused_and_change_nothing(ulong length)
    {
        foreach (AllocationOptions options in new AllocationOptions[] { default, new() { NoReserve = true }, new() { Alignment = 1 << 30 } })
        {
            long before = SystemMap.Status("VmSize");
            MemoryPagesException e = Assert.Throws<MemoryPagesException>(() => Pages.Allocate((nuint)length, options));
            Assert.Equal(("Allocate", OutOfMemory, ErrorReason.AddressSpaceLimit), (e.Operation, e.ErrorSymbol, e.Reason));
            Assert.False(Pages.TryAllocate((nuint)length, options, out Pages<ReadWrite>? pages));
            Assert.Null(pages);
            Assert.InRange(SystemMap.Status("VmSize") - before, long.MinValue, 1L << 30); // what was refused is 2^48 and more; the runtime takes less
        }
    }

    [Fact]
    public void Properties_of_rounding_hold_for_any_length()
    {
        Prop.ForAll<uint>(seed =>
        {
            nuint asked = (seed & 0xFF_FFFF) + 1;
            using Pages<NoAccess> pages = Pages.Allocate<NoAccess>(asked);
            return pages.Length >= asked && pages.Length - asked < Page && pages.Length % Page == 0;
        }).QuickCheckThrowOnFailure();
    }
}

/// <summary>Addresses that are taken, with a hole in the middle where the library's pages are to be.</summary>
internal sealed class Reservation(int pages) : IDisposable
{
    private readonly nint _start = Kernel.Map(0, (nuint)pages * Page, 0, Kernel.PrivateAnonymous | Kernel.NoReserve, -1, 0);

    /// <summary>Frees all but the first and the last page; where they begin.</summary>
    public nuint Hole()
    {
        Assert.Equal(0, Kernel.Unmap(_start + (nint)Page, (nuint)(pages - 2) * Page));
        return (nuint)_start + Page;
    }

    public void Dispose()
    {
        _ = Kernel.Unmap(_start, Page);
        _ = Kernel.Unmap(_start + (nint)((nuint)(pages - 1) * Page), Page);
    }
}

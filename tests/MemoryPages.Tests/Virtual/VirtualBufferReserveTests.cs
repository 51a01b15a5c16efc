#pragma warning disable MP1007 // allocations are refused, or owners lost, on purpose

using System.Globalization;
using MemoryPages.Platform;
using static MemoryPages.Tests.Virtual.VirtualBufferWitness;

namespace MemoryPages.Tests.Virtual;

public sealed class VirtualBufferReserveTests
{
    private static readonly nuint s_tebibyte = (nuint)1 << 40;

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    public void Terabytes_are_one_mapping_without_memory_or_charge(int count)
    {
        nuint length = (nuint)count * s_tebibyte;
        using VirtualBuffer buffer = VirtualBuffer.Reserve(length, new() { Name = "terabytes" });
        Assert.Equal(length, buffer.Length);
        Assert.Equal("terabytes", buffer.Name);
        Assert.Equal((nuint)0, buffer.CommittedBytes);
        SystemMap region = Assert.Single(Regions(buffer));
        Assert.Equal("---p", region.Access);
        Assert.True(region.Start <= Address(buffer) && Address(buffer) + length <= region.End);
        Assert.False(region.HasFlag("ac"));
        Assert.Equal((nuint)0, region.Bytes("Rss"));
        Assert.Equal((nuint)0, buffer.CountResidentBytes());
    }

    [Fact]
    public void Reserving_takes_nothing_of_what_the_system_can_promise()
    {
        VirtualBuffer? buffer = null;
        AssertCharge(0, 1 << 30, () => { }, () => buffer = VirtualBuffer.Reserve(s_tebibyte), () => buffer!.Dispose());
    }

    [Fact]
    public void Dispose_gives_the_addresses_back()
    {
        VirtualBuffer buffer = Committed(3);
        nuint address = Address(buffer);
        Assert.NotNull(SystemMap.At(address));
        buffer.Dispose();
        Assert.Null(SystemMap.At(address));
        buffer.Dispose();
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(1, 0, 1)]
    [InlineData(1, 1, 2)]
    [InlineData(2, -1, 2)]
    public void Lengths_are_rounded_up_to_whole_pages(int pages, int more, int expected)
    {
        using VirtualBuffer buffer = VirtualBuffer.Reserve((nuint)((pages * (nint)Page) + more));
        Assert.Equal((nuint)expected * Page, buffer.Length);
        buffer.Commit(0, buffer.Length);
        Fill(buffer, new PageRange(0, buffer.Length), 7);
    }

    [Fact]
    public void No_bytes_cannot_be_reserved()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => VirtualBuffer.Reserve(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => VirtualBuffer.TryReserve(0, default, out _));
    }

    [Fact]
    public void More_addresses_than_there_are_cannot_be_reserved()
    {
        foreach (nuint length in (nuint[])[nuint.MaxValue, nuint.MaxValue - Page, (nuint)1 << 62])
        {
            var refused = Assert.Throws<MemoryPagesException>(() => VirtualBuffer.Reserve(length));
            Assert.Equal("Reserve", refused.Operation);
            Assert.Equal(ErrorReason.AddressSpaceLimit, refused.Reason);
            Assert.False(VirtualBuffer.TryReserve(length, default, out VirtualBuffer? none));
            Assert.Null(none);
        }
    }

    [Fact]
    public void A_refused_TryReserve_allocates_nothing()
    {
        _ = VirtualBuffer.TryReserve(nuint.MaxValue, default, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool reserved = VirtualBuffer.TryReserve(nuint.MaxValue, default, out _);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.False(reserved);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(21)]
    [InlineData(25)]
    [InlineData(30)]
    public void The_address_is_aligned(int bits)
    {
        nuint alignment = (nuint)1 << bits;
        int mappings = SystemMap.Count();
        foreach (nuint length in (nuint[])[1, alignment, (3 * alignment) + Page])
        {
            using VirtualBuffer buffer = VirtualBuffer.Reserve(length, new() { Alignment = alignment });
            Assert.Equal((nuint)0, Address(buffer) % alignment);
            Assert.InRange(SystemMap.Count(), mappings - 3, mappings + 3);
            buffer.Commit(buffer.Length - Page, Page);
            Fill(buffer, new PageRange(buffer.Length - Page, Page), 1);
        }
    }

    [Fact]
    public void An_alignment_of_less_than_a_page_is_a_page_and_one_that_is_no_power_of_two_is_refused()
    {
        using VirtualBuffer buffer = VirtualBuffer.Reserve(1, new() { Alignment = 2 });
        Assert.Equal((nuint)0, Address(buffer) % Page);
        Assert.Throws<ArgumentException>(() => VirtualBuffer.Reserve(1, new() { Alignment = 3 * Page }));
    }

    [Theory]
    [InlineData("100000000", "0", 1)]
    [InlineData("0", "ffffffff", 1)]           // the first 4 GiB: for 32-bit pointers
    [InlineData("40000000000", "4ffffffffff", 1)]
    [InlineData("0", "ffffffffff", 1 << 30)]
    public void No_byte_lies_outside_the_bounds(string lowest, string highest, int alignment)
    {
        (nuint low, nuint high) = (Hex(lowest), Hex(highest));
        var options = new ReserveOptions { LowestAddress = low, HighestAddress = high, Alignment = (nuint)alignment };
        nuint length = 64 * Page;
        using VirtualBuffer first = VirtualBuffer.Reserve(length, options);
        using VirtualBuffer second = VirtualBuffer.Reserve(length, options);
        foreach (VirtualBuffer buffer in (VirtualBuffer[])[first, second])
        {
            Assert.True(Address(buffer) >= low);
            Assert.True(high == 0 || Address(buffer) + (length - 1) <= high);
            Assert.Equal((nuint)0, Address(buffer) % (nuint)alignment);
            buffer.Commit(0, length);
            Fill(buffer, new PageRange(0, length), 3);
        }

        Assert.True(Address(first) + length <= Address(second) || Address(second) + length <= Address(first));
    }

    [Fact]
    public void The_bounds_are_of_the_bytes_and_full_ones_are_refused()
    {
        nuint address;
        using (VirtualBuffer free = VirtualBuffer.Reserve(4 * Page, new() { LowestAddress = Hex("50000000000"), HighestAddress = Hex("5ffffffffff") }))
        {
            address = Address(free);
        }

        var exact = new ReserveOptions { LowestAddress = address, HighestAddress = address + (4 * Page) - 1 };
        Assert.Throws<MemoryPagesException>(() => VirtualBuffer.Reserve(4 * Page, exact with { HighestAddress = exact.HighestAddress - 1 }));
        Assert.Throws<MemoryPagesException>(() => VirtualBuffer.Reserve(4 * Page, exact with { LowestAddress = address + 1 }));
        using VirtualBuffer buffer = VirtualBuffer.Reserve(4 * Page, exact);
        Assert.Equal(address, Address(buffer));
        buffer.Commit(0, Page);
        Fill(buffer, Pages(0), 5);
        Assert.Throws<MemoryPagesException>(() => VirtualBuffer.Reserve(4 * Page, exact));
        Assert.False(VirtualBuffer.TryReserve(Page, exact, out _));
        AssertHolds(buffer, Pages(0), 5);
    }

    [Fact]
    public void Bounds_that_leave_nothing_are_refused()
    {
        Assert.Throws<ArgumentException>(() => VirtualBuffer.Reserve(1, new() { LowestAddress = 2 * s_tebibyte, HighestAddress = s_tebibyte }));
        Assert.Throws<MemoryPagesException>(() => VirtualBuffer.Reserve(1, new() { HighestAddress = 1 }));
        Assert.Throws<MemoryPagesException>(() => VirtualBuffer.Reserve(1, new() { LowestAddress = nuint.MaxValue }));
        Assert.Throws<MemoryPagesException>(() => VirtualBuffer.Reserve(nuint.MaxValue, new() { LowestAddress = s_tebibyte }));
    }

    private static nuint Hex(string text) => nuint.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}

#pragma warning disable MP1001, MP1003, MP1005, MP1007 // uses after the end, and allocations that are refused, are what is tested

using MemoryPages.Tests.Effects;
using static MemoryPages.Tests.Physical.PhysicalWitness;

namespace MemoryPages.Tests.Physical;

/// <summary>Memory in frames of choice: what it says is compared with what the kernel tells the tests.</summary>
public sealed class PhysicalMemoryTests
{
    private static readonly nuint s_page = PageSize.Base;

    private static nuint Huge => HugePagePool.Size;

    [Fact]
    public void A_base_page_is_enough_for_what_fits_in_one()
    {
        SkipUnlessVisible();
        using PhysicalMemory memory = PhysicalMemory.Allocate(100);
        Assert.Equal(s_page, memory.Length);
        Assert.Equal(s_page, memory.PageSize);
        Assert.Equal(memory.AddressOf(0), memory.Address);
        Assert.Equal(new PhysicalSegment(memory.Address, s_page), Assert.Single(memory.Segments));
        Assert.True(SystemMap.At(AddressOf(memory))!.HasFlag("lo"));
        AssertTold(memory);
    }

    [Fact]
    public void It_reads_zero_keeps_what_is_written_and_ends_when_the_last_view_does()
    {
        SkipUnlessVisible();
        PhysicalMemory memory = PhysicalMemory.Allocate(s_page);
        nuint address = AddressOf(memory);
        using (WriteView view = memory.Write())
        {
            Assert.Equal(-1, view.Span.IndexOfAnyExcept((byte)0));
            view.Span.Fill(3);
        }

        using (ReadView view = memory.Read(new PageRange(s_page - 1, 1)))
        {
            Assert.Equal(3, view[0]);
            Assert.Equal(1, memory.LeaseCount);
            memory.Dispose();
            Assert.Equal(3, view[0]);
            Assert.NotNull(SystemMap.At(address));
        }

        Assert.DoesNotContain("physical memory", SystemMap.At(address)?.Line ?? ""); // somebody else may have the place by now
        memory.Dispose();
    }

    [Fact]
    public void What_was_disposed_is_refused()
    {
        SkipUnlessVisible();
        PhysicalMemory memory = PhysicalMemory.Allocate(s_page);
        memory.Dispose();
        Assert.Throws<ObjectDisposedException>(() => memory.AddressOf(0));
        Assert.Throws<ObjectDisposedException>(() => memory.Segments);
        Assert.Throws<ObjectDisposedException>(() => memory.VerifyAddresses());
        Assert.Throws<ObjectDisposedException>(memory.RefreshAddresses);
        Assert.Throws<ObjectDisposedException>(() => { using ReadView view = memory.Read(); });
        Assert.Throws<ObjectDisposedException>(() => { using WriteView view = memory.Write(); });
    }

    [Fact]
    public void Bytes_that_are_not_there_have_no_address_and_no_view()
    {
        SkipUnlessVisible();
        using PhysicalMemory memory = PhysicalMemory.Allocate(s_page);
        Assert.Equal("offset", Assert.Throws<ArgumentOutOfRangeException>(() => memory.AddressOf(s_page)).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.AddressOf(nuint.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => { using ReadView view = memory.Read(new PageRange(1, s_page)); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { using WriteView view = memory.Write(new PageRange(nuint.MaxValue, 2)); });
        Assert.Equal(0, memory.LeaseCount);
    }

    [Fact]
    public void More_than_a_page_lies_in_one_huge_page_and_that_goes_back_to_the_pool()
    {
        SkipUnlessVisible();
        using var pool = new HugePagePool(1);
        (long free, long reserved) = (HugePagePool.Free, HugePagePool.Counter("resv_hugepages"));
        using (PhysicalMemory memory = PhysicalMemory.Allocate(1 << 20))
        {
            Assert.Equal(Huge, memory.Length);
            Assert.Equal(Huge, memory.PageSize);
            Assert.Equal(Huge, SystemMap.At(AddressOf(memory))!.Bytes("KernelPageSize"));
            Assert.Equal(0u, memory.Address.Value % Huge);
            Assert.Single(memory.Segments);
            AssertTold(memory);
            AssertContiguous(memory);
            Assert.Equal(free - 1, HugePagePool.Free);
        }

        Assert.Equal(free, HugePagePool.Free);
        Assert.Equal(reserved, HugePagePool.Counter("resv_hugepages"));
    }

    [Fact]
    public void What_is_longer_than_a_huge_page_lies_in_neighbouring_ones_and_the_others_go_back()
    {
        SkipUnlessVisible();
        using var pool = new HugePagePool(24);
        SkipUnlessNeighboursAreFree();
        (long free, long reserved) = (HugePagePool.Free, HugePagePool.Counter("resv_hugepages"));
        using (PhysicalMemory memory = PhysicalMemory.Allocate(Huge + 1, new() { PageSize = Huge }))
        {
            Assert.Equal(2 * Huge, memory.Length);
            Assert.Single(memory.Segments);
            AssertTold(memory);
            AssertContiguous(memory);
            Assert.Equal(free - 2, HugePagePool.Free);
            Assert.Equal(reserved, HugePagePool.Counter("resv_hugepages"));
        }

        Assert.Equal(free, HugePagePool.Free);
        Assert.Equal(reserved, HugePagePool.Counter("resv_hugepages"));
    }

    /// <summary>Two, since of thousands of pages some two are neighbours however fragmented memory is.</summary>
    [Fact]
    public void Base_pages_are_found_side_by_side_without_any_huge_page()
    {
        SkipUnlessVisible();
        using PhysicalMemory memory = TwoBasePages(default);
        Assert.Equal(2 * s_page, memory.Length);
        Assert.Single(memory.Segments);
        AssertTold(memory);
        AssertContiguous(memory);
    }

    [Fact]
    public void Scattered_memory_needs_no_huge_pages_and_lists_where_it_is()
    {
        SkipUnlessVisible();
        using PhysicalMemory memory = PhysicalMemory.Allocate(300 * s_page, new() { Scattered = true });
        Assert.Equal(300 * s_page, memory.Length);
        Assert.Equal(s_page, memory.PageSize);
        AssertTold(memory);
    }

    [Fact]
    public void What_fits_between_two_boundaries_crosses_none()
    {
        SkipUnlessVisible();
        using PhysicalMemory memory = TwoBasePages(new() { Boundary = 2 * s_page });
        Assert.Equal(0u, memory.Address.Value % (2 * s_page));
        Assert.Single(memory.Segments);
        AssertTold(memory);
    }

    [Fact]
    public void What_is_longer_than_the_boundary_is_cut_there()
    {
        SkipUnlessVisible();
        using var pool = new HugePagePool(1);
        nuint boundary = 16 * s_page;
        using PhysicalMemory memory = PhysicalMemory.Allocate(Huge, new() { Boundary = boundary });
        Assert.Equal((Huge, Huge), (memory.Length, memory.PageSize)); // what fills a page takes no larger one
        Assert.Equal((int)(Huge / boundary), memory.Segments.Count);
        Assert.All(memory.Segments, segment => Assert.Equal(segment.Address.Value / boundary, (segment.Address + (segment.Length - 1)).Value / boundary));
        AssertTold(memory);
        AssertContiguous(memory);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(16)]
    public void An_alignment_is_of_the_physical_address(int pages)
    {
        SkipUnlessVisible();
        nuint alignment = (nuint)pages * s_page;
        using PhysicalMemory memory = PhysicalMemory.Allocate(s_page, new() { Alignment = alignment });
        Assert.Equal(0u, memory.Address.Value % alignment);
        AssertTold(memory);
    }

    [Fact]
    public void No_byte_lies_above_the_highest_address()
    {
        SkipUnlessVisible();
        using PhysicalMemory sample = PhysicalMemory.Allocate(512 * s_page, new() { Scattered = true });
        ulong middle = sample.Segments.Select(s => s.Address.Value).Order().ElementAt(sample.Segments.Count / 2);
        using PhysicalMemory memory = PhysicalMemory.Allocate(4 * s_page, new() { Scattered = true, MaxAddress = middle });
        Assert.All(memory.Segments, segment => Assert.InRange((segment.Address + (segment.Length - 1)).Value, 1u, middle));
        AssertTold(memory);
    }

    [Fact]
    public void An_address_bound_that_no_page_satisfies_is_an_error_that_says_what_was_seen_and_takes_nothing()
    {
        SkipUnlessVisible();
        using var pool = new HugePagePool(2);
        (long free, long reserved) = (HugePagePool.Free, HugePagePool.Counter("resv_hugepages"));
        var impossible = new PhysicalMemoryOptions { MaxAddress = (2 * s_page) + 1 };
        (int mappings, long locked, int files) = (SystemMap.Count(), SystemMap.Status("VmLck"), Directory.GetFiles(Needed.File("/proc/self/fd")).Length);
        for (int i = 0; i < 25; i++)
        {
            var refused = Assert.Throws<MemoryPagesException>(() => PhysicalMemory.Allocate(s_page, impossible));
            Assert.Equal(ErrorReason.NoSuchFrames, refused.Reason);
            Assert.Contains($"no byte above 0x{(2 * s_page) + 1:x}", refused.Hint);
            Assert.Contains("the lowest of them at 0x", refused.Hint);
            Assert.False(PhysicalMemory.TryAllocate(s_page, impossible, out _));
        }

        Assert.Equal((free, reserved), (HugePagePool.Free, HugePagePool.Counter("resv_hugepages")));
        Assert.Equal(locked, SystemMap.Status("VmLck"));
        Assert.InRange(SystemMap.Count() - mappings, -40, 40); // the runtime's own come and go: fifty of these would stay
        Assert.InRange(Directory.GetFiles(Needed.File("/proc/self/fd")).Length - files, -8, 8);
    }

    [Fact]
    public void An_empty_pool_is_an_error_with_the_counters_and_the_file_that_fills_it()
    {
        SkipUnlessVisible();
        Assert.SkipUnless(Huge != 0, "This kernel has no pool of huge pages.");
        long overcommit = HugePagePool.Counter("nr_overcommit_hugepages");
        nuint tooMuch = (nuint)(HugePagePool.Counter("nr_hugepages") + overcommit + 1) * Huge;
        var refused = Assert.Throws<MemoryPagesException>(() => PhysicalMemory.Allocate(tooMuch));
        Assert.Equal(ErrorReason.NoHugePages, refused.Reason);
        Assert.Contains($"{HugePagePool.Free} free", refused.Hint);
        Assert.Contains($"{HugePagePool.Folder(Huge)}/nr_hugepages", refused.Hint);
        Assert.False(PhysicalMemory.TryAllocate(tooMuch, default, out PhysicalMemory? none));
        Assert.Null(none);
    }

    [Fact]
    public void Wishes_that_nothing_can_fulfil_are_named()
    {
        Assert.Equal("length", Assert.Throws<ArgumentOutOfRangeException>(() => PhysicalMemory.Allocate(0)).ParamName);
        AssertRefused("alignment", new() { Alignment = 3 });
        AssertRefused("boundary", new() { Boundary = 3 * (ulong)s_page });
        AssertRefused("boundary", new() { Boundary = s_page / 2 });
        AssertRefused("PageSize.Huge", new() { PageSize = 3 * s_page });
        AssertRefused("highest address", new() { MaxAddress = 5 });
        AssertRefused("first page", new() { MaxAddress = (2 * s_page) - 1 });
        AssertRefused("node 4711", new() { Node = 4711 });
        AssertRefused("node -1", new() { Node = -1 });

        static void AssertRefused(string named, PhysicalMemoryOptions options)
        {
            var refused = Assert.Throws<ArgumentException>(() => PhysicalMemory.Allocate(s_page, options));
            Assert.Equal("options", refused.ParamName);
            Assert.Contains(named, refused.Message);
            Assert.Throws<ArgumentException>(() => PhysicalMemory.TryAllocate(s_page, options, out _));
        }
    }

    [Fact]
    public void Without_the_privilege_there_is_an_error_and_never_address_zero()
    {
        Assert.SkipWhen(Frames.CanSee, "This process is shown frames: the scenario that drops the privilege is the test here.");
        Assert.False(PhysicalAddress.IsVisible);
        var refused = Assert.Throws<MemoryPagesException>(() => PhysicalMemory.Allocate(s_page));
        Assert.Equal(ErrorReason.AccessDenied, refused.Reason);
        Assert.Contains("CAP_SYS_ADMIN", refused.Hint);
        Assert.False(PhysicalMemory.TryAllocate(s_page, default, out _));
    }

    [Fact]
    public void A_process_that_gave_the_privilege_up_is_told_so()
    {
        Assert.SkipUnless(Kernel.IsRoot && File.Exists("/usr/bin/setpriv"), "Only root can give privileges up, here with setpriv.");
        ScenarioResult result = Scenario.RunUnder(["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"], "PhysicalWithoutPrivilege");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("AccessDenied", result.Output);
        Assert.Contains("CAP_SYS_ADMIN", result.Output);
    }

    [Fact]
    public void Addresses_print_in_hexadecimal_order_and_add()
    {
        var low = new PhysicalAddress(0x1000000);
        Assert.Equal("0x1000000", low.ToString());
        Assert.Equal("0x1000000+7", new PhysicalSegment(low, 7).ToString());
        PhysicalAddress high = low + 16;
        Assert.Equal(16u, high - low);
        Assert.True(low < high && high > low && low <= high && high >= low && low.CompareTo(high) < 0);
        Assert.Throws<OverflowException>(() => new PhysicalAddress(ulong.MaxValue) + 1);
        Assert.Throws<OverflowException>(() => low - high);
    }
}

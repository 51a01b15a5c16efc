#pragma warning disable MP1001, MP1007 // reservations are refused, and looked at after their end, on purpose

using System.Globalization;
using static MemoryPages.Tests.Physical.PhysicalWitness;

namespace MemoryPages.Tests.Physical;

/// <summary>The pool as the kernel's files show it, before, during and after.</summary>
public sealed class HugePagePoolTests
{
    private static nuint Huge => HugePagePool.Size;

    private static long Total => HugePagePool.Counter("nr_hugepages");

    public HugePagePoolTests() => Needed.File("/sys/kernel/mm/hugepages");

    [Fact]
    public void The_counters_are_the_kernels()
    {
        Assert.SkipUnless(Huge != 0, "This kernel has no pool of huge pages.");
        HugePageCounters pool = MemoryPages.HugePagePool.Counters();
        Assert.Equal(Total, pool.Total);
        Assert.Equal(HugePagePool.Free, pool.Free);
        Assert.Equal(HugePagePool.Counter("resv_hugepages"), pool.Reserved);
        Assert.Equal(HugePagePool.Counter("surplus_hugepages"), pool.Surplus);
        Assert.Equal(HugePagePool.Counter("nr_overcommit_hugepages"), pool.Overcommit);
        Assert.Equal(pool.Free - pool.Reserved, pool.Available);
        Assert.Equal(pool, MemoryPages.HugePagePool.Counters(Huge));
        foreach (nuint size in PageSize.Huge)
        {
            Assert.InRange(MemoryPages.HugePagePool.Counters(size).Total, 0, long.MaxValue);
        }
    }

    [Fact]
    public void What_is_added_is_there_and_what_was_added_is_taken_out()
    {
        SkipUnlessMayFill();
        long before = Total;
        using (MemoryPages.HugePagePool pool = MemoryPages.HugePagePool.Reserve(3))
        {
            Assert.Equal((3, Huge, (int?)null), (pool.Added, pool.PageSize, pool.Node));
            Assert.Equal(before + 3, Total);
        }

        Assert.Equal(before, Total);
    }

    [Fact]
    public void What_a_program_has_not_put_back_is_when_it_ends()
    {
        SkipUnlessMayFill();
        long before = MemoryPages.HugePagePool.Counters().Total;
        ScenarioResult result = Scenario.Run("LeavesThePoolRaised");
        Assert.SkipWhen(result.Errors.Contains("side by side", StringComparison.Ordinal), "The system has no room for a huge page.");
        Assert.Equal("1", result.Output);
        Assert.Equal(before, MemoryPages.HugePagePool.Counters().Total);
    }

    [Fact]
    public void A_nodes_share_is_raised_and_put_back()
    {
        SkipUnlessMayFill();
        string file = $"/sys/devices/system/node/node0/hugepages/hugepages-{Huge / 1024}kB/nr_hugepages";
        Assert.SkipUnless(File.Exists(file), "This kernel has no pools of nodes.");
        long before = long.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture);
        using (MemoryPages.HugePagePool pool = MemoryPages.HugePagePool.Reserve(2, Huge, node: 0))
        {
            Assert.Equal(before + 2, long.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture));
            Assert.Equal(before + 2, MemoryPages.HugePagePool.Counters(Huge, 0).Total);
            Assert.Equal(0, pool.Node);
        }

        Assert.Equal(before, long.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture));
    }

    [Fact]
    public void What_others_change_meanwhile_stays_as_they_want_it()
    {
        SkipUnlessMayFill();
        long before = Total;
        using (var others = new HugePagePool(1))
        {
            MemoryPages.HugePagePool pool = MemoryPages.HugePagePool.Reserve(2);
            using (new HugePagePool(3))
            {
                pool.Dispose();
                Assert.Equal(before + 4, Total);
                pool.Dispose();
                Assert.Equal(before + 4, Total);
                Assert.Equal(0, pool.Added);
            }

            Assert.Equal(before + 1, Total);
        }

        Assert.Equal(before, Total);
    }

    [Fact]
    public void Pages_in_use_leave_the_pool_when_they_are_free()
    {
        SkipUnlessMayFill();
        (long before, long surplus) = (Total, HugePagePool.Counter("surplus_hugepages"));
        MemoryPages.HugePagePool pool = MemoryPages.HugePagePool.Reserve(1 + Math.Max(0, before - HugePagePool.Free));
        Pages<ReadWrite> pages = Pages.Allocate((nuint)HugePagePool.Free * Huge, new() { HugePages = HugePages.Explicit(Huge), Populate = true });
        pool.Dispose();
        Assert.True(HugePagePool.Counter("surplus_hugepages") > surplus);
        pages.Dispose();
        Assert.Equal((before, surplus), (Total, HugePagePool.Counter("surplus_hugepages")));
    }

    [Fact]
    public void More_than_the_machine_has_is_an_error_that_says_what_was_found_and_the_pool_is_as_before()
    {
        SkipUnlessMayFill();
        Assert.SkipUnless(PageSize.Huge.Length > 1, "This kernel has one size of huge pages: asking for all of memory would take it from everybody.");
        nuint largest = PageSize.Huge[^1];
        HugePageCounters before = MemoryPages.HugePagePool.Counters(largest);
        long tooMany = (SystemMap.Machine("MemTotal") / (long)largest) + 1;
        var refused = Assert.Throws<MemoryPagesException>(() => MemoryPages.HugePagePool.Reserve(tooMany, largest));
        Assert.Equal(ErrorReason.NoHugePages, refused.Reason);
        Assert.Contains($"of {tooMany}", refused.Hint);
        Assert.Contains("hugepages=", refused.Hint);
        Assert.False(MemoryPages.HugePagePool.TryReserve(tooMany, largest, null, out _));
        Assert.Equal(before, MemoryPages.HugePagePool.Counters(largest));
    }

    [Fact]
    public void Who_may_not_is_told_so()
    {
        Assert.SkipWhen(Kernel.IsRoot, "Root may.");
        Assert.SkipUnless(Huge != 0, "This kernel has no pool of huge pages.");
        var refused = Assert.Throws<MemoryPagesException>(() => MemoryPages.HugePagePool.Reserve(1));
        Assert.Equal(ErrorReason.AccessDenied, refused.Reason);
        Assert.Contains("nr_hugepages", refused.Hint);
        Assert.False(MemoryPages.HugePagePool.TryReserve(1, 0, null, out _));
    }

    [Fact]
    public void Counts_and_sizes_that_are_none_are_refused()
    {
        Assert.SkipUnless(Huge != 0, "This kernel has no pool of huge pages.");
        Assert.Equal("count", Assert.Throws<ArgumentOutOfRangeException>(() => MemoryPages.HugePagePool.Reserve(0)).ParamName);
        Assert.Equal("pageSize", Assert.Throws<ArgumentException>(() => MemoryPages.HugePagePool.Reserve(1, PageSize.Base)).ParamName);
        Assert.Equal("pageSize", Assert.Throws<ArgumentException>(() => MemoryPages.HugePagePool.Counters(3)).ParamName);
    }

    [Fact]
    public void Physical_memory_raises_the_pool_where_it_may_and_puts_it_back()
    {
        SkipUnlessVisible();
        SkipUnlessMayFill();
        HugePageCounters before = MemoryPages.HugePagePool.Counters();
        nuint length = (nuint)(before.Available + 1) * Huge;
        using (PhysicalMemory memory = PhysicalMemory.Allocate(length, new() { PageSize = Huge, GrowPool = true, Scattered = true }))
        {
            Assert.Equal(before.Total + 1, Total);
            AssertTold(memory);
        }

        Assert.Equal(before, MemoryPages.HugePagePool.Counters());
    }

    /// <summary>A page is promised to who mapped one and has not touched it yet: whoever took it would have that one die of SIGBUS.</summary>
    [Fact]
    public void Pages_that_are_promised_to_others_are_not_taken()
    {
        SkipUnlessVisible();
        using var filled = new HugePagePool(1);
        long before = Total;
        using (Pages<ReadWrite> promised = Pages.Allocate((nuint)MemoryPages.HugePagePool.Counters().Available * Huge, new() { HugePages = HugePages.Explicit(Huge) }))
        {
            Assert.Equal(0, MemoryPages.HugePagePool.Counters().Available);
            Assert.NotEqual(0, HugePagePool.Free);
            Assert.SkipUnless(HugePagePool.Counter("nr_overcommit_hugepages") == 0, "This machine lends huge pages beyond its pool (nr_overcommit_hugepages).");
            var refused = Assert.Throws<MemoryPagesException>(() => PhysicalMemory.Allocate(Huge, new() { PageSize = Huge }));
            Assert.Equal(ErrorReason.NoHugePages, refused.Reason);
            Assert.Contains($"{HugePagePool.Counter("resv_hugepages")} of these promised", refused.Hint);
            using (PhysicalMemory added = PhysicalMemory.Allocate(Huge, new() { PageSize = Huge, GrowPool = true }))
            {
                Assert.Equal(before + 1, Total);
                promised.Prefault(); // the promise is kept
            }

            Assert.Equal(before, Total);
        }
    }

    [Fact]
    public void Three_megabytes_side_by_side_are_had_from_an_empty_pool_and_it_is_empty_afterwards()
    {
        SkipUnlessVisible();
        using (new HugePagePool(4))
        {
            SkipUnlessNeighboursAreFree();
        }

        HugePageCounters before = MemoryPages.HugePagePool.Counters();
        using (PhysicalMemory memory = PhysicalMemory.Allocate(3 << 20, new() { GrowPool = true }))
        {
            Assert.InRange(memory.Length, 3u << 20, nuint.MaxValue);
            Assert.Single(memory.Segments);
            AssertTold(memory);
            AssertContiguous(memory);
        }

        Assert.Equal(before, MemoryPages.HugePagePool.Counters());
    }

    [Fact]
    public void Memory_that_is_not_found_in_a_raised_pool_leaves_the_pool_as_it_was()
    {
        SkipUnlessVisible();
        SkipUnlessMayFill();
        HugePageCounters before = MemoryPages.HugePagePool.Counters();
        nuint length = (nuint)(before.Available + 1) * Huge;
        var refused = Assert.Throws<MemoryPagesException>(() =>
            PhysicalMemory.Allocate(length, new() { PageSize = Huge, GrowPool = true, MaxAddress = length }));
        Assert.Equal(ErrorReason.NoSuchFrames, refused.Reason);
        Assert.Equal(before, MemoryPages.HugePagePool.Counters());
    }

    private static void SkipUnlessMayFill()
    {
        using var pool = new HugePagePool(1); // skips where it cannot
    }
}

#pragma warning disable MP1007 // allocations that are refused are what is tested

using static MemoryPages.Tests.Physical.PhysicalWitness;

namespace MemoryPages.Tests.Physical;

/// <summary>Physical memory that cannot be had: what is left of the attempt is nothing.</summary>
public sealed class PhysicalRefusalTests
{
    private static readonly nuint s_page = PageSize.Base;

    private static nuint Huge => HugePagePool.Size;

    [Fact]
    public void Lengths_beyond_the_largest_page_are_refused_like_others()
    {
        SkipUnlessVisible();
        Assert.SkipUnless(Huge != 0, "This kernel has no pool of huge pages.");
        nuint largest = PageSize.Huge[^1];
        HugePageCounters before = MemoryPages.HugePagePool.Counters();
        foreach (nuint length in (nuint[])[(nuint)(MemoryPages.HugePagePool.Counters(largest).Total + 1) * largest + 1, (nuint)1 << 52, nuint.MaxValue / 2, nuint.MaxValue])
        {
            var refused = Assert.Throws<MemoryPagesException>(() => PhysicalMemory.Allocate(length));
            Assert.Equal(ErrorReason.NoHugePages, refused.Reason);
            Assert.Contains($"{HugePagePool.Free} free", refused.Hint);
            Assert.False(PhysicalMemory.TryAllocate(length, default, out _));
        }

        Assert.Equal(before, MemoryPages.HugePagePool.Counters());
    }

    /// <summary>Everything is there by then but the addresses: what was allocated for them must go again.</summary>
    [Fact]
    public void Addresses_that_cannot_be_read_leave_nothing_behind()
    {
        SkipUnlessVisible();
        Assert.SkipUnless(SystemCallFailure.IsPossible, "Calls cannot be made to fail here.");
        (int mappings, long locked, int files) = (SystemMap.Count(), SystemMap.Status("VmLck"), Directory.GetFiles(Needed.File("/proc/self/fd")).Length);
        const int Pages = 300;
        SystemCallFailure.During(() =>
        {
            for (int i = 0; i < 50; i++)
            {
                var refused = Assert.Throws<MemoryPagesException>(() => PhysicalMemory.Allocate(Pages * s_page, new() { Scattered = true }));
                Assert.Equal(SystemCallFailure.EIO, refused.ErrorCode);
            }
        }, new FailingCall(SystemCallFailure.Pread, SystemCallFailure.EIO, ThirdArgument: Pages * sizeof(ulong)));
        Assert.Equal(locked, SystemMap.Status("VmLck"));
        Assert.InRange(SystemMap.Count() - mappings, -40, 40); // the runtime's own come and go: fifty of these would stay
        Assert.InRange(Directory.GetFiles(Needed.File("/proc/self/fd")).Length - files, -8, 8);
    }
}

using MemoryPages.Unsafe;
using static MemoryPages.Tests.Virtual.VirtualBufferWitness;

namespace MemoryPages.Tests.Virtual;

public sealed class VirtualBufferGuardTests
{
    private const int GuardInstall = 102;

    [Fact]
    public void A_thousand_guards_cost_no_map_entries()
    {
        Assert.SkipUnless(UncheckedAdvice.GuardInstall.IsSupported, "This kernel has no MADV_GUARD_INSTALL.");
        using VirtualBuffer buffer = Committed(2001);
        Fill(buffer, Pages(0, 2001), 1);
        int before = Regions(buffer).Count;
        for (int i = 1; i < 2001; i += 2)
        {
            buffer.InstallGuard(Pages(i));
        }

        Assert.Equal(before, Regions(buffer).Count);
        Assert.Equal(1001 * Page, buffer.CountResidentBytes());
        Assert.Equal(2001 * Page, buffer.CommittedBytes);
    }

    [Theory]
    [InlineData("Kernel", "Read")]
    [InlineData("Kernel", "Write")]
    [InlineData("Protection", "Read")]
    [InlineData("Protection", "Write")]
    [InlineData("Locked", "Write")]
    public void Touching_a_guard_ends_the_process(string kind, string access)
    {
        Assert.SkipUnless(kind != "Protection" || SystemCallFailure.IsPossible, "No seccomp filters here: not x86-64 Linux.");
        ScenarioResult result = Scenario.Run("TouchGuardOfBuffer", kind, access, "0");
        Assert.True(result.DiedOfBadAccess, result.ToString());
        result = Scenario.Run("TouchGuardOfBuffer", kind, access, "1"); // beside it
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Theory]
    [InlineData("Kernel")]
    [InlineData("Protection")]
    [InlineData("Locked")]
    [InlineData("PartlyLocked")]
    [InlineData("ReadOnly")]
    [InlineData("NoAccess")]
    public void A_removed_guard_reads_zero_and_can_be_written(string kind)
    {
        Assert.SkipUnless(kind != "Protection" || SystemCallFailure.IsPossible, "No seccomp filters here: not x86-64 Linux.");
        ScenarioResult result = Scenario.Run("RemoveGuardOfBuffer", kind);
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Guards_are_no_memory_to_the_other_verbs(bool isByProtection)
    {
        Assert.SkipUnless(!isByProtection || SystemCallFailure.IsPossible, "No seccomp filters here: not x86-64 Linux.");
        using VirtualBuffer buffer = Committed(11);
        Fill(buffer, Pages(0, 11), 9);
        Install(buffer, Pages(2, 7), isByProtection);
        Assert.Equal(isByProtection ? "---" : "rw-", Access(buffer)[2]);
        Assert.Equal(11 * Page, buffer.CommittedBytes);
        Assert.Equal([true, true, false, false, false, false, false, false, false, true, true], Present(buffer));
        Assert.False(CanRead(buffer, new PageRange((3 * Page) - 1, 1)));
        Assert.False(CanRead(buffer, new PageRange(0, (2 * Page) + 1)));
        Assert.True(CanRead(buffer, new PageRange(0, 2 * Page)));
        Assert.Throws<InvalidOperationException>(() => buffer.Prefault(Pages(1, 2)));
        Assert.Throws<InvalidOperationException>(() => buffer.Lock(Pages(1, 2)));
        Assert.Throws<InvalidOperationException>(() => buffer.Protect<ReadOnly>(Pages(1, 2)));
        Assert.Throws<InvalidOperationException>(() => buffer.InstallGuard(Pages(1, 2)));
        Assert.Throws<InvalidOperationException>(() => buffer.RemoveGuard(Pages(1, 2)));
        buffer.Commit(Pages(0, 11));
        Assert.False(CanRead(buffer, Pages(2)));
        buffer.Discard(Pages(2, 8));
        Assert.False(CanRead(buffer, Pages(2)));
        AssertHolds(buffer, Pages(0, 2), 9);

        buffer.Decommit(Pages(2, 3));
        Assert.Equal(8 * Page, buffer.CommittedBytes);
        buffer.Commit(Pages(2, 3));
        Fill(buffer, Pages(2, 3), 4);
        buffer.RemoveGuard(Pages(5, 4));
        AssertHolds(buffer, Pages(5, 4), 0);
        Fill(buffer, Pages(0, 11), 5);
        Assert.DoesNotContain("---", Access(buffer));
    }

    [Fact]
    public void Only_whole_pages_become_guards_and_end_being_guards()
    {
        using VirtualBuffer buffer = Committed(5);
        Fill(buffer, Pages(0, 5), 9);
        buffer.InstallGuard(PageRange.FromBounds(1, (4 * Page) - 1));
        AssertHolds(buffer, Pages(0), 9);
        AssertHolds(buffer, Pages(3, 2), 9);
        Assert.False(CanRead(buffer, Pages(1)) || CanRead(buffer, Pages(2)));
        buffer.RemoveGuard(PageRange.FromBounds(Page, (3 * Page) - 1));
        Assert.True(CanWrite(buffer, Pages(1)));
        Assert.False(CanRead(buffer, Pages(2)));
    }

    [Fact]
    public void A_range_without_a_whole_page_changes_nothing()
    {
        using VirtualBuffer buffer = Committed(4);
        Fill(buffer, Pages(0, 4), 9);
        buffer.InstallGuard(new PageRange(Page + 1, Page - 1));
        buffer.InstallGuard(new PageRange(Page, Page - 1));
        buffer.InstallGuard(new PageRange(Page, 0));
        buffer.Protect<ReadOnly>(new PageRange(Page, 0));
        Assert.True(CanWrite(buffer, Pages(0, 4)));
        AssertHolds(buffer, Pages(0, 4), 9);
        Assert.Equal(["rw-", "rw-", "rw-", "rw-"], Access(buffer));
        buffer.Protect<ReadOnly>(new PageRange(Page + 1, 0));
        buffer.RemoveGuard(new PageRange(Page + 1, 1));
        Assert.True(CanWrite(buffer, Pages(0, 4)));
    }

    [Fact]
    public void Guards_need_committed_memory()
    {
        using VirtualBuffer buffer = VirtualBuffer.Reserve(4 * Page);
        buffer.Commit(Pages(1));
        Assert.Throws<InvalidOperationException>(() => buffer.InstallGuard(Pages(0, 2)));
        Assert.Throws<InvalidOperationException>(() => buffer.InstallGuard(Pages(1, 2)));
        Assert.Throws<InvalidOperationException>(() => buffer.RemoveGuard(Pages(1)));
        Fill(buffer, Pages(1), 1);
        buffer.InstallGuard(Pages(1));
        Assert.Equal((nuint)0, buffer.CountResidentBytes());
    }

    private static void Install(VirtualBuffer buffer, PageRange range, bool isByProtection)
    {
        if (isByProtection)
        {
            SystemCallFailure.During(
                () => buffer.InstallGuard(range),
                new FailingCall(SystemCallFailure.Madvise, SystemCallFailure.EINVAL, range.Length, GuardInstall));
        }
        else
        {
            Assert.SkipUnless(UncheckedAdvice.GuardInstall.IsSupported, "This kernel has no MADV_GUARD_INSTALL.");
            buffer.InstallGuard(range);
        }
    }
}

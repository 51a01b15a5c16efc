#pragma warning disable MP1007 // allocations are refused, or owners lost, on purpose

using MemoryPages.Platform;
using MemoryPages.Tests.Effects;
using static MemoryPages.Tests.Virtual.VirtualBufferWitness;

namespace MemoryPages.Tests.Virtual;

/// <summary>The system refuses in the middle: what is promised of a part is what the kernel then says of it.</summary>
public sealed class VirtualBufferFailureTests
{
    private const int ReadWriteBits = 3;

    [Fact]
    public void A_commit_that_fails_in_its_second_gap_changes_nothing()
    {
        SkipUnlessPossible();
        using VirtualBuffer buffer = VirtualBuffer.Reserve(64 * Page);
        buffer.Commit(Pages(13, 2));
        Fill(buffer, Pages(13, 2), 7);
        string[] before = Access(buffer);
        var failing = new FailingCall(SystemCallFailure.Mprotect, SystemCallFailure.ENOMEM, 37 * Page, ReadWriteBits);

        var refused = Assert.Throws<MemoryPagesException>(() => SystemCallFailure.During(() => buffer.Commit(Pages(2, 50)), failing));

        Assert.Equal(("Commit", "mprotect"), (refused.Operation, refused.NativeCall));
        Assert.Equal(before, Access(buffer));
        Assert.False(IsCharged(buffer, 3));
        Assert.Equal(2 * Page, buffer.CommittedBytes);
        SystemCallFailure.During(() => Assert.False(buffer.TryCommit(Pages(2, 50))), failing);
        Assert.Equal(before, Access(buffer));
        Assert.Equal(2 * Page, buffer.CommittedBytes);
        Assert.False(CanRead(buffer, Pages(2)));
        AssertHolds(buffer, Pages(13, 2), 7);
        buffer.Commit(Pages(2, 50));
        Assert.Equal(50 * Page, buffer.CommittedBytes);
        AssertHolds(buffer, Pages(2, 11), 0);
    }

    [Fact]
    public void A_commit_that_fails_and_cannot_be_undone_fails_as_a_commit_and_all_can_be_used_afterwards()
    {
        SkipUnlessPossible();
        using VirtualBuffer buffer = VirtualBuffer.Reserve(64 * Page);
        buffer.Commit(Pages(13, 2));
        FailingCall[] failing =
        [
            new(SystemCallFailure.Mprotect, SystemCallFailure.ENOMEM, 37 * Page, ReadWriteBits),
            new(SystemCallFailure.Mmap, SystemCallFailure.ENOMEM, 11 * Page, 0),
            new(SystemCallFailure.Mmap, SystemCallFailure.ENOMEM, 37 * Page, 0),
        ];

        SystemCallFailure.During(() => Assert.False(buffer.TryCommit(Pages(2, 50))), failing);
        var refused = Assert.Throws<MemoryPagesException>(() => SystemCallFailure.During(() => buffer.Commit(Pages(2, 50)), failing));

        Assert.Equal(("Commit", "mprotect"), (refused.Operation, refused.NativeCall));
        Assert.Equal(13 * Page, buffer.CommittedBytes); // the gap before the one that failed could not be given back
        Assert.Equal("rw-", Access(buffer)[2]);
        Fill(buffer, Pages(2, 13), 7);
        buffer.Commit(Pages(2, 50));
        AssertHolds(buffer, Pages(15, 37), 0);
    }

    [Fact]
    public void A_decommit_that_fails_changes_nothing()
    {
        SkipUnlessPossible();
        using VirtualBuffer buffer = Committed(64);
        Fill(buffer, Pages(0, 64), 7);
        var refused = Assert.Throws<MemoryPagesException>(() => SystemCallFailure.During(
            () => buffer.Decommit(Pages(3, 37)), new FailingCall(SystemCallFailure.Mmap, SystemCallFailure.ENOMEM, 37 * Page, 0)));
        Assert.Equal(("Decommit", "mmap"), (refused.Operation, refused.NativeCall));
        Assert.Equal(64 * Page, buffer.CommittedBytes);
        AssertHolds(buffer, Pages(0, 64), 7);
        buffer.Decommit(Pages(3, 37));
        Assert.Equal(27 * Page, buffer.CommittedBytes);
    }

    [Fact]
    public void A_protection_that_fails_in_its_second_part_changes_nothing()
    {
        SkipUnlessPossible();
        using VirtualBuffer buffer = Committed(64);
        buffer.Protect<ReadOnly>(Pages(13, 37));
        string[] before = Access(buffer);
        Assert.Throws<MemoryPagesException>(() => SystemCallFailure.During(
            () => buffer.Protect<NoAccess>(Pages(0, 50)), new FailingCall(SystemCallFailure.Mprotect, SystemCallFailure.ENOMEM, 37 * Page, 0)));
        bool[] readable = [.. Enumerable.Range(0, 64).Select(i => CanRead(buffer, Pages(i)))];
        Assert.Equal(Access(buffer).Select(access => access[0] == 'r'), readable); // told and real are one in any case
        Assert.Equal(before, Access(buffer));
    }

    [Fact]
    public void A_guard_that_cannot_be_had_in_any_way_leaves_memory()
    {
        SkipUnlessPossible();
        using VirtualBuffer buffer = Committed(64);
        Assert.Throws<MemoryPagesException>(() => SystemCallFailure.During(
            () => buffer.InstallGuard(Pages(3, 37)),
            new FailingCall(SystemCallFailure.Madvise, SystemCallFailure.EINVAL, 37 * Page, 102),
            new FailingCall(SystemCallFailure.Mprotect, SystemCallFailure.ENOMEM, 37 * Page, 0)));
        Assert.Equal(64 * Page, buffer.CommittedBytes);
        Fill(buffer, Pages(0, 64), 1);
    }

    [Fact]
    public void A_guard_that_fails_half_way_leaves_no_hole_in_memory()
    {
        SkipUnlessPossible();
        ScenarioResult result = Scenario.Run("RefusedGuardOfBuffer");
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Fact]
    public void A_reservation_that_fails_leaves_no_mapping()
    {
        SkipUnlessPossible();
        nuint length = 0x6543 * Page;
        SystemCallFailure.During(
            () =>
            {
                var refused = Assert.Throws<MemoryPagesException>(() => VirtualBuffer.Reserve(length));
                Assert.Equal(("Reserve", ErrorReason.OutOfMemory), (refused.Operation, refused.Reason));
                Assert.False(VirtualBuffer.TryReserve(length, default, out _));
            },
            new FailingCall(SystemCallFailure.Mmap, SystemCallFailure.ENOMEM, length));
        using VirtualBuffer buffer = VirtualBuffer.Reserve(length);
        Assert.Equal(length, buffer.Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Huge_pages_are_used_where_they_are_wished_also_after_decommit(bool isRecommitted)
    {
        TransparentHuge.SkipUnlessAllowed();
        nuint huge = PageSize.TransparentHuge;
        using VirtualBuffer buffer = VirtualBuffer.Reserve(4 * huge, new() { TransparentHugePages = true });
        Assert.Equal((nuint)0, Address(buffer) % huge);
        buffer.Commit(0, 2 * huge);
        if (isRecommitted)
        {
            Fill(buffer, new PageRange(0, 2 * huge), 1);
            buffer.Decommit(0, 2 * huge);
            buffer.Commit(0, 2 * huge);
        }

        Assert.True(SystemMap.At(Address(buffer))!.HasFlag("hg"));
        Fill(buffer, new PageRange(0, 2 * huge), 1);
        Assert.InRange(Regions(buffer).Aggregate((nuint)0, (sum, region) => sum + region.Bytes("AnonHugePages")), huge, 2 * huge);
    }

    private static void SkipUnlessPossible() => Assert.SkipUnless(SystemCallFailure.IsPossible, "No seccomp filters here: not x86-64 Linux.");
}

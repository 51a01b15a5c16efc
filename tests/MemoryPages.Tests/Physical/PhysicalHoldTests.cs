using MemoryPages.Tests.Effects;
using static MemoryPages.Tests.Physical.PhysicalWitness;

namespace MemoryPages.Tests.Physical;

/// <summary>What keeps memory in its frames: tried, by what moves others.</summary>
public sealed class PhysicalHoldTests
{
    private static readonly nuint s_page = PageSize.Base;

    [Fact]
    public void Pinned_memory_stays_when_the_system_is_told_to_put_it_elsewhere()
    {
        SkipUnlessVisible();
        using PhysicalMemory memory = PhysicalMemory.Allocate(PageSize.TransparentHuge, new() { Scattered = true });
        Assert.SkipUnless(memory.Hold.HasFlag(PhysicalHold.Pinned), "This kernel, or a sandbox, has no io_uring to pin with.");
        ulong[] before = FramesOf(memory);
        Assert.False(TryMove(memory));
        Assert.Equal(before, FramesOf(memory));
        Assert.True(memory.VerifyAddresses());
    }

    [Fact]
    public void Every_hold_that_can_be_required_is_there_or_the_error_says_what_it_takes()
    {
        SkipUnlessVisible();
        using PhysicalMemory memory = PhysicalMemory.Allocate(s_page);
        Assert.True(memory.Hold.HasFlag(PhysicalHold.Resident | PhysicalHold.SurvivesFork));
        using PhysicalMemory same = PhysicalMemory.Allocate(s_page, new() { RequiredHold = memory.Hold });
        Assert.Equal(memory.Hold, same.Hold);
    }

    [Fact]
    public void Where_nothing_pins_it_the_memory_says_so_and_migration_is_detected()
    {
        SkipUnlessVisible();
        Assert.SkipUnless(SystemCallFailure.IsPossible, "Calls cannot be made to fail here.");
        const int RingSetup = 425;
        SystemCallFailure.During(() =>
        {
            using PhysicalMemory memory = PhysicalMemory.Allocate(PageSize.TransparentHuge, new() { Scattered = true });
            Assert.False(memory.Hold.HasFlag(PhysicalHold.Pinned));
            var refused = Assert.Throws<PlatformNotSupportedException>(() => PhysicalMemory.Allocate(s_page, new() { RequiredHold = PhysicalHold.Pinned }));
            Assert.Contains("io_uring_setup said EPERM", refused.Message);

            Assert.True(memory.VerifyAddresses());
            PhysicalAddress before = memory.Address;
            Assert.SkipUnless(TryMove(memory), "This kernel cannot collapse shared memory into a huge page.");
            Assert.False(memory.VerifyAddresses());
            using (WriteView view = memory.Write())
            {
                view.Span.Fill(1); // what was moved is in the tables again when it is touched
            }

            memory.RefreshAddresses();
            Assert.NotEqual(before, memory.Address);
            AssertTold(memory);
        }, new FailingCall(RingSetup, SystemCallFailure.EPERM));
    }

    /// <summary>pmalloc's private memory moves on the parent's next write after a fork, and its translation then tells a stranger's frame.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_forked_child_does_not_move_it_and_sees_it(bool huge)
    {
        SkipUnlessVisible();
        using HugePagePool? pool = huge ? new HugePagePool(1) : null;
        ScenarioResult result = Scenario.Run("PhysicalBesideAForkedChild", huge ? "huge" : "base");
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Fact]
    public void Memory_that_is_lost_is_unpinned_and_unmapped_by_the_collector()
    {
        SkipUnlessVisible();
        using var pool = new HugePagePool(1);
        long free = HugePagePool.Free;
        Lose();
        for (int i = 0; i < 20 && HugePagePool.Free != free; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal(free, HugePagePool.Free);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
#pragma warning disable MP1007 // lost on purpose
        static void Lose() => _ = PhysicalMemory.Allocate(HugePagePool.Size, new() { PageSize = HugePagePool.Size }).Address;
#pragma warning restore MP1007
    }

    /// <summary>
    /// Has the kernel copy the memory into a huge page: what compaction does to single pages, when it likes. Through another mapping of the same file,
    /// since the library hands out none that could be so advised.
    /// </summary>
    private static unsafe bool TryMove(PhysicalMemory memory)
    {
        const int Shared = 1;
        const int Collapse = 25;
        nuint huge = PageSize.TransparentHuge;
        SystemMap region = SystemMap.At(AddressOf(memory))!;
        using var file = File.OpenHandle($"/proc/self/map_files/{region.Start:x}-{region.End:x}", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        nint room = Kernel.Map(0, 2 * huge, 0, Kernel.PrivateAnonymous, -1, 0);
        nint aligned = (nint)PageSize.AlignUp((nuint)room, huge);
        Assert.NotEqual(Kernel.Failed, Kernel.Map(aligned, huge, Kernel.ReadBit | Kernel.WriteBit, Shared | Kernel.Fixed, (int)file.DangerousGetHandle(), 0));
        new Span<byte>((void*)aligned, (int)huge).Fill(5);
        bool moved = Kernel.Advise(aligned, huge, Collapse) == 0;
        _ = Kernel.Unmap(room, 2 * huge);
        return moved;
    }
}

#pragma warning disable MP1007 // allocations are refused, or owners lost, on purpose

using static MemoryPages.Tests.Witness;

namespace MemoryPages.Tests;

public sealed class AllocationFailureTests
{
    private static readonly nuint s_tooMuch = (nuint)1 << 60;

    [Fact]
    public void A_failed_attempt_allocates_no_managed_bytes()
    {
        AllocationOptions prefer = new() { HugePages = HugePages.Explicit(2 << 20, HugePagePolicy.Prefer), Name = "wished" };
        AllocationOptions aligned = new() { Alignment = 1 << 30 };
        _ = Attempt(100, prefer, aligned); // first calls compile, and allocate for that
        Assert.Equal(0, Attempt(1000, prefer, aligned));

        static long Attempt(int times, in AllocationOptions prefer, in AllocationOptions aligned)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            bool any = false;
            for (int i = 0; i < times; i++)
            {
                any |= Pages.TryAllocate(s_tooMuch, out _) | Pages.TryAllocate(s_tooMuch, prefer, out _) | Pages.TryAllocate(s_tooMuch, aligned, out _);
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.False(any);
            return allocated;
        }
    }

    [Fact]
    public void A_refusal_says_what_failed_where_and_what_to_do()
    {
        MemoryPagesException e = Assert.Throws<MemoryPagesException>(() => Pages.Allocate(s_tooMuch));
        Assert.Equal(("Allocate", Witness.OutOfMemory, s_tooMuch), (e.Operation, e.ErrorSymbol, e.Size));
        Assert.NotNull(e.Hint);
        Assert.Contains(Witness.OutOfMemory, e.Message);
        Assert.Contains(e.Hint, e.Message);
    }

    [Fact]
    public void Disposed_pages_leave_nothing_mapped()
    {
        var options = new AllocationOptions[] { default, new() { Alignment = 1 << 30 }, new() { Populate = true }, new() { NoReserve = true, Stack = true } };
        foreach (AllocationOptions option in options)
        {
            Pages<ReadWrite> pages = Pages.Allocate(7 * Page, option with { NearAddress = Lonely });
            nuint address = AddressOf(pages);
            Assert.Equal("rw-p", AccessOf(pages));
            pages.Dispose();
            Assert.Empty(SystemMap.Between(address, address + (7 * Page)));
        }
    }

    [Fact]
    public void Allocating_and_disposing_many_times_leaves_the_process_as_it_was()
    {
        Cycle(100);
        (int count, long size) before = (SystemMap.Count(), SystemMap.Status("VmSize"));
        Cycle(2000);
        Assert.InRange(SystemMap.Count() - before.count, int.MinValue, 50);
        Assert.InRange(SystemMap.Status("VmSize") - before.size, long.MinValue, 256 << 20); // a tenth of what was allocated

        static void Cycle(int times)
        {
            for (int i = 0; i < times; i++)
            {
                using Pages<ReadWrite> pages = Pages.Allocate(1 << 20, new() { Alignment = (nuint)1 << (12 + (i % 19)) });
                pages.Write(0, i);
            }
        }
    }

    [Theory]
    [InlineData(SystemCallFailure.ENOMEM)]
    [InlineData(SystemCallFailure.EPERM)]
    public void What_the_system_refuses_is_left_unmapped(int error)
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "System calls cannot be made to fail here.");
        nuint length = 0x2468 * Page;
        SystemCallFailure.During(
            () =>
            {
                Assert.Equal(error, Assert.Throws<MemoryPagesException>(() => Pages.Allocate(length)).ErrorCode);
                Assert.False(Pages.TryAllocate(length, out Pages<ReadWrite>? pages));
                Assert.Null(pages);
            },
            new FailingCall(SystemCallFailure.Mmap, error, length));
    }

    [Fact]
    public void Pages_that_cannot_be_populated_are_unmapped_again()
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "System calls cannot be made to fail here.");
        nuint length = 0x1357 * Page;
        nuint near = Lonely;
        SystemCallFailure.During(
            () =>
            {
                MemoryPagesException e = Assert.Throws<MemoryPagesException>(() => Pages.Allocate(length, new() { NearAddress = near, Populate = true }));
                Assert.Equal("madvise", e.NativeCall);
                Assert.False(Pages.TryAllocate(length, new() { NearAddress = near, Populate = true }, out _));
            },
            new FailingCall(SystemCallFailure.Madvise, SystemCallFailure.ENOMEM, length));
        Assert.Empty(SystemMap.Between(near, near + length));
    }

    [Fact]
    public void A_mapping_that_cannot_be_placed_in_its_reservation_gives_the_reservation_back()
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "System calls cannot be made to fail here.");
        ScenarioResult result = Scenario.RunWith(new() { ["MEMORYPAGES_HARDENED"] = "1" }, [], "RefusedInReservation");
        Assert.True(result.ExitCode == 0, result.ToString());
    }
}

#pragma warning disable MP1008 // addresses are kept to compare and to look them up

using static MemoryPages.Tests.Witness;

namespace MemoryPages.Tests;

public sealed class FailedTransitionTests
{
    [Theory]
    [InlineData(SystemCallFailure.ENOMEM, "ENOMEM")]
    [InlineData(SystemCallFailure.EACCES, "EACCES")]
    public void What_the_system_refuses_gives_the_pages_back_as_they_were(int error, string symbol)
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "System calls cannot be made to fail here.");
        nuint length = 0x139 * Page;
        using Pages<ReadWrite> pages = Pages.Allocate(length);
        pages.Write(length - 8, 0x1234L);
        SystemCallFailure.During(
            () =>
            {
                MemoryPagesException e = Assert.Throws<MemoryPagesException>(() => pages.Protect<ReadOnly>());
                Assert.Equal(("Protect<ReadOnly>", "mprotect", symbol, length), (e.Operation, e.NativeCall, e.ErrorSymbol, e.Size));
                Assert.Equal(AddressOf(pages), e.Address);
            },
            new FailingCall(SystemCallFailure.Mprotect, error, length, Kernel.ReadBit));

        Assert.True(pages.IsUsable);
        Assert.Equal(0, pages.LeaseCount);
        Assert.Equal("rw-p", AccessOf(pages));
        Assert.Equal(0x1234L, pages.Read<long>(length - 8));
        using Pages<ReadOnly> later = pages.Protect<ReadOnly>(); // nothing is left that would stop the next attempt
        Assert.Equal("r--p", AccessOf(later));
    }

    [Fact]
    public void Where_the_system_stops_half_way_through_parts_nothing_has_changed()
    {
        Needed.Call("madvise"); // which makes the parts
        ScenarioResult result = Scenario.Run("ProtectStopsHalfWay");
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Fact]
    public void Leased_pages_do_not_change_and_the_message_counts_the_leases()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(2 * Page);
        using ReadView one = pages.Read();
        AssertRefused(pages, "1 lease is open");
        using WriteView two = pages.Write(new(0, 1));
        AssertRefused(pages, "2 leases are open");
        two[0] = 9;
        Assert.Equal(9, one[0]);

        static void AssertRefused(Pages<ReadWrite> pages, string leases)
        {
            Assert.Contains(leases, Assert.Throws<InvalidOperationException>(() => pages.Protect<ReadOnly>()).Message);
            Assert.Contains(leases, Assert.Throws<InvalidOperationException>(() => pages.Protect<ReadWrite>()).Message); // also where nothing would change
            Assert.Contains(leases, Assert.Throws<InvalidOperationException>(() => pages.Resize(Page)).Message);
            Assert.Contains(leases, Assert.Throws<InvalidOperationException>(() => pages.Discard()).Message);
            Assert.True(pages.IsUsable);
            Assert.Equal("rw-p", AccessOf(pages));
        }
    }

    [Fact]
    public void Every_kind_of_lease_holds_a_transition_off_until_it_ends()
    {
        Pages<ReadWrite> pages = Pages.Allocate(2 * Page);
        using (pages.LeaseMemory())
        {
            Assert.Throws<InvalidOperationException>(() => pages.DenyWrite());
        }

        using (pages.ProtectScope<ReadOnly>(new(0, 1)))
        {
            Assert.Throws<InvalidOperationException>(() => pages.DenyWrite());
        }

        using Pages<ReadExecute> code = pages.AllowExecuteDenyWrite();
        using (MemoryPages.Unsafe.PagesDangerous.DangerousFunction(code))
        {
            Assert.Throws<InvalidOperationException>(() => code.DenyExecute());
        }

        using Pages<ReadOnly> last = code.DenyExecute();
        Assert.Equal("r--p", AccessOf(last));
    }
}

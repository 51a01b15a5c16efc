#pragma warning disable MP1001 // spent objects are used on purpose: what the run time says of them is tested
#pragma warning disable MP1002 // transitions are refused, or their results lost, on purpose
#pragma warning disable MP1005 // owners end and change under views on purpose: what the run time does then is tested
#pragma warning disable MP1007 // allocations are refused, or owners lost, on purpose

using static MemoryPages.Tests.Witness;

namespace MemoryPages.Tests;

public sealed class ProtectionScopeTests : IDisposable
{
    private readonly Pages<ReadWrite> _pages = AllocateLonely(6 * Page);

    public void Dispose() => _pages.Dispose();

    [Fact]
    public void A_scope_changes_the_whole_pages_that_its_bytes_touch_and_puts_them_back()
    {
        byte[] content = Pattern((int)_pages.Length);
        _pages.CopyFrom(0, content);
        using (ProtectionScope<ReadOnly> scope = _pages.ProtectScope<ReadOnly>(new(Page + 7, Page))) // bytes of pages 1 and 2
        {
            Assert.Equal((new PageRange(Page + 7, Page), 2 * Page), (scope.Range, scope.ProtectedLength));
            AssertPages("rw-p", "r--p", "r--p", "rw-p", "rw-p", "rw-p");
            using ReadView view = scope.Read();
            Assert.True(view.Span.SequenceEqual(content.AsSpan((int)Page + 7, (int)Page)));
        }

        AssertPages("rw-p", "rw-p", "rw-p", "rw-p", "rw-p", "rw-p");
        Assert.Equal(content, Content(AddressOf(_pages), content.Length));
        Assert.Equal(0, _pages.LeaseCount);
    }

    [Theory]
    [MemberData(nameof(Protections.Pairs), MemberType = typeof(Protections))]
    public void Any_protection_within_any_other<TWhole, TScope>(TWhole whole, TScope scope)
        where TWhole : struct, IProtection
        where TScope : struct, IProtection
    {
        _ = (whole, scope);
        using Pages<TWhole> pages = Pages.Allocate<TWhole>(3 * Page);
        nuint address = AddressOf(pages);
        using (pages.ProtectScope<TScope>(new(Page, 1)))
        {
            Assert.Equal(Expected<TWhole>(), AccessAt(address, Page));
            Assert.Equal(Expected<TScope>(), AccessAt(address + Page, Page));
            Assert.Equal(Expected<TWhole>(), AccessAt(address + (2 * Page), Page));
        }

        Assert.Equal(Expected<TWhole>(), AccessOf(pages));
    }

    [Fact]
    public void Scopes_nest_side_by_side_and_end_in_any_order()
    {
        using (_pages.ProtectScope<ReadOnly>(new(0, Page)))
        {
            using (_pages.ProtectScope<NoAccess>(new(5 * Page, Page)))
            using (_pages.ProtectScope<ReadExecute>(new(2 * Page, Page)))
            {
                AssertPages("r--p", "rw-p", "r-xp", "rw-p", "rw-p", "---p");
            }

            AssertPages("r--p", "rw-p", "rw-p", "rw-p", "rw-p", "rw-p");
        }

        AssertPages("rw-p", "rw-p", "rw-p", "rw-p", "rw-p", "rw-p");
    }

    [Fact]
    public void What_overlaps_a_scope_is_refused_and_what_does_not_goes_on()
    {
        using ProtectionScope<NoAccess> scope = _pages.ProtectScope<NoAccess>(new((2 * Page) + 1, 1)); // page 2
        foreach (PageRange beside in new PageRange[] { new(0, 2 * Page), new(3 * Page, 3 * Page), new(2 * Page, 0) })
        {
            using WriteView view = _pages.Write(beside);
            view.Span.Fill(0x33);
        }

        _pages.Write((2 * Page) - 4, 0x11111111);
        Assert.Equal(0x11111111, _pages.Read<int>((2 * Page) - 4));

        // Every byte of the page is out of bounds, not only the one that was named.
        foreach (PageRange over in new PageRange[] { new(0, 6 * Page), new(2 * Page, 1), new((3 * Page) - 1, 1), new((2 * Page) - 1, 2), new((2 * Page) + 1, 1) })
        {
            AssertOverlap(() => { using ReadView view = _pages.Read(over); });
            AssertOverlap(() => { using WriteView view = _pages.Write(over); });
            AssertOverlap(() => _pages.LeaseMemory(over));
            AssertOverlap(() => { using ProtectionScope<ReadOnly> second = _pages.ProtectScope<ReadOnly>(over); });
            AssertOverlap(() => _pages.CopyTo(over.Offset, new byte[over.Length]));
            AssertOverlap(() => _pages.CopyFrom(over.Offset, new byte[over.Length]));
        }

        AssertOverlap(() => { using ReadView view = _pages.Read(); });
        AssertOverlap(() => _pages.Read<int>((2 * Page) - 2));
        AssertOverlap(() => _pages.Write((3 * Page) - 1, (byte)1));
        AssertPages("rw-p", "rw-p", "---p", "rw-p", "rw-p", "rw-p");
        Assert.Equal(1, _pages.LeaseCount);

        static void AssertOverlap(Action use) => Assert.Contains("scope", Assert.Throws<InvalidOperationException>(use).Message);
    }

    [Fact]
    public void A_scope_that_is_rounded_into_another_is_refused()
    {
        using ProtectionScope<ReadOnly> first = _pages.ProtectScope<ReadOnly>(new(Page, 1));
        Assert.Throws<InvalidOperationException>(() => { using ProtectionScope<NoAccess> second = _pages.ProtectScope<NoAccess>(new((2 * Page) - 1, 1)); });
        AssertPages("rw-p", "r--p", "rw-p", "rw-p", "rw-p", "rw-p");
    }

    [Fact]
    public void Changes_of_the_whole_are_refused_while_a_scope_is_open()
    {
        using (_pages.ProtectScope<ReadOnly>(new(0, 1)))
        {
            foreach (Action change in new Action[] { () => _pages.DenyWrite(), () => _pages.Resize(Page), () => _pages.Discard(), () => _pages.Discard(new(3 * Page, Page)), () => _pages.Offer() })
            {
                Assert.Contains("1 lease is open", Assert.Throws<InvalidOperationException>(change).Message);
            }
        }

        using Pages<ReadOnly> after = _pages.DenyWrite();
    }

    [Fact]
    public void A_scope_is_refused_while_a_view_is_open_anywhere_and_while_a_scope_has_one()
    {
        using (_pages.Read(new(5 * Page, 1)))
        {
            AssertRefused();
        }

        using (ProtectionScope<ReadOnly> other = _pages.ProtectScope<ReadOnly>(new(4 * Page, 1)))
        using (other.Read())
        {
            AssertRefused();
        }

        using (_pages.ProtectScope<NoAccess>(new(0, 1)))
        {
            AssertPages("---p", "rw-p", "rw-p", "rw-p", "rw-p", "rw-p");
        }

        void AssertRefused()
        {
            Assert.Throws<InvalidOperationException>(() => { using ProtectionScope<NoAccess> scope = _pages.ProtectScope<NoAccess>(new(0, 1)); });
            Assert.Equal("rw-p", AccessAt(AddressOf(_pages), Page));
        }
    }

    [Fact]
    public void A_scope_of_nothing_changes_nothing()
    {
        using (ProtectionScope<NoAccess> scope = _pages.ProtectScope<NoAccess>(new(Page, 0)))
        {
            Assert.Equal((nuint)0, scope.ProtectedLength);
            AssertPages("rw-p", "rw-p", "rw-p", "rw-p", "rw-p", "rw-p");
            using WriteView whole = _pages.Write();
        }

        Assert.Equal(0, _pages.LeaseCount);
    }

    [Fact]
    public void Pages_disposed_during_a_scope_are_unmapped_after_it()
    {
        nuint address = AddressOf(_pages);
        using (ProtectionScope<ReadOnly> scope = _pages.ProtectScope<ReadOnly>(new(0, Page)))
        {
            _pages.Dispose();
            Assert.Throws<ObjectDisposedException>(() => { using ProtectionScope<ReadOnly> second = _pages.ProtectScope<ReadOnly>(new(Page, 1)); });
            Assert.Equal("r--p", AccessAt(address, Page));
            using ReadView view = scope.Read();
            Assert.Equal(0, view[0]);
        }

        Assert.Empty(SystemMap.Between(address, address + (6 * Page)));
    }

    [Fact]
    public void A_scope_that_the_system_refuses_leaves_everything_as_it_was()
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "System calls cannot be made to fail here.");
        nuint length = 0x141 * Page;
        using Pages<ReadWrite> pages = Pages.Allocate(length + (2 * Page));
        SystemCallFailure.During(
            () =>
            {
                MemoryPagesException e = Assert.Throws<MemoryPagesException>(() => Enter(pages, length));
                Assert.Equal(("ProtectScope<ReadOnly>", "mprotect", "ENOMEM", length), (e.Operation, e.NativeCall, e.ErrorSymbol, e.Size));
            },
            new FailingCall(SystemCallFailure.Mprotect, SystemCallFailure.ENOMEM, length, Kernel.ReadBit));
        Assert.Equal("rw-p", AccessOf(pages));
        Assert.Equal(0, pages.LeaseCount);
        Enter(pages, length); // and is granted later
        using Pages<ReadOnly> sealed_ = pages.DenyWrite();

        static void Enter(Pages<ReadWrite> pages, nuint length)
        {
            using ProtectionScope<ReadOnly> scope = pages.ProtectScope<ReadOnly>(new(Page, length));
        }
    }

    [Fact]
    public void A_part_whose_protection_cannot_be_restored_stays_out_of_use()
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "System calls cannot be made to fail here.");
        nuint length = 0x143 * Page;
        Pages<ReadWrite> pages = AllocateLonely(length + Page);
        nuint address = AddressOf(pages);
        SystemCallFailure.During(
            () => Assert.Throws<MemoryPagesException>(() => { using ProtectionScope<ReadOnly> scope = pages.ProtectScope<ReadOnly>(new(0, length)); }),
            new FailingCall(SystemCallFailure.Mprotect, SystemCallFailure.ENOMEM, length, Kernel.ReadBit | Kernel.WriteBit));
        Assert.Equal("r--p", AccessAt(address, length));
        Assert.Throws<InvalidOperationException>(() => pages.Write(0, 1)); // and not the end of the process
        pages.Write(length, 1);
        Assert.Throws<InvalidOperationException>(() => pages.DenyWrite());
        pages.Dispose();
        _ = Kernel.Unmap((nint)address, length + Page);
    }

    /// <summary>An interrupt makes waiting throw, wherever that is: not at the end of a scope, whose part would stay out of use.</summary>
    [Fact]
    public void Interrupts_leave_no_scope_open()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(8 * Page);
        long deadline = Environment.TickCount64 + 1500;
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(i => new Thread(() =>
        {
            while (Environment.TickCount64 < deadline)
            {
                try
                {
                    using ProtectionScope<ReadOnly> scope = pages.ProtectScope<ReadOnly>(new((nuint)i * 2 * Page, Page));
                }
                catch (Exception expected) when (expected is ThreadInterruptedException or InvalidOperationException)
                {
                    // Interrupted before it was open; or another thread was about to open one.
                }
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        while (Environment.TickCount64 < deadline)
        {
            Array.ForEach(threads, thread => thread.Interrupt());
            Thread.Sleep(1);
        }

        Array.ForEach(threads, thread => thread.Join());
        Assert.Equal(0, pages.LeaseCount);
        pages.Write(0, 1);
    }

    private void AssertPages(params string[] expected)
    {
        nuint address = AddressOf(_pages);
        Assert.Equal(expected, Enumerable.Range(0, expected.Length).Select(i => AccessAt(address + ((nuint)i * Page), Page)));
    }
}

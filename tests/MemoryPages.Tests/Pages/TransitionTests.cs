#pragma warning disable MP1002 // transitions are refused, or their results lost, on purpose
#pragma warning disable MP1003 // leases are refused, or lost, on purpose

using static MemoryPages.Tests.Witness;

namespace MemoryPages.Tests;

public sealed class TransitionTests
{
    [Theory]
    [MemberData(nameof(Protections.Pairs), MemberType = typeof(Protections))]
    public void Any_protection_becomes_any_other_and_keeps_the_content<TFrom, TTo>(TFrom from, TTo to)
        where TFrom : struct, IProtection
        where TTo : struct, IProtection
    {
        _ = (from, to);
        byte[] content = Pattern((int)(3 * Page));
        Pages<ReadWrite> start = Pages.Allocate(3 * Page);
        start.CopyFrom(0, content);
        nuint address = AddressOf(start);

        Pages<TFrom> old = start.Protect<TFrom>();
        Pages<TTo> pages = old.Protect<TTo>();

        Assert.Equal(Expected<TTo>(), AccessOf(pages));
        Assert.Equal((address, 3 * Page, true, 0L), (AddressOf(pages), pages.Length, pages.IsUsable, pages.LeaseCount));
        Assert.Equal(content, Content(address, content.Length)); // read by the kernel: it does not mind the protection
        AssertSpent(old, typeof(TTo));

        using Pages<ReadOnly> end = pages.Protect<ReadOnly>();
        byte[] read = new byte[content.Length];
        end.CopyTo(0, read);
        Assert.Equal(content, read);
    }

    [Fact]
    public void A_spent_handle_can_be_disposed_and_its_pages_live_on()
    {
        Pages<ReadWrite> old = Pages.Allocate(1);
        old.Write(0, 42);
        using Pages<ReadOnly> pages = old.DenyWrite();
        old.Dispose();
        Assert.Equal("r--p", AccessOf(pages));
        Assert.Equal(42, pages.Read<int>(0));
        AssertSpent(old, typeof(ReadOnly)); // and still says what became of it
    }

    [Theory]
    [MemberData(nameof(Protections.Pairs), MemberType = typeof(Protections))]
    public void The_system_is_called_only_when_something_changes<TFrom, TTo>(TFrom from, TTo to)
        where TFrom : struct, IProtection
        where TTo : struct, IProtection
    {
        _ = (from, to);
        Assert.SkipUnless(SystemCallFailure.IsPossible, "System calls cannot be made to fail here.");
        nuint length = 0x135 * Page;
        using Pages<TFrom> pages = Pages.Allocate<TFrom>(length);
        SystemCallFailure.During(
            () =>
            {
                if (typeof(TFrom) == typeof(TTo))
                {
                    using Pages<TTo> same = pages.Protect<TTo>();
                    Assert.Equal(Expected<TTo>(), AccessOf(same));
                    AssertSpent(pages, typeof(TTo));
                }
                else
                {
                    Assert.Throws<MemoryPagesException>(() => pages.Protect<TTo>());
                }
            },
            new FailingCall(SystemCallFailure.Mprotect, SystemCallFailure.EACCES, length));
    }

    [Theory]
    [MemberData(nameof(Protections.Pairs), MemberType = typeof(Protections))]
    public void No_transition_asks_for_writing_and_running_together_even_for_a_moment<TFrom, TTo>(TFrom from, TTo to)
        where TFrom : struct, IProtection
        where TTo : struct, IProtection
    {
        _ = (from, to);
        Assert.SkipUnless(SystemCallFailure.IsPossible, "System calls cannot be made to fail here.");
        nuint length = 0x137 * Page;
        FailingCall[] forbidden =
        [
            .. new[] { 6, 7 }.SelectMany(access => new FailingCall[]
            {
                new(SystemCallFailure.Mprotect, SystemCallFailure.EPERM, length, access),
                new(SystemCallFailure.Mmap, SystemCallFailure.EPERM, length, access),
            }),
        ];
        SystemCallFailure.During(
            () =>
            {
                using Pages<TTo> pages = Pages.Allocate<TFrom>(length).Protect<TTo>();
                using ProtectionScope<TFrom> scope = pages.ProtectScope<TFrom>(new(0, length));
                Assert.DoesNotContain("wx", AccessOf(pages));
            },
            forbidden);
    }

    [Fact]
    public void The_processor_grants_at_least_what_was_asked_and_never_writing_or_running_beside()
    {
        Check<NoAccess>(PageProtection.None);
        Check<ReadOnly>(PageProtection.Read);
        Check<ReadWrite>(PageProtection.Read | PageProtection.Write);
        Check<WriteOnly>(PageProtection.Write);
        Check<ExecuteOnly>(PageProtection.Execute);
        Check<ReadExecute>(PageProtection.Read | PageProtection.Execute);

        static void Check<TProtection>(PageProtection asked)
            where TProtection : struct, IProtection
        {
            using Pages<TProtection> pages = Pages.Allocate<TProtection>(1);
            Assert.Contains(pages.EffectiveProtection, new[] { asked, asked == PageProtection.None ? asked : asked | PageProtection.Read });
        }
    }

    /// <summary>Every kind of use is refused, and the message says where the pages are now.</summary>
    private static void AssertSpent<TProtection>(Pages<TProtection> old, Type became)
        where TProtection : struct, IProtection
    {
        Assert.False(old.IsUsable);
        foreach (Action use in new Action[]
        {
            () => _ = old.Length, () => _ = old.LeaseCount, () => _ = AddressOf(old), () => old.Protect<NoAccess>(), () => old.Advise(Advice.Normal),
            () => old.ProtectScope<ReadOnly>(default), () => old.Resize(1),
        })
        {
            Assert.Contains($"Pages<{became.Name}>", Assert.Throws<ObjectDisposedException>(use).Message);
        }
    }
}

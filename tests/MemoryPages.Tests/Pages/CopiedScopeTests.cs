#pragma warning disable MP1001 // spent objects are used on purpose: what the run time says of them is tested
#pragma warning disable MP1004 // values are copied on purpose: what the run time says of copies is tested
#pragma warning disable MP1005 // owners end and change under views on purpose: what the run time does then is tested

using static MemoryPages.Tests.Witness;

namespace MemoryPages.Tests;

/// <summary>A scope that was copied has ended when either has: what the other does then must be refused, since its part is under other rules now.</summary>
public sealed class CopiedScopeTests
{
    [Fact]
    public void Ending_a_scope_again_does_not_change_pages_that_are_of_another_type_now()
    {
        Pages<ReadWrite> pages = Pages.Allocate(2 * Page);
        Pages<ReadOnly>? later = null;
        Assert.Throws<InvalidOperationException>(() =>
        {
            using ProtectionScope<NoAccess> scope = pages.ProtectScope<NoAccess>(new(0, Page));
            using (ProtectionScope<NoAccess> copy = scope)
            {
                // ends here
            }

            later = pages.DenyWrite();
        });
        Assert.Equal("r--p", AccessOf(later!));
        later!.Dispose();
    }

    [Fact]
    public void Ending_a_scope_again_does_not_change_what_strangers_have_where_the_pages_were()
    {
        Needed.Call("mmap");
        Pages<ReadWrite> pages = AllocateLonely(Page);
        nuint address = AddressOf(pages);
        Assert.Throws<InvalidOperationException>(() =>
        {
            using ProtectionScope<NoAccess> scope = pages.ProtectScope<NoAccess>(new(0, Page));
            using (ProtectionScope<NoAccess> copy = scope)
            {
                pages.Dispose();
            }

            Assert.False(IsMapped(address));
            Assert.Equal((nint)address, Kernel.Map((nint)address, Page, Kernel.ReadBit, Kernel.PrivateAnonymous, -1, 0));
        });
        Assert.Equal("r--p", AccessAt(address, Page));
        _ = Kernel.Unmap((nint)address, Page);
    }

    [Fact]
    public void Ending_a_scope_again_does_not_end_a_later_one_over_the_same_bytes()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(Page);
        string? during = null; // looked at in the open scope, judged outside: its end may throw and hide what was thrown within
        Assert.Throws<InvalidOperationException>(() =>
        {
            ProtectionScope<NoAccess> scope = pages.ProtectScope<NoAccess>(new(0, Page));
            using (scope)
            {
                // ends here
            }

            using ProtectionScope<NoAccess> later = pages.ProtectScope<NoAccess>(new(0, Page));
            try
            {
                using (scope)
                {
                    // again
                }
            }
            finally
            {
                during = AccessOf(pages);
            }
        });
        Assert.Equal("---p", during);
        Assert.Equal("rw-p", AccessOf(pages));
        Assert.Equal(0, pages.LeaseCount);
    }

    [Fact]
    public void A_scope_that_has_ended_gives_no_view_of_what_is_not_under_its_protection_any_more()
    {
        using Pages<ReadOnly> pages = Pages.Allocate<ReadOnly>(Page);
        bool given = false;
        Assert.ThrowsAny<InvalidOperationException>(() =>
        {
            using ProtectionScope<ReadWrite> scope = pages.ProtectScope<ReadWrite>(new(0, Page));
            using (ProtectionScope<ReadWrite> copy = scope)
            {
                // ends here
            }

            using WriteView view = scope.Write();
            given = true; // a write to its span would end the process now
        });
        Assert.False(given);
        Assert.Equal("r--p", AccessOf(pages));
    }
}

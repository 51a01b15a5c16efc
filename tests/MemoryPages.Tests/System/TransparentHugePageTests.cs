using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Effects;

public sealed unsafe class TransparentHugePageTests
{
    [Fact]
    public void One_touch_of_each_huge_page_makes_all_of_it_resident()
    {
        TransparentHuge.SkipUnlessAllowed();
        nuint huge = PageSize.TransparentHuge;
        using Pages<ReadWrite> pages = Pages.Allocate((2 * huge) + 1, new() { HugePages = HugePages.Transparent });
        nuint address = (nuint)pages.DangerousPointer();
        Assert.Equal((2 * huge) + PageSize.Base, pages.Length);
        Assert.Equal(PageSize.Base, pages.PageSize);
        Assert.Equal(0u, address % huge);
        Assert.True(SystemMap.At(address)!.HasFlag("hg"));

        pages.Write(huge - 1, (byte)1);
        pages.Write(huge, (byte)1);

        Assert.Equal(2 * huge, SystemMap.At(address)!.Bytes("AnonHugePages"));
        Assert.Equal(2 * huge, pages.CountResidentBytes());
    }

    [Fact]
    public void Populating_uses_huge_pages()
    {
        TransparentHuge.SkipUnlessAllowed();
        nuint huge = PageSize.TransparentHuge;
        using Pages<ReadWrite> pages = Pages.Allocate(3 * huge, new() { HugePages = HugePages.Transparent, Populate = true });
        Assert.Equal(3 * huge, SystemMap.At((nuint)pages.DangerousPointer())!.Bytes("AnonHugePages"));
        Assert.Equal(3 * huge, pages.CountResidentBytes());
    }

    [Fact]
    public void A_wish_for_less_than_one_huge_page_costs_no_alignment_and_no_failure()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(1, new() { HugePages = HugePages.Transparent });
        Assert.Equal(PageSize.Base, pages.Length);
        pages.Write(0, 1);
    }

    [Fact]
    public void Where_the_system_takes_no_such_advice_the_pages_are_ordinary_ones()
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "No seccomp filters here: not x86-64 Linux.");
        const int HugePageAdvice = 14;
        nuint length = (nuint)0x1234 * PageSize.Base;
        SystemCallFailure.During(
            () =>
            {
                using Pages<ReadWrite> pages = Pages.Allocate(length, new() { HugePages = HugePages.Transparent });
                Assert.False(SystemMap.At((nuint)pages.DangerousPointer())!.HasFlag("hg"));
                pages.Write(length - 4, 7);
            },
            new FailingCall(SystemCallFailure.Madvise, SystemCallFailure.EINVAL, length, HugePageAdvice));
    }

    [Fact]
    public void After_a_move_they_are_aligned_and_huge_still()
    {
        TransparentHuge.SkipUnlessAllowed();
        nuint huge = PageSize.TransparentHuge;
        using Pages<ReadWrite> pages = Pages.Allocate(huge, new() { HugePages = HugePages.Transparent });
        Pattern.Fill(pages);
        nuint old = (nuint)pages.DangerousPointer();
        nint blocker = Kernel.Map((nint)(old + huge), PageSize.Base, 0, Kernel.PrivateAnonymous, -1, 0); // there, or something is there already

        pages.Resize(3 * huge, mayMove: true);

        nuint address = (nuint)pages.DangerousPointer();
        Assert.NotEqual(old, address);
        Assert.Equal(0u, address % huge);
        Assert.Equal(huge, SystemMap.At(address)!.Bytes("AnonHugePages"));
        Assert.DoesNotContain(false, Pattern.Kept(pages)[..(int)(huge / PageSize.Base)]);
        _ = Kernel.Unmap(blocker, PageSize.Base);
    }
}

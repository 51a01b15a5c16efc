using FsCheck;
using FsCheck.Fluent;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Effects;

public sealed class DiscardTests
{
    private static readonly nuint s_page = PageSize.Base;

    [Fact]
    public void The_physical_memory_is_back_with_the_system_at_once_and_the_pages_read_zero()
    {
        using var island = new Island(64);
        island.Fill();
        Assert.Equal(64 * s_page, island.Region.Bytes("Rss"));

        ReleaseFacts facts = island.Pages.Discard();

        Assert.DoesNotContain(true, island.Present);
        Assert.Equal(0u, island.Region.Bytes("Rss"));
        Assert.Equal(new ReleaseFacts(new PageRange(0, 64 * s_page), ReadsZero: true, ChargeReleased: false, NeedsRecommit: false), facts);
        Pattern.AssertZero(island.Pages);
        island.Fill(); // and are as usable as before
        Pattern.AssertKept(island.Pages);
    }

    [Fact]
    public void Neighbours_keep_what_they_hold()
    {
        using var neighbours = Surrounded.Pages(3);
        Pattern.Fill(neighbours.Pages);
        neighbours.Pages.Discard();
        neighbours.AssertUntouched();
        Pattern.AssertZero(neighbours.Pages);
    }

    [Fact]
    public void A_page_that_is_not_wholly_in_the_range_keeps_its_content() => Prop.ForAll(
        Gen.Choose(0, 8 * (int)s_page).ToArbitrary(), Gen.Choose(0, 8 * (int)s_page).ToArbitrary(), (a, b) =>
        {
            using var neighbours = Surrounded.Pages(8);
            Pattern.Fill(neighbours.Pages);
            (nuint start, nuint end) = ((nuint)Math.Min(a, b), (nuint)Math.Max(a, b));

            ReleaseFacts facts = neighbours.Pages.Discard(PageRange.FromBounds(start, end));

            bool[] kept = Pattern.Kept(neighbours.Pages);
            nuint gone = 0;
            for (nuint i = 0; i < 8; i++)
            {
                bool whole = start <= i * s_page && (i + 1) * s_page <= end;
                Assert.Equal(!whole, kept[i]);
                gone += whole ? s_page : 0;
            }

            Assert.Equal(gone, facts.Range.Length);
            Assert.True(gone == 0 || facts.Range.Offset == PageSize.AlignUp(start, s_page));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0, -1)]  // one byte less than a page
    [InlineData(1, 0)]   // a page, but one byte late
    [InlineData(-1, 2)]  // across a border
    [InlineData(0, 0, true)]
    public void A_range_without_a_whole_page_gives_nothing_back(int offset, int more, bool empty = false)
    {
        using var island = new Island(4);
        island.Fill();
        nuint start = (nuint)((nint)s_page + offset);
        ReleaseFacts facts = island.Pages.Discard(new PageRange(start, empty ? 0 : offset == -1 ? (nuint)more : (nuint)((nint)s_page + more)));
        Assert.Equal(0u, facts.Range.Length);
        Pattern.AssertKept(island.Pages);
        Assert.DoesNotContain(false, island.Present);
    }

    [Theory]
    [InlineData(0, 8)]
    [InlineData(3, 2)] // parts of the range are locked and parts are not
    public void Locked_pages_are_discarded_too_and_stay_locked(int firstLocked, int countLocked)
    {
        using var island = new Island(8);
        island.Fill();
        long before = SystemMap.Status("VmLck");
        island.Pages.Lock(range: new PageRange((nuint)firstLocked * s_page, (nuint)countLocked * s_page));

        Assert.Equal(8 * s_page, island.Pages.Discard().Range.Length);

        Assert.DoesNotContain(true, island.Present);
        Pattern.AssertZero(island.Pages);
        Assert.Equal(before + (countLocked * (long)s_page), SystemMap.Status("VmLck"));
        Assert.True(SystemMap.At(island.Address + ((nuint)firstLocked * s_page))!.HasFlag("lo"));
    }

    [Fact]
    public void Ranges_that_advice_has_split_are_discarded_whole_and_keep_the_advice()
    {
        Needed.Call("madvise");
        using var island = new Island(8);
        island.Fill();
        island.Pages.Advise(Advice.DontFork, new PageRange(2 * s_page, 3 * s_page));
        Assert.Equal(3, island.Regions.Count);

        island.Pages.Discard();

        Assert.DoesNotContain(true, island.Present);
        Assert.Equal([false, true, false], island.Regions.Select(region => region.HasFlag("dc")));
        Pattern.AssertZero(island.Pages);
    }

    [Fact]
    public void Of_a_transparent_huge_page_only_the_discarded_part_is_lost()
    {
        TransparentHuge.SkipUnlessAllowed();
        nuint huge = PageSize.TransparentHuge;
        using Pages<ReadWrite> pages = Pages.Allocate(huge, new() { HugePages = HugePages.Transparent });
        Pattern.Fill(pages);

        pages.Discard(new PageRange(s_page, 3 * s_page));

        bool[] kept = Pattern.Kept(pages);
        Assert.Equal([true, false, false, false, true], kept[..5]);
        Assert.DoesNotContain(false, kept[4..]);
        pages.Discard();
        Pattern.AssertZero(pages);
    }

    [Fact]
    public void The_commit_charge_stays_until_the_pages_are_disposed()
    {
        // So large that what other programs of the machine are promised meanwhile is little beside it.
        nuint length = PageSize.AlignDown((nuint)(SystemMap.Machine("MemTotal") / 8), s_page);
        long tolerance = (long)length / 2;
        using Pages<ReadWrite> pages = Pages.Allocate(length);
        pages.Write(0, 1);
        long charged = SystemMap.Machine("Committed_AS");

        Assert.False(pages.Discard().ChargeReleased);

        Assert.InRange(SystemMap.Machine("Committed_AS") - charged, -tolerance, tolerance);
        pages.Dispose();
        Assert.InRange(SystemMap.Machine("Committed_AS") - charged, -2 * (long)length, -tolerance);
    }

    [Fact]
    public void It_is_refused_while_leased_and_nothing_is_lost()
    {
        using var island = new Island(2);
        island.Fill();
        using (island.Pages.Read())
        {
            Assert.Contains("1 lease", Assert.Throws<InvalidOperationException>(() => island.Pages.Discard()).Message);
        }

        Pattern.AssertKept(island.Pages);
    }

    [Fact]
    public void Pages_that_can_only_be_written_can_be_discarded()
    {
        using var island = new Island(2);
        island.Fill();
        using Pages<WriteOnly> pages = island.Pages.DenyRead();
        pages.Discard();
        using Pages<ReadWrite> readable = pages.AllowRead();
        Pattern.AssertZero(readable);
    }

    [Fact]
    public void When_the_system_refuses_the_content_is_as_it_was()
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "No seccomp filters here: not x86-64 Linux.");
        using var island = new Island(13);
        island.Fill();
        var refused = Assert.Throws<MemoryPagesException>(() => SystemCallFailure.During(
            () => island.Pages.Discard(), new FailingCall(SystemCallFailure.Madvise, SystemCallFailure.EPERM, 13 * s_page)));
        Assert.Equal("Discard", refused.Operation);
        Assert.Equal("madvise", refused.NativeCall);
        Assert.Equal(ErrorReason.AccessDenied, refused.Reason);
        Assert.Equal(13 * s_page, refused.Size);
        Pattern.AssertKept(island.Pages);
    }
}

namespace MemoryPages.Tests.Effects;

public sealed class OfferTests
{
    public OfferTests() => Needed.Call("madvise");

    private static readonly nuint s_page = PageSize.Base;

    [Fact]
    public void Offered_pages_are_lazily_free_until_they_are_reclaimed()
    {
        using var island = new Island(512);
        island.Fill();

        ReleaseFacts facts = island.Pages.Offer();

        // Each processor marks pages in batches of some dozens: the last ones may still wait in one.
        Assert.InRange(island.Region.Bytes("LazyFree"), 256 * s_page, 512 * s_page);
        Assert.Equal(new ReleaseFacts(new PageRange(0, 512 * s_page), ReadsZero: false, ChargeReleased: false, NeedsRecommit: false), facts);

        Assert.Equal(0u, island.Pages.Reclaim());

        Assert.Equal(0u, island.Region.Bytes("LazyFree"));
        Pattern.AssertKept(island.Pages);
        TakeOfferedPages(island);
        Pattern.AssertKept(island.Pages); // for good: the system can no longer take them
    }

    [Fact]
    public void Reclaim_counts_exactly_the_bytes_that_the_system_took()
    {
        using var island = new Island(64);
        island.Fill();
        island.Pages.Offer();
        Assert.SkipUnless(TakeOfferedPages(island), "This kernel does not take offered pages on MADV_PAGEOUT.");

        nuint lost = island.Pages.Reclaim();

        nuint zero = (nuint)Pattern.Kept(island.Pages).Count(kept => !kept) * s_page;
        Assert.NotEqual(0u, zero);
        Assert.Equal(zero, lost);
        Assert.Equal(0u, island.Region.Bytes("LazyFree"));
    }

    [Fact]
    public void Writing_to_an_offered_page_takes_that_page_back()
    {
        using var island = new Island(64);
        island.Fill();
        island.Pages.Offer();
        for (nuint i = 0; i < 64; i += 4)
        {
            island.Pages.Write(i * s_page, Pattern.At(i * s_page));
        }

        Assert.SkipUnless(TakeOfferedPages(island), "This kernel does not take offered pages on MADV_PAGEOUT.");
        nuint lost = island.Pages.Reclaim();

        bool[] kept = Pattern.Kept(island.Pages);
        Assert.All(Enumerable.Range(0, 16), i => Assert.True(kept[i * 4]));
        Assert.Equal((nuint)kept.Count(k => !k) * s_page, lost);
    }

    [Fact]
    public void Pages_of_zeros_count_as_lost_since_the_system_does_not_tell_them_apart()
    {
        using var island = new Island(4);
        island.Pages.Write<byte>(s_page + 5, 1);
        island.Pages.Write<byte>((3 * s_page) - 1, 1);
        island.Pages.Offer();
        Assert.Equal(2 * s_page, island.Pages.Reclaim());
        Assert.Equal(1, island.Pages.Read<byte>(s_page + 5));
        Assert.Equal(1, island.Pages.Read<byte>((3 * s_page) - 1)); // the very last word of a page is found too
    }

    [Fact]
    public void Only_whole_pages_are_offered_and_neighbours_are_left_alone()
    {
        using var neighbours = Surrounded.Pages(4);
        Pattern.Fill(neighbours.Pages);

        Assert.Equal(new PageRange(s_page, 2 * s_page), neighbours.Pages.Offer(PageRange.FromBounds(1, (4 * s_page) - 1)).Range);
        Assert.Equal(0u, neighbours.Pages.Offer(new PageRange(1, s_page)).Range.Length);

        neighbours.Pages.Advise(Advice.PageOut);
        bool[] kept = Pattern.Kept(neighbours.Pages);
        Assert.True(kept[0] && kept[3]);
        neighbours.AssertUntouched();
        Assert.Equal(0u, neighbours.Pages.Reclaim(new PageRange(1, s_page)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(255)] // the kernel comes to it last: what it offered before must be taken back
    public void Locked_pages_are_refused_and_nothing_is_offered(int locked)
    {
        using var island = new Island(256);
        island.Fill();
        island.Pages.Lock(range: new PageRange((nuint)locked * s_page, s_page));

        var refused = Assert.Throws<MemoryPagesException>(() => island.Pages.Offer());

        Assert.Equal(ErrorReason.NotSupported, refused.Reason);
        Assert.Contains("locked", refused.Hint);
        Assert.Equal(0u, island.Regions.Aggregate((nuint)0, (sum, region) => sum + region.Bytes("LazyFree")));
        island.Pages.Unlock();
        TakeOfferedPages(island);
        Pattern.AssertKept(island.Pages);
    }

    [Fact]
    public void It_is_refused_while_leased()
    {
        using var island = new Island(1);
        island.Fill();
        using ReadView view = island.Pages.Read();
        Assert.Throws<InvalidOperationException>(() => island.Pages.Offer());
        Assert.Throws<InvalidOperationException>(() => island.Pages.Reclaim());
        Assert.Equal(0u, island.Region.Bytes("LazyFree"));
    }

    /// <summary>Makes the kernel take offered pages as it would under pressure. It may leave a few that another processor's lists still hold.</summary>
    private static bool TakeOfferedPages(Island island)
    {
        int attempts = 0;
        do
        {
            island.Pages.Advise(Advice.PageOut);
        }
        while (++attempts < 100 && island.Regions.Any(region => region.Bytes("LazyFree") != 0));

        return island.Present.Contains(false);
    }
}

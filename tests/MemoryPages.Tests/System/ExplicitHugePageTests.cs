using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Effects;

public sealed unsafe class ExplicitHugePageTests
{
    public ExplicitHugePageTests() => Needed.File("/sys/kernel/mm/hugepages");

    private static nuint Huge => HugePagePool.Size;

    [Fact]
    public void They_come_from_the_pool_and_go_back_to_it()
    {
        using var pool = new HugePagePool(3);
        long free = HugePagePool.Free;

        // memmap2 rounds to the base page here; unmapping then fails silently and the huge page is lost.
        Pages<ReadWrite> pages = Pages.Allocate(3 * PageSize.Base, new() { HugePages = HugePages.Explicit() });

        Assert.Equal(Huge, pages.Length);
        Assert.Equal(Huge, pages.PageSize);
        Assert.Equal(0u, (nuint)pages.DangerousPointer() % Huge);
        Pattern.Fill(pages);
        SystemMap region = SystemMap.At((nuint)pages.DangerousPointer())!;
        Assert.Equal(Huge, region.Bytes("KernelPageSize"));
        Assert.True(region.HasFlag("ht"));
        Assert.Equal(Huge, region.Bytes("Private_Hugetlb"));
        Assert.Equal(free - 1, HugePagePool.Free);
        Pattern.AssertKept(pages);

        using (Pages<ReadOnly> sealed_ = pages.DenyWrite())
        {
            Assert.StartsWith("r--", SystemMap.At((nuint)sealed_.DangerousPointer())!.Access);
        }

        Assert.Equal(free, HugePagePool.Free);
    }

    [Fact]
    public void In_hardened_mode_too_they_go_back_to_the_pool()
    {
        using var pool = new HugePagePool(2);
        ScenarioResult result = Scenario.RunWith(new() { ["MEMORYPAGES_HARDENED"] = "1" }, [], "HugePagesHardened");
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Fact]
    public void Only_whole_huge_pages_are_discarded()
    {
        using var pool = new HugePagePool(3);
        using Pages<ReadWrite> pages = Pages.Allocate(3 * Huge, new() { HugePages = HugePages.Explicit(Huge) });
        Pattern.Fill(pages);
        long free = HugePagePool.Free;

        Assert.Equal(0u, pages.Discard(new PageRange(PageSize.Base, Huge)).Range.Length);
        Pattern.AssertKept(pages);
        Assert.Equal(new PageRange(Huge, Huge), pages.Discard(PageRange.FromBounds(PageSize.Base, (3 * Huge) - 1)).Range);

        Assert.Equal(free + 1, HugePagePool.Free);
        bool[] kept = Pattern.Kept(pages);
        int perHuge = (int)(Huge / PageSize.Base);
        Assert.DoesNotContain(false, kept[..perHuge]);
        Assert.DoesNotContain(true, kept[perHuge..(2 * perHuge)]);
        Assert.DoesNotContain(false, kept[(2 * perHuge)..]);
    }

    [Fact]
    public void Verbs_round_outward_to_the_huge_page()
    {
        using var pool = new HugePagePool(2);
        using Pages<ReadWrite> pages = Pages.Allocate(2 * Huge, new() { HugePages = HugePages.Explicit() });
        long free = HugePagePool.Free;
        pages.Prefault(new PageRange(Huge + 5, 1));
        Assert.Equal(free - 1, HugePagePool.Free);
        Assert.Equal(Huge, pages.CountResidentBytes());
        Assert.Equal(PageSize.Base, pages.CountResidentBytes(new PageRange(Huge + 5, 1))); // but residency is counted in base pages
        Assert.Equal(2u, pages.CopyResidency(new bool[2], new PageRange(Huge + PageSize.Base - 1, 2)));

        pages.Advise(Advice.DontFork, new PageRange(1, 1));
        Assert.True(SystemMap.At((nuint)pages.DangerousPointer() + Huge - 1)!.HasFlag("dc"));
        Assert.False(SystemMap.At((nuint)pages.DangerousPointer() + Huge)!.HasFlag("dc"));
    }

    [Fact]
    public void They_cannot_be_offered_and_the_error_says_why()
    {
        using var pool = new HugePagePool(1);
        using Pages<ReadWrite> pages = Pages.Allocate(Huge, new() { HugePages = HugePages.Explicit() });
        Pattern.Fill(pages);
        var refused = Assert.Throws<MemoryPagesException>(() => pages.Offer());
        Assert.Equal(ErrorReason.NotSupported, refused.Reason);
        Assert.Contains("huge pages", refused.Hint);
        Pattern.AssertKept(pages);
    }

    [Fact]
    public void They_shrink_by_whole_huge_pages()
    {
        using var pool = new HugePagePool(3);
        using Pages<ReadWrite> pages = Pages.Allocate(3 * Huge, new() { HugePages = HugePages.Explicit(), Populate = true });
        long free = HugePagePool.Free;
        nuint address = (nuint)pages.DangerousPointer();
        pages.Resize(Huge + 1);
        Assert.Equal(2 * Huge, pages.Length);
        Assert.Equal(address, (nuint)pages.DangerousPointer());
        Assert.Equal(free + 1, HugePagePool.Free);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void They_cannot_grow_and_the_error_says_so(bool mayMove)
    {
        using var pool = new HugePagePool(4);
        using Pages<ReadWrite> pages = Pages.Allocate(Huge, new() { HugePages = HugePages.Explicit() });
        Pattern.Fill(pages);
        long free = HugePagePool.Free;
        nuint address = (nuint)pages.DangerousPointer();

        var refused = Assert.Throws<MemoryPagesException>(() => pages.Resize(2 * Huge, mayMove));

        Assert.Equal(ErrorReason.NotSupported, refused.Reason);
        Assert.Contains("cannot be resized", refused.Hint);
        Assert.Equal(address, (nuint)pages.DangerousPointer());
        Assert.Equal(Huge, pages.Length);
        Assert.Equal(free, HugePagePool.Free);
        Pattern.AssertKept(pages);
    }

    [Fact]
    public void With_an_empty_pool_a_strict_wish_fails_with_the_counters_and_the_file_that_fills_it()
    {
        nuint tooMany = MoreThanThePoolHas();
        var strict = new AllocationOptions { HugePages = HugePages.Explicit(Huge) };
        var refused = Assert.Throws<MemoryPagesException>(() => Pages.Allocate(tooMany * Huge, strict));
        Assert.Equal(ErrorReason.NoHugePages, refused.Reason);
        Assert.Contains($"{tooMany} pages", refused.Hint);
        Assert.Contains($"{HugePagePool.Free} free", refused.Hint);
        Assert.Contains($"{HugePagePool.Counter("nr_hugepages") + (long)tooMany} > {HugePagePool.Folder(Huge)}/nr_hugepages", refused.Hint);
        Assert.False(Pages.TryAllocate(tooMany * Huge, strict, out Pages<ReadWrite>? none));
        Assert.Null(none);
    }

    [Fact]
    public void With_an_empty_pool_a_preference_gives_ordinary_pages_and_says_so()
    {
        nuint tooMany = MoreThanThePoolHas();
        using Pages<ReadWrite> pages = Pages.Allocate(tooMany * Huge, new() { HugePages = HugePages.Explicit(Huge, HugePagePolicy.Prefer) });
        Assert.Equal(PageSize.Base, pages.PageSize);
        Assert.Equal(tooMany * Huge, pages.Length);
        Assert.Equal(PageSize.Base, SystemMap.At((nuint)pages.DangerousPointer())!.Bytes("KernelPageSize"));
        pages.Write(pages.Length - 8, 1L);
    }

    [Fact]
    public void A_preference_takes_huge_pages_where_there_are_some()
    {
        using var pool = new HugePagePool(1);
        using Pages<ReadWrite> pages = Pages.Allocate(1, new() { HugePages = HugePages.Explicit(0, HugePagePolicy.Prefer) });
        Assert.Equal(Huge, pages.PageSize);
    }

    [Fact]
    public void A_size_that_the_system_does_not_offer_is_refused_with_those_that_it_does()
    {
        Assert.SkipUnless(PageSize.Huge.Length != 0, "This kernel has no pool of huge pages.");
        nuint unknown = PageSize.Base * 2;
        while (PageSize.Huge.Contains(unknown))
        {
            unknown *= 2;
        }

        var refused = Assert.Throws<MemoryPagesException>(() => Pages.Allocate(1, new() { HugePages = HugePages.Explicit(unknown) }));
        Assert.Equal(ErrorReason.NoHugePages, refused.Reason);
        Assert.All(PageSize.Huge.ToArray(), size => Assert.Contains(size >= 1 << 30 ? $"{size >> 30} GiB" : size >= 1 << 20 ? $"{size >> 20} MiB" : $"{size >> 10} KiB", refused.Hint));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3 << 20)]
    [InlineData(ulong.MaxValue)]
    public void A_size_that_no_huge_page_has_is_refused(ulong size) => Assert.Throws<ArgumentException>(() => HugePages.Explicit((nuint)size));

    [Fact]
    public void The_base_page_is_not_a_huge_page() => Assert.Throws<ArgumentException>(() => HugePages.Explicit(PageSize.Base));

    [Theory]
    [InlineData(HugePagePolicy.Strict)]
    [InlineData(HugePagePolicy.Prefer)]
    public void They_are_never_taken_without_reserve_since_a_touch_could_end_the_process(HugePagePolicy policy) =>
        Assert.Contains("NoReserve", Assert.Throws<ArgumentException>(() => Pages.Allocate(1, new() { HugePages = HugePages.Explicit(0, policy), NoReserve = true })).Message);

    private static nuint MoreThanThePoolHas()
    {
        Assert.SkipUnless(Huge != 0 && Directory.Exists(HugePagePool.Folder(Huge)), "This kernel has no pool of huge pages.");
        return (nuint)(HugePagePool.Counter("nr_hugepages") + HugePagePool.Counter("nr_overcommit_hugepages") + 1);
    }
}

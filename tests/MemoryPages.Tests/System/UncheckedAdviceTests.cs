using MemoryPages.Tests.Files;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Effects;

public sealed unsafe class UncheckedAdviceTests
{
    private static readonly nuint s_page = PageSize.Base;

    [Theory]
    [InlineData(UncheckedAdvice.DontNeed)]
    [InlineData(UncheckedAdvice.DontNeedLocked)]
    [InlineData(UncheckedAdvice.Free)]
    public void Only_whole_pages_of_the_range_lose_their_content(UncheckedAdvice advice)
    {
        KernelAdvice.SkipUnlessKernelTakes(advice);
        using var island = new Island(6);
        island.Fill();

        Assert.Equal(new PageRange(s_page, 3 * s_page), island.Pages.DangerousAdvise(advice, PageRange.FromBounds(1, (5 * s_page) - 1)));
        island.Pages.Advise(Advice.PageOut); // for Free, which waits for pressure

        Assert.Equal([true, false, false, false, true, true], Pattern.Kept(island.Pages));
        Assert.Equal(new PageRange(0, 6 * s_page), island.Pages.DangerousAdvise(advice));
        island.Pages.Advise(Advice.PageOut);
        Pattern.AssertZero(island.Pages);
    }

    [Fact]
    public void It_changes_what_is_read_from_pages_that_cannot_be_written()
    {
        using Pages<ReadWrite> writable = Pages.Allocate(2 * s_page);
        Pattern.Fill(writable);
        using Pages<ReadOnly> pages = writable.DenyWrite();
        Assert.Equal(new PageRange(s_page, s_page), pages.DangerousAdvise(UncheckedAdvice.DontNeed, new PageRange(s_page, s_page)));
        Assert.Equal((Pattern.At(0), 0), (pages.Read<byte>(0), pages.Read<byte>(s_page)));
        pages.DangerousAdvise(UncheckedAdvice.DontNeed);
        Assert.Equal(0, pages.Read<byte>(0));
    }

    [Fact]
    public void Less_than_a_page_of_DontNeed_does_nothing()
    {
        // memmap2 rounds outward here and wipes the page.
        using var island = new Island(2);
        island.Fill();
        Assert.Equal(default, island.Pages.DangerousAdvise(UncheckedAdvice.DontNeed, new PageRange(0, s_page - 1)));
        Assert.Equal(default, island.Pages.DangerousAdvise(UncheckedAdvice.DontNeed, new PageRange(1, s_page)));
        Assert.Equal(default, island.Pages.DangerousAdvise(UncheckedAdvice.DontNeed, new PageRange(s_page, 0)));
        Pattern.AssertKept(island.Pages);
    }

    [Fact]
    public void DontNeed_is_refused_on_locked_pages_and_DontNeedLocked_is_not()
    {
        KernelAdvice.SkipUnlessKernelTakes(UncheckedAdvice.DontNeedLocked);
        using var island = new Island(2);
        island.Fill();
        island.Pages.Lock();
        Assert.Equal(ErrorReason.NotSupported, Assert.Throws<MemoryPagesException>(() => island.Pages.DangerousAdvise(UncheckedAdvice.DontNeed)).Reason);
        Pattern.AssertKept(island.Pages);
        island.Pages.DangerousAdvise(UncheckedAdvice.DontNeedLocked);
        Pattern.AssertZero(island.Pages);
    }

    [Fact]
    public void Remove_punches_a_hole_into_shared_memory()
    {
        Assert.SkipUnless(Directory.Exists(Needed.File("/dev/shm")), "No shared memory file system at /dev/shm.");
        using var file = TempFile.InSharedMemory(4 * s_page);
        byte[] content = file.Content;
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path);
        Assert.Equal(new PageRange(s_page, 2 * s_page), pages.DangerousAdvise(UncheckedAdvice.Remove, PageRange.FromBounds(1, (4 * s_page) - 1)));
        content.AsSpan((int)s_page, 2 * (int)s_page).Clear();
        Assert.Equal(content, file.Content);
        Assert.Equal([true, false, false, true], Pattern.Kept(pages));
    }

    [Fact]
    public void Remove_is_refused_on_private_memory()
    {
        using var island = new Island(2);
        island.Fill();
        var refused = Assert.Throws<MemoryPagesException>(() => island.Pages.DangerousAdvise(UncheckedAdvice.Remove));
        Assert.Equal(ErrorReason.NotSupported, refused.Reason);
        Pattern.AssertKept(island.Pages);
    }

    [Fact]
    public void Guards_take_no_map_entries_and_the_pages_read_zero_when_they_are_gone()
    {
        KernelAdvice.SkipUnlessKernelTakes(UncheckedAdvice.GuardInstall);
        using var island = new Island(64);
        island.Fill();
        for (nuint i = 1; i < 64; i += 2)
        {
            Assert.Equal(new PageRange(i * s_page, s_page), island.Pages.DangerousAdvise(UncheckedAdvice.GuardInstall, new PageRange(i * s_page, s_page)));
        }

        _ = island.Region; // one, not 64
        island.Pages.DangerousAdvise(UncheckedAdvice.GuardRemove);
        Assert.Equal(Enumerable.Range(0, 64).Select(i => i % 2 == 0), Pattern.Kept(island.Pages));
        island.Fill();
        Pattern.AssertKept(island.Pages);
    }

    [Theory]
    [InlineData("0", true)]  // the guarded page
    [InlineData("1", false)] // the page behind it
    public void Access_to_a_guard_ends_the_process(string page, bool dies)
    {
        KernelAdvice.SkipUnlessKernelTakes(UncheckedAdvice.GuardInstall);
        ScenarioResult result = Scenario.Run("ReadBesideAGuard", page);
        Assert.True(dies ? result.DiedOfBadAccess || result.DiedOfSignal : result.ExitCode == 0, result.ToString());
    }

    [Theory]
    [InlineData(UncheckedAdvice.FreeReusable)]
    [InlineData(UncheckedAdvice.FreeReuse)]
    public void What_only_macOS_has_is_an_error_that_says_so(UncheckedAdvice advice)
    {
        Assert.False(advice.IsSupported);
        using var island = new Island(1);
        Assert.Equal(ErrorReason.NotSupported, Assert.Throws<MemoryPagesException>(() => island.Pages.DangerousAdvise(advice)).Reason);
    }

    [Fact]
    public void All_are_refused_while_leased()
    {
        using var island = new Island(1);
        island.Fill();
        using ReadView view = island.Pages.Read();
        Assert.All(Enum.GetValues<UncheckedAdvice>(), advice =>
            Assert.Throws<InvalidOperationException>(() => island.Pages.DangerousAdvise(advice)));
        Assert.Equal(Pattern.At(0), view.Span[0]);
    }
}

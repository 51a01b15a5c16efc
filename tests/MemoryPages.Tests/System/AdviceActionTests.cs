using MemoryPages.Tests.Files;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Effects;

/// <summary>Advice that acts at once, and never on what is read.</summary>
public sealed unsafe class AdviceActionTests
{
    public AdviceActionTests() => Needed.Call("madvise");

    private static readonly nuint s_page = PageSize.Base;

    [Fact]
    public void PopulateRead_maps_pages_without_giving_them_memory_of_their_own()
    {
        KernelAdvice.SkipUnlessKernelTakes(Advice.PopulateRead);
        using var island = new Island(16);
        island.Pages.Advise(Advice.NoHugePage);
        island.Pages.Advise(Advice.PopulateRead, new PageRange(4 * s_page, 8 * s_page));
        Assert.Equal(Enumerable.Range(0, 16).Select(i => i is >= 4 and < 12), island.Present);
        Assert.Equal(0u, island.Region.Bytes("Anonymous"));
    }

    [Fact]
    public void PopulateWrite_gives_each_page_memory_of_its_own()
    {
        KernelAdvice.SkipUnlessKernelTakes(Advice.PopulateWrite);
        using var island = new Island(16);
        island.Pages.Advise(Advice.NoHugePage);
        island.Pages.Advise(Advice.PopulateWrite, new PageRange(4 * s_page, 8 * s_page));
        Assert.Equal(8 * s_page, island.Region.Bytes("Anonymous"));
        Assert.Equal(Enumerable.Range(0, 16).Select(i => i is >= 4 and < 12), island.Present);
    }

    [Fact]
    public void WillNeed_reads_a_file_ahead_and_does_nothing_to_memory()
    {
        using var file = TempFile.Sparse(32 * s_page);
        using Pages<ReadOnly> pages = Pages.Map(file.Path);
        Assert.Equal(0u, pages.CountResidentBytes());
        pages.Advise(Advice.WillNeed, new PageRange(16 * s_page, 4 * s_page));
        SpinWait.SpinUntil(() => pages.CountResidentBytes() != 0, TimeSpan.FromSeconds(30)); // it does not wait for the device
        Assert.NotEqual(0u, pages.CountResidentBytes(new PageRange(16 * s_page, 4 * s_page)));

        using var island = new Island(16);
        island.Pages.Advise(Advice.WillNeed);
        Assert.DoesNotContain(true, island.Present);
    }

    [Theory]
    [InlineData(Advice.Cold)]
    [InlineData(Advice.PageOut)]
    public void Content_outlives_being_called_cold_and_paged_out(Advice advice)
    {
        KernelAdvice.SkipUnlessKernelTakes(advice);
        using var island = new Island(16);
        island.Fill();
        island.Pages.Advise(advice);
        Pattern.AssertKept(island.Pages);
    }

    [Fact]
    public void PageOut_takes_the_pages_of_a_file_out_of_the_page_tables()
    {
        KernelAdvice.SkipUnlessKernelTakes(Advice.PageOut);
        using var file = new TempFile(64 * s_page);
        using Pages<ReadOnly> pages = Pages.Map(file.Path);
        nuint address = (nuint)pages.DangerousPointer();
        pages.Prefault();
        Assert.DoesNotContain(false, SystemMap.Present(address, 64 * s_page));
        for (int attempt = 0; attempt < 100 && !SystemMap.Present(address, 64 * s_page).Contains(false); attempt++)
        {
            pages.Advise(Advice.PageOut); // pages on another processor's lists escape it
        }

        Assert.Contains(false, SystemMap.Present(address, 64 * s_page));
        Assert.Equal(Pattern.At(40 * s_page), pages.Read<byte>(40 * s_page));
    }

    [Fact]
    public void Collapse_gathers_small_pages_into_a_huge_one()
    {
        KernelAdvice.SkipUnlessKernelTakes(Advice.Collapse);
        TransparentHuge.SkipUnlessAllowed();
        nuint huge = PageSize.TransparentHuge;
        using Pages<ReadWrite> pages = Pages.Allocate(2 * huge, new() { Alignment = huge });
        nuint address = (nuint)pages.DangerousPointer();
        pages.Write(5 * s_page, 55);
        Assert.SkipUnless(SystemMap.At(address)!.Bytes("AnonHugePages") == 0, "This system makes all memory of huge pages, unasked.");

        pages.Advise(Advice.Collapse, new PageRange(0, huge));

        Assert.Equal(huge, SystemMap.At(address)!.Bytes("AnonHugePages"));
        Assert.Equal(55, pages.Read<int>(5 * s_page));
    }

    [Theory]
    [InlineData(Advice.HwPoison)]
    [InlineData(Advice.SoftOffline)]
    [InlineData(Advice.ZeroWiredPages)] // macOS only
    public void What_the_kernel_does_not_have_is_an_error_that_says_so(Advice advice)
    {
        Assert.SkipWhen(KernelAdvice.KernelTakes(advice), $"This kernel has {advice}, and would break real memory for it.");
        Assert.False(advice.IsSupported);
        using var island = new Island(1);
        island.Fill();
        var refused = Assert.Throws<MemoryPagesException>(() => island.Pages.Advise(advice));
        Assert.Equal(ErrorReason.NotSupported, refused.Reason);
        Assert.Equal("EINVAL", refused.ErrorSymbol);
        Assert.Contains("does not know this advice", refused.Hint);
        Pattern.AssertKept(island.Pages);
    }

    [Fact]
    public void IsSupported_is_the_kernels_own_answer()
    {
        Assert.All(Enum.GetValues<Advice>(), advice => Assert.Equal((advice, KernelAdvice.KernelTakes(advice)), (advice, advice.IsSupported)));
        Assert.All(Enum.GetValues<UncheckedAdvice>(), advice => Assert.Equal((advice, KernelAdvice.KernelTakes(advice)), (advice, advice.IsSupported)));
    }

    [Fact]
    public void A_kernel_that_accepts_numbers_and_does_nothing_does_not_support_them()
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "No seccomp filters here: not x86-64 Linux.");
        ScenarioResult result = Scenario.Run("AdviceThatDoesNothing");
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Fact]
    public void A_question_that_could_not_be_asked_is_asked_again()
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "No seccomp filters here: not x86-64 Linux.");
        ScenarioResult result = Scenario.RunWith(new() { ["DOTNET_EnableWriteXorExecute"] = "0" }, [], "SupportAskedInAnEmergency");
        Assert.True(result.ExitCode == 0, result.ToString());
    }
}

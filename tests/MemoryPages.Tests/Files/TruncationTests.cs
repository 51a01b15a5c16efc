using MemoryPages.Tests.Effects;

namespace MemoryPages.Tests.Files;

/// <summary>Ordinary access to files that another process cuts off, in children: without the option they die, with it they go on.</summary>
public sealed class TruncationTests
{
    public TruncationTests() => Assert.SkipUnless(Pages.TruncationSurvivalSupported, "There is no machine code for this processor.");

    public static TheoryData<string> Ways =>
        ["Loop", "Vector", "CopyTo", "MemoryCopy", "IndexOf", "Equals", "Write", "Fill", "Clear", "Atomic"];

    [Theory]
    [MemberData(nameof(Ways))]
    public void Access_to_what_is_gone_finds_zeros_and_the_pages_say_so(string way) =>
        AssertSucceeds(Scenario.Run("AccessTruncated", "survive", way));

    [Theory]
    [InlineData("Loop")]
    [InlineData("CopyTo")]
    [InlineData("Clear")]
    public void Without_the_option_it_ends_the_process(string way)
    {
        ScenarioResult result = Scenario.Run("AccessTruncated", "plain", way);
        Assert.Equal("touching", result.Output);
        Assert.True(result.DiedOfBadAccess || result.DiedOfSignal, result.ToString());
    }

    /// <summary>The machine code passes on what is not its own, and the runtime does with it what it did before: the very same message.</summary>
    [Fact]
    public void A_fault_in_other_memory_ends_the_process_as_if_nothing_were_installed()
    {
        ScenarioResult without = Scenario.Run("StrangersFault", "alone");
        ScenarioResult with = Scenario.Run("StrangersFault", "beside");
        Assert.True(without.DiedOfBadAccess, without.ToString());
        Assert.True(with.DiedOfBadAccess, with.ToString());
        Assert.Equal("touching", with.Output);
        Assert.Equal(without.Errors, with.Errors);
    }

    [Theory]
    [InlineData("TruncatedWithinTheLastPage")]
    [InlineData("TruncatedCopiesOnWrite")]
    [InlineData("TruncatedFarAndWide")]
    [InlineData("RefreshShowsTheFileAgain")]
    [InlineData("ZerosHaveThePagesProtection")]
    [InlineData("ResizedPagesSurvive")]
    [InlineData("GrowingPagesSurvive")]
    [InlineData("DisposedPagesSurviveUntilTheLastLeaseEnds")]
    [InlineData("DisposedWhileThreadsFault")]
    [InlineData("ManyMappingsSurvive")]
    [InlineData("ResizedBesideOthers")]
    public void In_a_process_of_its_own(string scenario) => AssertSucceeds(Scenario.Run(scenario));

    [Fact]
    public void Huge_pages_of_a_file_are_replaced_whole()
    {
        using var pool = new HugePagePool(2);
        string folder = Directory.CreateTempSubdirectory("memorypages-huge-").FullName;
        ScenarioResult result = Scenario.RunUnder(
            ["unshare", "-m", "sh", "-c", "mount -t hugetlbfs none \"$0\" && exec \"$@\"", folder], "TruncatedHugePages", folder);
        Directory.Delete(folder);
        Assert.SkipWhen(result.Errors.Contains("unshare") || result.Errors.Contains("mount:"), "Nothing may be mounted here: " + result.Errors);
        AssertSucceeds(result);
    }

    [Fact]
    public void A_refused_refresh_leaves_everything_as_it_was()
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "No seccomp filters here: not x86-64 Linux.");
        ScenarioResult result = Scenario.Run("RefusedRefresh");
        AssertSucceeds(result);
        Assert.StartsWith("Refresh mmap ENOMEM OutOfMemory", result.Output);
    }

    [Fact]
    public void Pages_that_were_not_asked_to_survive_do_not_pretend_to_know()
    {
        using var file = new TempFile(PageSize.Base);
        using Pages<ReadOnly> plain = Pages.Map(file.Path);
        using Pages<ReadWrite> memory = Pages.Allocate(1);
        Assert.Contains("SurviveTruncation", Assert.Throws<InvalidOperationException>(() => plain.WasTruncated).Message);
        Assert.Throws<InvalidOperationException>(() => plain.Truncation);
        Assert.Throws<InvalidOperationException>(() => plain.Refresh());
        Assert.Throws<InvalidOperationException>(() => memory.WasTruncated);
        Assert.Equal((0, 0), (plain.LeaseCount, memory.LeaseCount));
    }

    [Fact]
    public void Nothing_of_a_file_cannot_shrink()
    {
        using var file = new TempFile(100);
        using Pages<ReadOnly> pages = Pages.Map(file.Path, new() { Offset = 100, SurviveTruncation = true });
        file.Resize(0);
        Assert.False(pages.WasTruncated);
        Assert.Equal(default, pages.Truncation);
        pages.Refresh();
        Assert.Equal(default, pages.Probe());
    }

    private static void AssertSucceeds(ScenarioResult result) => Assert.True(result.ExitCode == 0, result.ToString());
}

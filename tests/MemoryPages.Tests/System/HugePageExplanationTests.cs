using MemoryPages.Diagnostics;
using MemoryPages.Platform.Linux;

namespace MemoryPages.Tests.Effects;

/// <summary>The reasons on machines that are made up: their settings, mappings and pages are told.</summary>
public sealed class HugePageExplanationTests
{
    private const nuint Huge = 2 << 20;
    private const nuint Start = 64 * Huge;
    private const nuint Length = 4 * Huge;

    private static readonly LinuxHugePageSettings s_settings = new() { Size = Huge, Enabled = "madvise", SharedEnabled = "advise", MostMissing = 511, ScanLength = 4096, ScanInterval = 10000 };

    private static readonly PageRun s_allBase = new(Start, Length, PageState.Present);

    [Theory]
    [InlineData("never", "hg", HugePageReason.SystemSetting)]
    [InlineData("", "hg", HugePageReason.SystemSetting)]
    [InlineData("madvise", "", HugePageReason.NotAdvised)]
    [InlineData("madvise", "hg", HugePageReason.NotCollapsed)]
    [InlineData("always", "", HugePageReason.NotCollapsed)]
    [InlineData("always", "nh", HugePageReason.ForbiddenByAdvice)]
    [InlineData("always", "io pf", HugePageReason.Unsupported)]
    public void Memory_by_setting_and_advice(string enabled, string flags, HugePageReason expected) =>
        AssertAll(expected, s_settings with { Enabled = enabled }, Region(flags));

    [Theory]
    [InlineData("never", "hg", HugePageReason.SharedMemorySetting)]
    [InlineData("deny", "hg", HugePageReason.SharedMemorySetting)]
    [InlineData("advise", "", HugePageReason.NotAdvised)]
    [InlineData("advise", "hg", HugePageReason.NotCollapsed)]
    [InlineData("always", "", HugePageReason.NotCollapsed)]
    [InlineData("within_size", "", HugePageReason.NotCollapsed)]
    [InlineData("force", "", HugePageReason.NotCollapsed)]
    public void Memory_files_by_setting_and_advice(string setting, string flags, HugePageReason expected) =>
        AssertAll(expected, s_settings with { SharedEnabled = setting, Enabled = "never" }, Region(flags, "/memfd:pages (deleted)"));

    [Fact]
    public void A_process_that_may_not_but_for_what_is_advised()
    {
        AssertAll(HugePageReason.ForbiddenToProcess, s_settings with { IsForbidden = true }, Region("hg"));
        AssertAll(HugePageReason.ForbiddenToProcess, s_settings with { IsForbidden = true, IsAdviceHeeded = true, Enabled = "always" }, Region(""));
        AssertAll(HugePageReason.NotCollapsed, s_settings with { IsForbidden = true, IsAdviceHeeded = true }, Region("hg"));
    }

    [Fact]
    public void A_kernel_without_huge_pages() => AssertAll(HugePageReason.Unsupported, s_settings with { Size = 0 }, Region("hg"));

    [Fact]
    public void Base_pages_where_no_piece_of_memory_is_long_enough() =>
        AssertAll(HugePageReason.Fragmented, s_settings with { IsFragmented = true }, Region("hg"));

    [Fact]
    public void Base_pages_that_are_parts_of_huge_pages() =>
        Assert.Equal(Length, Explain(s_settings, Region("hg"), [s_allBase], isOfHugePage: true).BytesOf(HugePageReason.Split));

    [Fact]
    public void Each_huge_page_is_judged_by_what_is_there()
    {
        nuint page = PageSize.Base;
        PageRun[] runs =
        [
            new(Start, Huge, PageState.Present | PageState.Huge),
            new(Start + Huge, 2 * page, PageState.Present),
            new(Start + Huge + (2 * page), page, PageState.Swapped),
            new(Start + (2 * Huge) + (7 * page), page, PageState.Present),
            new(Start + (3 * Huge) - page, Huge + page, PageState.Present), // from one into the next, which it fills
        ];
        HugePageReport report = Explain(s_settings, Region("hg"), runs);
        Assert.Equal(Huge, report.Huge);
        Assert.Equal(Huge, report.BytesOf(HugePageReason.SwappedOut));
        Assert.Equal(Huge, report.BytesOf(HugePageReason.PartlyTouched));
        Assert.Equal(Huge, report.BytesOf(HugePageReason.NotCollapsed));
        Assert.Equal(3, report.Obstacles.Count);
    }

    [Fact]
    public void Where_huge_pages_are_not_told_one_by_one_the_mappings_sum_counts()
    {
        MemoryRegion region = Region("hg") with { TransparentHuge = 3 * Huge };
        HugePageReport report = Explain(s_settings, region, [s_allBase], seesHuge: false);
        Assert.Equal(3 * Huge, report.Huge);
        Assert.Equal(Huge, report.BytesOf(HugePageReason.NotCollapsed));
    }

    [Fact]
    public void Of_a_range_in_the_middle_only_its_bytes_count()
    {
        nuint page = PageSize.Base;
        var explanation = new LinuxHugePageExplanation(s_settings, static _ => false);
        explanation.Add(Region("hg"), Start + (Huge / 2), Huge, [new(Start, Huge, PageState.Present | PageState.Huge), new(Start + Huge, page, PageState.Present)], seesHuge: true);
        HugePageReport report = explanation.ToReport(Huge);
        Assert.Equal((Huge / 2, Huge / 2), (report.Huge, report.BytesOf(HugePageReason.PartlyTouched)));
    }

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Each_reason_has_a_sentence_that_says_what_to_do(string reason) =>
        Assert.Matches("^[A-Z].*[.]$", LinuxHugePageRemedies.For(Enum.Parse<HugePageReason>(reason), s_settings));

    public static TheoryData<string> Reasons => [.. Enum.GetNames<HugePageReason>()];

    private static void AssertAll(HugePageReason expected, LinuxHugePageSettings settings, MemoryRegion region)
    {
        HugePageReport report = Explain(settings, region, [s_allBase]);
        Assert.Equal((expected, Length), Assert.Single(report.Obstacles) is var only ? (only.Reason, only.Bytes) : default);
        Assert.Equal(0u, report.Huge);
    }

    private static HugePageReport Explain(LinuxHugePageSettings settings, MemoryRegion region, PageRun[] runs, bool seesHuge = true, bool isOfHugePage = false)
    {
        var explanation = new LinuxHugePageExplanation(settings, _ => isOfHugePage);
        explanation.Add(region, Start, Length, runs, seesHuge);
        return explanation.ToReport(Length);
    }

    private static MemoryRegion Region(string flags, string name = "") => new()
    {
        Address = Start,
        Length = Length,
        Protection = PageProtection.Read | PageProtection.Write,
        IsShared = name.Length != 0,
        Name = name,
        Line = $"{Start:x8}-{Start + Length:x8} rw-p 00000000 00:01 0 {name}",
        PageSize = PageSize.Base,
        Flags = $"rd wr mr mw me {flags}".Trim(),
    };
}

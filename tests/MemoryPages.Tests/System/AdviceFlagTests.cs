using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Effects;

/// <summary>Advice that the kernel remembers: a two-letter flag of the region says that it does (proc(5), VmFlags).</summary>
public sealed unsafe class AdviceFlagTests
{
    public AdviceFlagTests() => Needed.Call("madvise");

    private static readonly nuint s_page = PageSize.Base;

    [Theory]
    [InlineData(Advice.Random, "rr", Advice.Normal)]
    [InlineData(Advice.Sequential, "sr", Advice.Normal)]
    [InlineData(Advice.DontFork, "dc", Advice.DoFork)]
    [InlineData(Advice.DontDump, "dd", Advice.DoDump)]
    [InlineData(Advice.WipeOnFork, "wf", Advice.KeepOnFork)]
    [InlineData(Advice.HugePage, "hg", Advice.NoHugePage)]
    [InlineData(Advice.NoHugePage, "nh", Advice.HugePage)]
    [InlineData(Advice.Mergeable, "mg", Advice.Unmergeable)]
    public void The_kernel_remembers_it_until_it_is_undone(Advice advice, string flag, Advice undo)
    {
        KernelAdvice.SkipUnlessKernelTakes(advice);
        using var island = new Island(6);
        Assert.False(island.Region.HasFlag(flag));

        island.Pages.Advise(advice);
        Assert.True(island.Region.HasFlag(flag));
        island.Pages.Advise(undo);
        Assert.False(island.Region.HasFlag(flag));

        // A part, rounded outward.
        island.Pages.Advise(advice, new PageRange((2 * s_page) - 1, 2));
        Assert.Equal([false, true, true, false, false, false], FlagOfEachPage(island.Address, 6, flag));
        island.Pages.Advise(undo, new PageRange(2 * s_page, 1));
        Assert.Equal([false, true, false, false, false, false], FlagOfEachPage(island.Address, 6, flag));
    }

    [Theory]
    [InlineData(Advice.Random, "rr")]
    [InlineData(Advice.DontFork, "dc")]
    [InlineData(Advice.DontDump, "dd")]
    public void It_stays_over_transitions(Advice advice, string flag)
    {
        using var island = new Island(2);
        island.Pages.Advise(advice);
        nuint address = island.Address;
        using Pages<ReadOnly> sealed_ = island.Pages.DenyWrite();
        Assert.True(SystemMap.At(address)!.HasFlag(flag));
    }

    [Fact]
    public void Files_and_pages_without_access_take_advice_too()
    {
        using var file = new Files.TempFile(3 * s_page);
        using Pages<ReadOnly> pages = Pages.Map(file.Path, new() { Offset = (long)s_page + 10, Length = s_page });
        pages.Advise(Advice.Sequential);
        SystemMap region = SystemMap.At((nuint)pages.DangerousPointer())!;
        Assert.True(region.HasFlag("sr"));
        Assert.Equal(2 * s_page, region.End - region.Start);

        using Pages<NoAccess> none = Pages.Allocate<NoAccess>(s_page);
        none.Advise(Advice.DontFork);
        Assert.True(SystemMap.At((nuint)none.DangerousPointer())!.HasFlag("dc"));
    }

    [Theory]
    [InlineData(Advice.DontFork, 254)]   // the child has no such addresses
    [InlineData(Advice.DoFork, 42)]      // after DontFork
    [InlineData(Advice.WipeOnFork, 0)]
    [InlineData(Advice.KeepOnFork, 42)]  // after WipeOnFork
    [InlineData(Advice.Normal, 42)]
    public void A_forked_child_sees_what_the_advice_says(Advice advice, int seen)
    {
        KernelAdvice.SkipUnlessKernelTakes(advice);
        ScenarioResult result = Scenario.Run("SeenByAForkedChild", advice.ToString());
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(seen.ToString(), result.Output);
    }

    private static bool[] FlagOfEachPage(nuint address, int pages, string flag) =>
        [.. Enumerable.Range(0, pages).Select(i => SystemMap.At(address + ((nuint)i * s_page))!.HasFlag(flag))];
}

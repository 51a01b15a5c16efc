using MemoryPages.Diagnostics;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Effects;

/// <summary>Each reason that this machine can be brought to show, provoked. The others are told of made-up machines: HugePageExplanationTests.</summary>
public sealed unsafe class HugePageReportTests
{
    private static readonly nuint s_huge = PageSize.TransparentHuge;

    public HugePageReportTests()
    {
        Needed.File("/proc/self/pagemap");
        TransparentHuge.SkipUnlessAllowed();
    }

    [Fact]
    public void What_is_in_huge_pages_has_no_reason_against_it()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(3 * s_huge, new() { HugePages = HugePages.Transparent, Populate = true });
        AssertReport(pages, huge: SystemMap.At((nuint)pages.DangerousPointer())!.Bytes("AnonHugePages"));
        Assert.Equal(3 * s_huge, pages.CountHugeBytes());
        Assert.Equal(s_huge, pages.CountHugeBytes(new PageRange(s_huge / 2, s_huge)));
        Assert.Equal(PageSize.Base, MemoryMap.ExplainHugePages(pages, new PageRange(s_huge + 5, 1)).Huge); // rounded outward
    }

    [Fact]
    public void Before_a_kernel_that_tells_of_single_huge_pages_the_mapping_is_asked()
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "No seccomp filters here: not x86-64 Linux.");
        const int NoSuchRequest = 25; // ENOTTY
        using Pages<ReadWrite> pages = Pages.Allocate(4 * s_huge, new() { HugePages = HugePages.Transparent });
        Touch(pages, 0, 2 * s_huge);
        nuint huge = pages.CountHugeBytes();
        SystemCallFailure.During(
            () =>
            {
                Assert.Equal(huge, pages.CountHugeBytes());
                AssertReport(pages, huge, (HugePageReason.NotTouched, 2 * s_huge));
            },
            new FailingCall(SystemCallFailure.Ioctl, NoSuchRequest, 0xC060_6610));
    }

    [Fact]
    public void Memory_that_was_not_touched_or_only_read_is_told_so()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(3 * s_huge, new() { HugePages = HugePages.Transparent });
        _ = pages.Read<int>(s_huge);
        AssertReport(pages, huge: 0, (HugePageReason.NotTouched, 3 * s_huge));
    }

    [Fact]
    public void Memory_that_nobody_asked_huge_pages_for()
    {
        Assert.SkipUnless(TransparentHuge.Setting == "madvise", "This system gives huge pages to who does not ask, too.");
        using Pages<ReadWrite> pages = Pages.Allocate(2 * s_huge, new() { Alignment = s_huge, Populate = true });
        AssertReport(pages, huge: 0, (HugePageReason.NotAdvised, 2 * s_huge));
        Assert.Contains("Advice.HugePage", MemoryMap.ExplainHugePages(pages).Obstacles[0].Remedy);
    }

    [Fact]
    public void Memory_that_was_told_to_do_without()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(2 * s_huge, new() { HugePages = HugePages.Transparent });
        pages.Advise(Advice.NoHugePage);
        AssertReport(pages, huge: 0, (HugePageReason.ForbiddenByAdvice, 2 * s_huge));
    }

    [Fact]
    public void The_ends_that_hold_no_whole_huge_page()
    {
        int perHuge = (int)(s_huge / PageSize.Base);
        using var island = new Island((2 * perHuge) + 3);
        island.Pages.Advise(Advice.HugePage);
        nuint inner = PageSize.AlignDown(island.End, s_huge) - PageSize.AlignUp(island.Address, s_huge);
        AssertReport(island.Pages, huge: 0, (HugePageReason.NotTouched, inner), (HugePageReason.Unaligned, island.Pages.Length - inner));

        using var small = new Island(perHuge - 1);
        small.Pages.Advise(Advice.HugePage);
        AssertReport(small.Pages, huge: 0, (HugePageReason.Unaligned, small.Pages.Length));
    }

    [Fact]
    public void Advice_for_a_part_makes_ends_in_the_middle()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(2 * s_huge, new() { HugePages = HugePages.Transparent });
        pages.Advise(Advice.DontDump, new PageRange(s_huge / 2, PageSize.Base));
        AssertReport(pages, huge: 0, (HugePageReason.NotTouched, s_huge), (HugePageReason.Unaligned, s_huge));
    }

    [Fact]
    public void Base_pages_that_were_touched_before_are_told_and_gathered_on_demand()
    {
        KernelAdvice.SkipUnlessKernelTakes(Advice.Collapse);
        using Pages<ReadWrite> pages = Pages.Allocate(3 * s_huge, new() { HugePages = HugePages.Transparent });
        pages.Advise(Advice.NoHugePage);
        Touch(pages, 0, s_huge);
        Touch(pages, s_huge, 5 * PageSize.Base);
        pages.Advise(Advice.HugePage);

        HugePageReport report = MemoryMap.ExplainHugePages(pages);
        Assert.Equal(s_huge, report.BytesOf(HugePageReason.NotCollapsed) + report.BytesOf(HugePageReason.Fragmented));
        Assert.Equal(s_huge, report.BytesOf(HugePageReason.PartlyTouched));
        Assert.Equal(s_huge, report.BytesOf(HugePageReason.NotTouched));
        Assert.Equal(0u, report.Huge);
        Assert.Contains("Collapse", report.Obstacles.Single(obstacle => obstacle.Reason == HugePageReason.PartlyTouched).Remedy);
        Assert.Contains($"0 of {3 * s_huge:N0} bytes", report.ToString());

        using (ReadView open = pages.Read()) // asks for no lease to end
        {
            Assert.Equal(2 * s_huge, pages.Collapse());
        }

        AssertReport(pages, huge: 2 * s_huge, (HugePageReason.NotTouched, s_huge));
        Assert.Equal(2 * s_huge, SystemMap.At((nuint)pages.DangerousPointer())!.Bytes("AnonHugePages"));
        Assert.Equal((byte)1, pages.Read<byte>(s_huge + (4 * PageSize.Base)));
        Assert.Equal((byte)0, pages.Read<byte>(s_huge + (5 * PageSize.Base)));
    }

    [Fact]
    public void What_may_not_be_huge_is_not_gathered_and_that_is_no_error()
    {
        KernelAdvice.SkipUnlessKernelTakes(Advice.Collapse);
        using Pages<ReadWrite> pages = Pages.Allocate(s_huge, new() { HugePages = HugePages.Transparent });
        pages.Advise(Advice.NoHugePage);
        Touch(pages, 0, s_huge);
        Assert.Equal(0u, pages.Collapse());
        Assert.Equal(0u, pages.Collapse(new PageRange(0, PageSize.Base)));
    }

    [Fact]
    public void A_huge_page_of_which_a_part_was_given_back()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(2 * s_huge, new() { HugePages = HugePages.Transparent, Populate = true });
        Assert.SkipUnless(pages.CountHugeBytes() == pages.Length, "The system had no huge pages to give.");
        pages.Discard(new PageRange(3 * PageSize.Base, PageSize.Base));

        // Which frames are of huge pages is shown to root only.
        HugePageReport report = MemoryMap.ExplainHugePages(pages);
        Assert.Equal(s_huge, report.Huge);
        HugePageObstacle rest = Assert.Single(report.Obstacles);
        Assert.Equal(s_huge, rest.Bytes);
        Assert.Contains(rest.Reason, (HugePageReason[])[HugePageReason.PartlyTouched, HugePageReason.Split]);
        Assert.SkipUnless(Frames.CanSee, "The kernel shows frames to CAP_SYS_ADMIN only.");
        Assert.Equal(HugePageReason.Split, rest.Reason);
    }

    [Fact]
    public void Huge_pages_that_were_swapped_out()
    {
        Assert.SkipUnless(File.ReadLines("/proc/swaps").Count() > 1, "This machine has no swap (/proc/swaps).");
        KernelAdvice.SkipUnlessKernelTakes(Advice.PageOut);
        using Pages<ReadWrite> pages = Pages.Allocate(2 * s_huge, new() { HugePages = HugePages.Transparent });
        Touch(pages, 0, 2 * s_huge);
        nuint before = pages.CountHugeBytes(new PageRange(0, s_huge));
        pages.Advise(Advice.PageOut, new PageRange(s_huge, s_huge));
        Assert.SkipUnless(SystemMap.At((nuint)pages.DangerousPointer())!.Bytes("Swap") > 0, "The system swapped nothing out.");
        HugePageReport report = MemoryMap.ExplainHugePages(pages);
        Assert.Equal(before, report.Huge);
        Assert.Equal(s_huge, report.BytesOf(HugePageReason.SwappedOut));
    }

    [Theory]
    [InlineData("/dev/shm")]
    [InlineData("")]
    public void Shared_memory_and_files_are_told_by_what_the_system_keeps_of_them(string folder)
    {
        string path = Path.Combine(folder.Length == 0 ? AppContext.BaseDirectory : Needed.File(folder), $"memorypages-huge-{Environment.ProcessId}");
        Assert.SkipUnless(CanWrite(path), $"Files cannot be made in {Path.GetDirectoryName(path)}.");
        try
        {
            using FileStream file = File.Open(path, FileMode.Create);
            file.SetLength(2 * (long)s_huge);
            using Pages<NoAccess> room = Pages.Allocate<NoAccess>(3 * s_huge, new() { Alignment = s_huge });
            nuint address = (nuint)room.DangerousPointer() + s_huge;
            const int SharedFixed = 0x11;
            Assert.Equal((nint)address, Kernel.Map((nint)address, s_huge, Kernel.ReadBit, SharedFixed, (int)file.SafeFileHandle.DangerousGetHandle(), (long)s_huge));
            HugePageObstacle obstacle = Assert.Single(MemoryMap.ExplainHugePages(address, s_huge).Obstacles);
            Assert.Equal(s_huge, obstacle.Bytes);
            bool isEligible = SystemMap.At(address)!.Bytes("THPeligible") != 0 || folder.Length == 0;
            Assert.Contains(obstacle.Reason, folder.Length == 0
                ? [HugePageReason.FileNotSupported, HugePageReason.NotTouched]
                : isEligible ? [HugePageReason.NotTouched] : (HugePageReason[])[HugePageReason.SharedMemorySetting, HugePageReason.NotAdvised]);

            // A base page further on in the file: no huge page of the file's begins where one of the addresses does.
            Assert.Equal((nint)address, Kernel.Map((nint)address, s_huge, Kernel.ReadBit, SharedFixed, (int)file.SafeFileHandle.DangerousGetHandle(), (long)PageSize.Base));
            Assert.Equal(s_huge, MemoryMap.ExplainHugePages(address, s_huge).BytesOf(HugePageReason.Unaligned));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Shared_memory_that_the_setting_keeps_from_them()
    {
        string setting = TransparentHuge.SettingOf("shmem_enabled");
        Assert.SkipUnless(setting is "never" or "deny", $"This system gives shared memory huge pages: {setting}.");
        using SharedMemory memory = SharedMemory.Create(2 * s_huge, new() { HugePages = HugePages.Transparent });
        using Pages<ReadWrite> pages = memory.MapShared();
        HugePageReport report = MemoryMap.ExplainHugePages(pages);
        Assert.Equal(pages.Length, report.BytesOf(HugePageReason.SharedMemorySetting) + report.BytesOf(HugePageReason.Unaligned));
        Assert.All(report.Obstacles, obstacle => Assert.NotEmpty(obstacle.Remedy));
    }

    [Fact]
    public void A_process_that_was_told_to_do_without()
    {
        ScenarioResult result = Scenario.Run("HugePagesForbiddenToProcess");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal("ForbiddenToProcess", result.Output);
    }

    [Fact]
    public void Explicit_huge_pages_are_huge_once_they_are_there()
    {
        using var pool = new HugePagePool(2);
        using Pages<ReadWrite> pages = Pages.Allocate(2 * HugePagePool.Size, new() { HugePages = HugePages.Explicit() });
        pages.Write(0, 1);
        AssertReport(pages, huge: HugePagePool.Size, (HugePageReason.NotTouched, HugePagePool.Size));
        Assert.Equal(HugePagePool.Size, pages.CountHugeBytes());
        Assert.Equal(HugePagePool.Size, pages.Collapse());
    }

    /// <summary>Whoever mapped it: the runtime, libraries, the kernel.</summary>
    [Fact]
    public void All_memory_of_the_process_can_be_explained()
    {
        HugePageReport report = MemoryMap.ExplainHugePages(0, (nuint)1 << 47);
        nuint told = report.Obstacles.Aggregate(report.Huge, (sum, obstacle) => sum + obstacle.Bytes);
        nuint mapped = MemoryMap.Regions().Where(region => region.Name != "[vsyscall]").Aggregate((nuint)0, (sum, region) => sum + region.Length);
        Assert.InRange((double)told / mapped, 0.9, 1.1); // others map meanwhile
        Assert.Equal(report.Obstacles.OrderByDescending(obstacle => obstacle.Bytes), report.Obstacles);
        Assert.Throws<ArgumentOutOfRangeException>(() => MemoryMap.ExplainHugePages(nuint.MaxValue - 5, 10));
        Assert.Empty(MemoryMap.ExplainHugePages(0, 0).Obstacles);
    }

    [Fact]
    public void Transparent_is_a_policy_and_no_policy_of_explicit_pages()
    {
        Assert.Equal(HugePagePolicy.Transparent, HugePages.Transparent.Policy);
        Assert.Contains("Transparent", Assert.Throws<ArgumentException>(() => HugePages.Explicit(policy: HugePagePolicy.Transparent)).Message);
    }

    private static void AssertReport(Pages<ReadWrite> pages, nuint huge, params (HugePageReason Reason, nuint Bytes)[] rest)
    {
        HugePageReport report = MemoryMap.ExplainHugePages(pages);
        Assert.Equal(pages.Length, report.Length);
        Assert.Equal(huge, report.Huge);
        Assert.Equal(rest.Where(part => part.Bytes != 0).OrderBy(part => part.Reason), report.Obstacles.Select(obstacle => (obstacle.Reason, obstacle.Bytes)).OrderBy(part => part.Reason));
        Assert.All(report.Obstacles, obstacle => Assert.NotEmpty(obstacle.Remedy));
    }

    private static void Touch(Pages<ReadWrite> pages, nuint start, nuint length)
    {
        for (nuint at = start; at < start + length; at += PageSize.Base)
        {
            pages.Write(at, (byte)1);
        }
    }

    private static bool CanWrite(string path)
    {
        try
        {
            File.WriteAllBytes(path, []);
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

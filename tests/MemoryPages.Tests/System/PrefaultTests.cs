using System.Runtime.Versioning;
using MemoryPages.Platform;
using MemoryPages.Platform.Linux;
using MemoryPages.Tests.Files;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Effects;

[SupportedOSPlatform("linux")]
public sealed unsafe class PrefaultTests
{
    public PrefaultTests() => Needed.Call("madvise");

    private static readonly nuint s_page = PageSize.Base;

    [Fact]
    public void All_pages_are_present_afterwards_and_can_be_written_without_a_fault()
    {
        using var island = new Island(300);
        island.Pages.Prefault();
        Assert.DoesNotContain(false, island.Present);
        Assert.Equal(300 * s_page, island.Region.Bytes("Private_Dirty")); // pages of its own, not the shared page of zeros
        Pattern.AssertZero(island.Pages);
    }

    [Theory]
    [InlineData("Memory")]
    [InlineData("ReadOnlyMemory")]
    [InlineData("File")]
    [InlineData("SharedFile")]
    public void Touching_prefaulted_pages_takes_no_faults(string kind)
    {
        using var file = new TempFile(3000 * s_page);
        ScenarioResult result = Scenario.Run("FaultsWhenTouching", kind, file.Path);
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Fact]
    public void Content_stays()
    {
        using var island = new Island(4);
        island.Fill();
        island.Pages.Discard(new PageRange(s_page, s_page));
        island.Pages.Prefault();
        Assert.Equal([true, false, true, true], Pattern.Kept(island.Pages));
        Assert.DoesNotContain(false, island.Present);
    }

    [Fact]
    public void The_range_is_rounded_outward_and_no_page_beyond_it_is_made_present()
    {
        using var island = new Island(6);
        island.Pages.Advise(Advice.NoHugePage); // one fault may otherwise fill several pages
        island.Pages.Prefault(new PageRange((2 * s_page) - 1, 2));
        island.Pages.Prefault(new PageRange(5 * s_page, 0));
        Assert.Equal([false, true, true, false, false, false], island.Present);
    }

    [Fact]
    public void File_pages_are_present_afterwards_and_not_dirty()
    {
        using var file = new TempFile(64 * s_page);
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path);
        nuint address = (nuint)pages.DangerousPointer();
        pages.Prefault();
        Assert.DoesNotContain(false, SystemMap.Present(address, 64 * s_page));
        SystemMap region = SystemMap.At(address)!;
        Assert.Equal(0u, region.Bytes("Shared_Dirty") + region.Bytes("Private_Dirty"));
        Assert.Equal(64 * s_page, region.Bytes("Rss"));
    }

    [Fact]
    public void A_page_beyond_the_end_of_its_file_is_an_error_and_not_the_end_of_the_process()
    {
        using var file = new TempFile(8 * s_page);
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path);
        file.Resize(5 * s_page);

        foreach (Action verb in (Action[])[() => pages.Prefault(), () => pages.Lock(), () => pages.Prefault(new PageRange((8 * s_page) - 1, 1))])
        {
            var refused = Assert.Throws<MemoryPagesException>(verb);
            Assert.Equal(ErrorReason.Unbacked, refused.Reason);
            Assert.Contains("shorter than the mapping", refused.Hint);
        }

        Assert.False(SystemMap.At((nuint)pages.DangerousPointer())!.HasFlag("lo"));
        pages.Prefault(new PageRange(0, 5 * s_page));
        Assert.Equal(Pattern.At(4 * s_page), pages.Read<byte>(4 * s_page));
    }

    [Fact]
    public void A_guard_is_an_error_and_not_the_end_of_the_process()
    {
        Assert.SkipUnless(Kernel.Advise(0, 0, 102) == 0, "This kernel has no MADV_GUARD_INSTALL.");
        using var island = new Island(4);
        island.Pages.DangerousAdvise(UncheckedAdvice.GuardInstall, new PageRange(2 * s_page, s_page));
        Assert.Equal(ErrorReason.Unbacked, Assert.Throws<MemoryPagesException>(() => island.Pages.Prefault()).Reason);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Without_the_kernels_help_each_page_is_touched_and_the_content_stays(bool forWriting)
    {
        using var island = new Island(40);
        island.Fill();
        island.Pages.Discard(new PageRange(10 * s_page, 20 * s_page));

        Assert.False(LinuxMemorySystem.PopulateByTouch(island.Address, 40 * s_page, s_page, forWriting).Failed);

        Assert.DoesNotContain(false, island.Present);
        Assert.Equal((forWriting ? 40u : 20u) * s_page, island.Region.Bytes("Private_Dirty"));
        Assert.Equal(20, Pattern.Kept(island.Pages).Count(kept => kept));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Without_the_kernels_help_too_a_missing_page_is_an_error(bool forWriting)
    {
        using var file = new TempFile(4 * s_page);
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path);
        file.Resize(2 * s_page);
        SystemError error = LinuxMemorySystem.PopulateByTouch((nuint)pages.DangerousPointer(), 4 * s_page, s_page, forWriting);
        Assert.Equal(SystemCallFailure.EFAULT, error.Code);
        Assert.Equal(Pattern.At(0), pages.Read<byte>(0));
    }

    [Theory]
    [InlineData(SystemCallFailure.EINVAL)] // Linux before 5.14
    [InlineData(0)]                        // an emulator that accepts what it does not do
    public void A_kernel_without_populate_still_gets_the_pages_in(int answer)
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "No seccomp filters here: not x86-64 Linux.");
        ScenarioResult result = Scenario.Run("PrefaultWithoutPopulate", answer.ToString());
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Fact]
    public void Pages_that_can_only_be_written_are_prefaulted_with_and_without_the_kernels_help()
    {
        using Pages<WriteOnly> pages = Pages.Allocate<WriteOnly>(4 * s_page);
        nuint address = (nuint)pages.DangerousPointer();
        pages.Prefault(new PageRange(0, 2 * s_page));
        Assert.Equal([true, true, false, false], SystemMap.Present(address, 4 * s_page));
        Assert.False(LinuxMemorySystem.PopulateByTouch(address, 4 * s_page, s_page, forWriting: true).Failed);
        Assert.DoesNotContain(false, SystemMap.Present(address, 4 * s_page));
    }
}

namespace MemoryPages.Tests.Effects;

/// <summary>What advice and locks do where the system has somewhere to swap to. The guest of eng/guest has.</summary>
public sealed class SwapTests
{
    private const int Count = 64;

    [Fact]
    public void PageOut_swaps_memory_out_and_a_read_brings_it_back()
    {
        using Island island = Filled();
        nuint all = Count * PageSize.Base;

        island.Pages.Advise(Advice.PageOut, new PageRange(0, all / 2));

        Assert.Equal(all / 2, island.Region.Bytes("Swap"));
        Assert.Equal(all / 2, island.Pages.CountResidentBytes());
        Pattern.AssertKept(island.Pages);
        Assert.Equal(0u, island.Region.Bytes("Swap") + all - island.Pages.CountResidentBytes());
    }

    [Fact]
    public void Locked_memory_is_never_swapped_out()
    {
        using Island island = Filled();
        island.Pages.Lock();
        Assert.Equal(ErrorReason.NotSupported, Assert.Throws<MemoryPagesException>(() => island.Pages.Advise(Advice.PageOut)).Reason);
        Assert.Equal(0u, island.Region.Bytes("Swap"));
        Assert.Equal(Count * PageSize.Base, island.Pages.CountResidentBytes());

        island.Pages.Unlock();
        island.Pages.Advise(Advice.PageOut);
        Assert.Equal(Count * PageSize.Base, island.Region.Bytes("Swap"));
        island.Pages.Lock(); // brings it back
        Assert.Equal(Count * PageSize.Base, island.Pages.CountResidentBytes());
        Pattern.AssertKept(island.Pages);
    }

    [Fact]
    public void Discarding_what_is_swapped_out_frees_the_swap_too()
    {
        using Island island = Filled();
        island.Pages.Advise(Advice.PageOut);
        Assert.Equal(Count * PageSize.Base, island.Region.Bytes("Swap"));
        island.Pages.Discard();
        Assert.Equal(0u, island.Region.Bytes("Swap"));
        Pattern.AssertZero(island.Pages);
    }

    private static Island Filled()
    {
        Assert.SkipUnless(File.ReadLines(Needed.File("/proc/swaps")).Count() > 1, "This machine has no swap (/proc/swaps).");
        KernelAdvice.SkipUnlessKernelTakes(Advice.PageOut);
        var island = new Island(Count);
        island.Pages.Advise(Advice.NoHugePage);
        island.Fill();
        return island;
    }
}

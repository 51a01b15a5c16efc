using MemoryPages.Tests.Files;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Effects;

public sealed unsafe class LockTests
{
    private static readonly nuint s_page = PageSize.Base;
    private readonly long _lockedBefore = SystemMap.Status("VmLck");

    private nuint NewlyLocked => (nuint)(SystemMap.Status("VmLck") - _lockedBefore);

    [Fact]
    public void Locked_pages_are_resident_and_counted_until_they_are_unlocked()
    {
        using var island = new Island(8);
        island.Pages.Lock();
        Assert.Equal(8 * s_page, NewlyLocked);
        Assert.Equal(8 * s_page, island.Region.Bytes("Locked"));
        Assert.True(island.Region.HasFlag("lo"));
        Assert.DoesNotContain(false, island.Present);

        island.Pages.Unlock();
        Assert.Equal(0u, NewlyLocked);
        Assert.False(island.Region.HasFlag("lo"));
        Assert.DoesNotContain(false, island.Present); // unlocking throws nothing out
    }

    [Fact]
    public void A_part_is_rounded_outward_and_the_rest_is_not_locked()
    {
        using var neighbours = Surrounded.Pages(6);
        nuint address = (nuint)neighbours.Pages.DangerousPointer();
        neighbours.Pages.Lock(range: new PageRange((2 * s_page) - 1, s_page));
        Assert.Equal(2 * s_page, NewlyLocked);
        Assert.Equal([false, true, true, false], Enumerable.Range(0, 4).Select(i => SystemMap.At(address + ((nuint)i * s_page))!.HasFlag("lo")));

        neighbours.Pages.Unlock(new PageRange((2 * s_page) - 1, 1));
        Assert.Equal(s_page, NewlyLocked);
        neighbours.Pages.Unlock();
        Assert.Equal(0u, NewlyLocked);
    }

    [Fact]
    public void Locks_do_not_nest_and_unlocking_twice_is_legal()
    {
        using var island = new Island(4);
        island.Pages.Lock();
        island.Pages.Lock();
        island.Pages.Lock(range: new PageRange(s_page, s_page));
        Assert.Equal(4 * s_page, NewlyLocked);
        island.Pages.Unlock();
        Assert.Equal(0u, NewlyLocked);
        island.Pages.Unlock();
        Assert.Equal(0u, NewlyLocked);
    }

    [Fact]
    public void A_lock_on_fault_makes_nothing_resident_and_keeps_what_is_touched()
    {
        using var island = new Island(8);
        island.Pages.Lock(LockMode.OnFault);
        Assert.True(island.Region.HasFlag("lo"));
        Assert.Equal(8 * s_page, NewlyLocked);
        Assert.DoesNotContain(true, island.Present);
        Assert.Equal(0u, island.Region.Bytes("Rss"));

        island.Pages.Write(3 * s_page, 1);
        Assert.True(island.Present[3]);
        Assert.Equal(island.Region.Bytes("Rss"), island.Region.Bytes("Locked"));
    }

    [Fact]
    public void Locks_stay_over_transitions_and_end_with_the_pages()
    {
        using var island = new Island(4);
        island.Pages.Lock();
        nuint address = island.Address;
        Pages<ReadOnly> sealed_ = island.Pages.DenyWrite();
        Assert.Equal(4 * s_page, NewlyLocked);
        Assert.True(SystemMap.At(address)!.HasFlag("lo"));
        Pages<NoAccess> closed = sealed_.DenyRead();
        Assert.Equal(4 * s_page, NewlyLocked);
        closed.Dispose();
        Assert.Equal(0u, NewlyLocked);
    }

    [Fact]
    public void Pages_that_can_only_be_read_and_pages_of_files_are_locked_too()
    {
        using Pages<ReadOnly> memory = Pages.Allocate<ReadOnly>(3 * s_page);
        memory.Lock();
        Assert.Equal(3 * s_page, NewlyLocked);
        using var file = new TempFile(2 * s_page);
        using Pages<ReadOnly> pages = Pages.Map(file.Path);
        pages.Lock();
        Assert.Equal(5 * s_page, NewlyLocked);
        Assert.DoesNotContain(false, SystemMap.Present((nuint)pages.DangerousPointer(), 2 * s_page));
    }

    [Theory]
    [InlineData("LockBeyondTheLimit", "Resident")]
    [InlineData("LockBeyondTheLimit", "OnFault")]
    [InlineData("GrowBeyondTheLockLimit", "False")]
    [InlineData("GrowBeyondTheLockLimit", "True")]
    [InlineData("LockWhereNoneMay", "", 0)]
    public void At_the_limit_the_error_has_the_numbers_and_nothing_is_newly_locked(string scenario, string mode, int limit = 65536)
    {
        // Root is above the limit by CAP_IPC_LOCK: the child gives that up.
        string[] launcher = Kernel.IsRoot ? ["setpriv", "--bounding-set", "-ipc_lock", "--inh-caps", "-ipc_lock"] : [];
        ScenarioResult result = Scenario.RunUnder([.. launcher, "prlimit", $"--memlock={limit}:{limit}"], scenario, mode);
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Theory]
    [InlineData("LockAtTheMappingLimit")]           // a lock that got half-way is undone
    [InlineData("BytesOfAnErrorAtTheMappingLimit")] // and it takes no memory to say why
    public void At_the_limit_of_mappings_the_error_says_so_and_nothing_is_locked(string scenario)
    {
        // W^X of the runtime's own code needs mappings too, and ends the process where there are none.
        // Where the runtime itself got into the way (neither 0, 1 nor 77), another child is asked.
        ScenarioResult result;
        int attempts = 0;
        do
        {
            result = Scenario.RunWith(new() { ["DOTNET_EnableWriteXorExecute"] = "0" }, [], scenario);
        }
        while (result.ExitCode is not (0 or 1 or 77) && ++attempts < 10);

        Assert.SkipWhen(result.ExitCode == 77, "This system allows more mappings than a test should make: " + result.Output);
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Fact]
    public void When_the_system_refuses_nothing_is_locked()
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "No seccomp filters here: not x86-64 Linux.");
        using var island = new Island(4);
        var refused = Assert.Throws<MemoryPagesException>(() => SystemCallFailure.During(
            () => island.Pages.Lock(), new FailingCall(SystemCallFailure.Mlock, SystemCallFailure.EAGAIN)));
        Assert.Equal(ErrorReason.OutOfMemory, refused.Reason);
        Assert.Equal("mlock", refused.NativeCall);
        Assert.Equal("EAGAIN", refused.ErrorSymbol);
        Assert.Equal(0u, NewlyLocked);
        island.Pages.Lock();
        Assert.Equal(4 * s_page, NewlyLocked);
    }
}

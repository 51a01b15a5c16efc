using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Effects;

/// <summary>Growing and shrinking where the pages stand, and what must not happen when that fails.</summary>
public sealed unsafe class ResizeTests
{
    public ResizeTests() => Needed.Call("mremap");

    private static readonly nuint s_page = PageSize.Base;

    [Fact]
    public void Where_there_is_room_behind_the_pages_grow_where_they_stand()
    {
        using var island = new Island(3, freePagesBehind: 5);
        island.Fill();
        nuint address = island.Address;

        island.Pages.Resize((8 * s_page) - 1);

        Assert.Equal(address, island.Address);
        Assert.Equal(8 * s_page, island.Pages.Length);
        Assert.Equal((address, address + (8 * s_page)), (island.Region.Start, island.Region.End));
        using ReadView view = island.Pages.Read();
        Assert.Equal(Pattern.Bytes(3 * s_page), view.Slice(0, 3 * (int)s_page).ToArray());
        Assert.Equal(-1, view.Slice(3 * s_page, 5 * (int)s_page).IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void Even_where_they_may_move_they_stay_if_there_is_room()
    {
        using var island = new Island(2, freePagesBehind: 2);
        nuint address = island.Address;
        island.Pages.Resize(4 * s_page, mayMove: true);
        Assert.Equal(address, island.Address);
    }

    [Fact]
    public void What_is_added_has_the_protection_advice_and_lock_of_the_last_page()
    {
        using var island = new Island(4, freePagesBehind: 4);
        island.Pages.Lock(range: new PageRange(3 * s_page, s_page));
        island.Pages.Advise(Advice.DontDump, new PageRange(3 * s_page, s_page));
        island.Pages.Advise(Advice.DontFork, new PageRange(s_page, s_page));
        long locked = SystemMap.Status("VmLck");

        island.Pages.Resize(8 * s_page);

        SystemMap last = island.Regions[^1];
        Assert.Equal((island.Address + (3 * s_page), island.End), (last.Start, last.End));
        Assert.True(last.HasFlag("lo") && last.HasFlag("dd"));
        Assert.Equal(locked + (4 * (long)s_page), SystemMap.Status("VmLck"));
    }

    [Fact]
    public void Shrinking_unmaps_the_tail_and_keeps_the_rest()
    {
        using var neighbours = Surrounded.Pages(6);
        Pattern.Fill(neighbours.Pages);
        nuint address = (nuint)neighbours.Pages.DangerousPointer();

        neighbours.Pages.Resize((2 * s_page) + 1);

        Assert.Equal(3 * s_page, neighbours.Pages.Length);
        Assert.Equal(address, (nuint)neighbours.Pages.DangerousPointer());
        Assert.NotNull(SystemMap.At(address + (3 * s_page) - 1));
        Assert.True(IsNotOurs(address + (3 * s_page)));
        Assert.True(IsNotOurs(address + (6 * s_page) - 1));
        Pattern.AssertKept(neighbours.Pages);
        neighbours.AssertUntouched();

        // Another test may take the place at once: with a mapping of its own, that does not reach back into the pages that are left.
        bool IsNotOurs(nuint place) => SystemMap.At(place) is not { } region || region.Start >= address + (3 * s_page);

        neighbours.Pages.Resize(6 * s_page, mayMove: true); // and what was given up reads zero when it comes back; another thread may have taken the place
        Assert.Equal([true, true, true, false, false, false], Pattern.Kept(neighbours.Pages));
    }

    [Fact]
    public void The_same_length_changes_nothing()
    {
        using var island = new Island(2);
        island.Fill();
        SystemCallsOf(() => island.Pages.Resize(2 * s_page));
        SystemCallsOf(() => island.Pages.Resize(s_page + 1, mayMove: true));
        Assert.Equal(2 * s_page, island.Pages.Length);
        Pattern.AssertKept(island.Pages);

        // All calls that it could make fail on that thread.
        static void SystemCallsOf(Action action)
        {
            Assert.SkipUnless(SystemCallFailure.IsPossible, "No seccomp filters here: not x86-64 Linux.");
            SystemCallFailure.During(action, new FailingCall(SystemCallFailure.Mremap, SystemCallFailure.EPERM));
        }
    }

    [Fact]
    public void With_a_neighbour_behind_growing_fails_and_all_is_as_before()
    {
        using var neighbours = Surrounded.Pages(3);
        Pattern.Fill(neighbours.Pages);
        byte* pointer = neighbours.Pages.DangerousPointer();

        var refused = Assert.Throws<MemoryPagesException>(() => neighbours.Pages.Resize(4 * s_page));

        Assert.Equal("mremap", refused.NativeCall);
        Assert.True(pointer == neighbours.Pages.DangerousPointer());
        Assert.Equal(3 * s_page, neighbours.Pages.Length);
        Pattern.AssertKept(neighbours.Pages);
        neighbours.AssertUntouched();
    }

    [Fact]
    public void The_error_of_a_full_house_says_that_moving_would_help()
    {
        using var neighbours = Surrounded.Pages(1);
        var refused = Assert.Throws<MemoryPagesException>(() => neighbours.Pages.Resize(2 * s_page));
        Assert.Contains("mayMove", refused.Hint);
        Assert.Equal(ErrorReason.AddressSpaceLimit, refused.Reason); // "no free range of that size": there is memory enough
    }

    [Theory]
    [InlineData(ulong.MaxValue, false)]
    [InlineData(ulong.MaxValue, true)]
    [InlineData(ulong.MaxValue - 4096, true)]
    [InlineData(1UL << 63, false)]
    [InlineData(1UL << 63, true)]
    [InlineData(1UL << 62, true)]
    [InlineData(1UL << 47, true)]
    public void Impossible_lengths_fail_and_leave_the_pages_as_they_were(ulong length, bool mayMove)
    {
        using var island = new Island(4, freePagesBehind: 1);
        island.Pages.Advise(Advice.DontFork, new PageRange(s_page, s_page)); // the move by parts must cope too
        island.Fill();
        nuint address = island.Address;
        int mappings = SystemMap.Count();

        var refused = Assert.Throws<MemoryPagesException>(() => island.Pages.Resize((nuint)length, mayMove));

        Assert.Equal(ErrorReason.AddressSpaceLimit, refused.Reason);
        Assert.NotNull(refused.Hint);
        Assert.Equal(address, island.Address);
        Assert.Equal(4 * s_page, island.Pages.Length);
        Assert.InRange(SystemMap.Count(), 0, mappings + 8); // the runtime maps too, but not thousands
        Pattern.AssertKept(island.Pages);
        island.Pages.Resize(5 * s_page);
        Assert.Equal(address, island.Address);
    }

    [Fact]
    public void No_length_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() =>
        {
            using Pages<ReadWrite> pages = Pages.Allocate(1);
            pages.Resize(0);
        });

    [Fact]
    public void It_is_refused_while_leased()
    {
        using var island = new Island(2, freePagesBehind: 2);
        using ReadView view = island.Pages.Read();
        Assert.Throws<InvalidOperationException>(() => island.Pages.Resize(4 * s_page));
        Assert.Throws<InvalidOperationException>(() => island.Pages.Resize(s_page));
        Assert.Equal(2 * s_page, island.Pages.Length);
        Assert.Equal(island.Address + (2 * s_page), island.Region.End);
    }

    [Fact]
    public void In_hardened_mode_the_guards_move_along_and_the_tail_stays_inaccessible()
    {
        ScenarioResult result = Scenario.RunWith(new() { ["MEMORYPAGES_HARDENED"] = "1" }, [], "ResizeHardened");
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Fact]
    public void The_name_is_in_the_error()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(1, new() { Name = "ledger" });
        Assert.Contains("ledger", Assert.Throws<MemoryPagesException>(() => pages.Resize(nuint.MaxValue)).Message);
    }
}

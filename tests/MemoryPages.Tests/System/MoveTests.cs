using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Effects;

/// <summary>Growing into other addresses: no byte is copied, and nothing that was said about the pages is lost.</summary>
public sealed unsafe class MoveTests
{
    private static readonly nuint s_page = PageSize.Base;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_byte_is_copied_the_same_physical_pages_are_at_the_new_address(bool byParts)
    {
        Assert.SkipUnless(Frames.CanSee, "Physical frame numbers are shown to CAP_SYS_ADMIN only.");
        using var neighbours = Surrounded.Pages(6);
        Prepare(neighbours.Pages, byParts);
        nuint old = (nuint)neighbours.Pages.DangerousPointer();
        ulong[] frames = Frames.Of(old, 6 * s_page);
        Assert.DoesNotContain(0ul, frames);

        neighbours.Pages.Resize(9 * s_page, mayMove: true);

        Assert.NotEqual(old, (nuint)neighbours.Pages.DangerousPointer());
        Assert.Equal(frames, Frames.Of((nuint)neighbours.Pages.DangerousPointer(), 6 * s_page));
    }

    [Fact]
    public void The_content_is_at_the_new_address_and_the_old_one_is_free()
    {
        using var neighbours = Surrounded.Pages(5);
        Pages<ReadWrite> pages = neighbours.Pages;
        Pattern.Fill(pages);
        nuint old = (nuint)pages.DangerousPointer();

        pages.Resize(9 * s_page, mayMove: true);

        nuint address = (nuint)pages.DangerousPointer();
        Assert.NotEqual(old, address);
        Assert.Empty(SystemMap.Between(old, old + (5 * s_page)));
        Assert.Equal(9 * s_page, pages.Length);
        Assert.Equal([true, true, true, true, true, false, false, false, false], Pattern.Kept(pages));
        neighbours.AssertUntouched();
    }

    [Fact]
    public void Parts_with_locks_and_advice_of_their_own_move_with_them()
    {
        Needed.Call("mremap");
        using var neighbours = Surrounded.Pages(7);
        Pages<ReadWrite> pages = neighbours.Pages;
        Pattern.Fill(pages);
        pages.Advise(Advice.NoHugePage); // otherwise the first or last part is of one region with a neighbour
        pages.Advise(Advice.DontFork, new PageRange(s_page, 2 * s_page));
        pages.Lock(range: new PageRange(4 * s_page, s_page));
        pages.Advise(Advice.Random, new PageRange(6 * s_page, s_page));
        nuint old = (nuint)pages.DangerousPointer();
        string[] flags = FlagsOf(old);
        long locked = SystemMap.Status("VmLck");
        Assert.Equal(6, SystemMap.Between(old, old + (7 * s_page)).Count);

        pages.Resize(10 * s_page, mayMove: true);

        nuint address = (nuint)pages.DangerousPointer();
        Assert.NotEqual(old, address);
        Assert.Empty(SystemMap.Between(old, old + (7 * s_page)));
        Assert.Equal(flags, FlagsOf(address));
        Assert.True(SystemMap.At(address + (9 * s_page))!.HasFlag("rr"));
        Assert.Null(SystemMap.At(address + (10 * s_page)) is { } behind && behind.Start < address + (10 * s_page) ? behind : null);
        Assert.Equal(locked, SystemMap.Status("VmLck"));
        Assert.Equal([true, true, true, true, true, true, true, false, false, false], Pattern.Kept(pages));
        neighbours.AssertUntouched();

        string[] FlagsOf(nuint start) => [.. Enumerable.Range(0, 7).Select(i => SystemMap.At(start + ((nuint)i * s_page))!.Flags)];
    }

    [Fact]
    public void The_protection_moves_along()
    {
        using var neighbours = Surrounded.Pages(2);
        Pattern.Fill(neighbours.Pages);
        using Pages<ReadOnly> pages = neighbours.Pages.DenyWrite();
        pages.Resize(4 * s_page, mayMove: true);
        SystemMap region = SystemMap.At((nuint)pages.DangerousPointer())!;
        Assert.StartsWith("r--", region.Access);
        Assert.StartsWith("r--", SystemMap.At((nuint)pages.DangerousPointer() + (3 * s_page))!.Access);
        Assert.Equal(Pattern.At(s_page), pages.Read<byte>(s_page));
        Assert.Equal(0, pages.Read<byte>(3 * s_page));
    }

    [Fact]
    public void The_alignment_is_kept()
    {
        nuint alignment = 64 * s_page;
        using Pages<ReadWrite> pages = Pages.Allocate(3 * s_page, new() { Alignment = alignment });
        Pattern.Fill(pages);
        nuint length = 3 * s_page;
        for (int move = 0; move < 5; move++)
        {
            nuint old = (nuint)pages.DangerousPointer();
            nint blocker = Kernel.Map((nint)(old + length), s_page, 0, Kernel.PrivateAnonymous, -1, 0); // there, or something is there already

            length += s_page;
            pages.Resize(length, mayMove: true);

            Assert.NotEqual(old, (nuint)pages.DangerousPointer());
            Assert.Equal(0u, (nuint)pages.DangerousPointer() % alignment);
            Assert.Equal(3, Pattern.Kept(pages).Count(kept => kept));
            _ = Kernel.Unmap(blocker, s_page);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void When_the_system_refuses_to_move_all_is_as_before(bool byParts)
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "No seccomp filters here: not x86-64 Linux.");
        using var neighbours = Surrounded.Pages(6);
        Prepare(neighbours.Pages, byParts);
        AssertNothingChanges(neighbours, new FailingCall(SystemCallFailure.Mremap, SystemCallFailure.ENOMEM));
    }

    [Fact]
    public void When_there_are_no_addresses_to_move_to_all_is_as_before()
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "No seccomp filters here: not x86-64 Linux.");
        using var neighbours = Surrounded.Pages(6);
        Prepare(neighbours.Pages, byParts: true);
        AssertNothingChanges(neighbours, new FailingCall(SystemCallFailure.Mmap, SystemCallFailure.ENOMEM, NewLength));
    }

    [Theory]
    [InlineData(3)] // the first part, moved last: two parts are put back
    [InlineData(2)] // the middle one: one part is put back
    [InlineData(1)] // the last one, moved first
    public void When_a_part_cannot_be_moved_the_others_are_put_back(int pagesOfThePart)
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "No seccomp filters here: not x86-64 Linux.");
        using var neighbours = Surrounded.Pages(6);
        Prepare(neighbours.Pages, byParts: true);
        AssertNothingChanges(neighbours, new FailingCall(SystemCallFailure.Mremap, SystemCallFailure.ENOMEM, (nuint)pagesOfThePart * s_page));
    }

    private static nuint NewLength => 0x12340 * s_page; // no other mapping of the process has this length

    /// <summary>Three parts of three, two and one pages: the length tells the calls apart.</summary>
    private static void Prepare(Pages<ReadWrite> pages, bool byParts)
    {
        Pattern.Fill(pages);
        pages.Advise(Advice.NoHugePage);
        if (byParts)
        {
            pages.Advise(Advice.DontFork, new PageRange(3 * s_page, 2 * s_page));
            pages.Lock(range: new PageRange(0, 3 * s_page)); // not the last: what is added would be locked, more than everyone may
        }
    }

    private static void AssertNothingChanges(Neighbours neighbours, FailingCall failure)
    {
        Pages<ReadWrite> pages = neighbours.Pages;
        nuint address = (nuint)pages.DangerousPointer();
        string[] before = Describe();
        ulong[] frames = Frames.Of(address, 6 * s_page);
        long locked = SystemMap.Status("VmLck");
        long virtualSize = SystemMap.Status("VmSize");

        Assert.Throws<MemoryPagesException>(() => SystemCallFailure.During(() => pages.Resize(NewLength, mayMove: true), failure));

        Assert.Equal(address, (nuint)pages.DangerousPointer());
        Assert.Equal(6 * s_page, pages.Length);
        Assert.Equal(before, Describe());
        Assert.Equal(frames, Frames.Of(address, 6 * s_page));
        Assert.Equal(locked, SystemMap.Status("VmLck"));
        Assert.DoesNotContain(SystemMap.Between(0, nuint.MaxValue), region => region.End - region.Start == NewLength);
        Assert.InRange(SystemMap.Status("VmSize") - virtualSize, long.MinValue, (long)NewLength - 1);
        Pattern.AssertKept(pages);
        neighbours.AssertUntouched();

        pages.Resize(NewLength, mayMove: true); // and it works when the system is willing again
        Assert.All(Enumerable.Range(0, 6), i => Assert.Equal(Pattern.At((nuint)i * s_page), pages.Read<byte>((nuint)i * s_page)));

        string[] Describe() => [.. SystemMap.Between(address, address + (6 * s_page)).Select(region => region.Line.Split(' ')[0] + region.Access + region.Flags)];
    }
}

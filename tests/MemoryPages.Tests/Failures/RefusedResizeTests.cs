using MemoryPages.Unsafe;
using static MemoryPages.Testing.SystemCallFailure;

namespace MemoryPages.Tests.Failures;

/// <summary>Growing tries in place, then elsewhere, then part by part; each step may be refused.</summary>
public sealed class RefusedResizeTests
{
    public RefusedResizeTests() => Needed.Call("mremap");

    private const int EMFILE = 24;
    private const int Openat = 257;
    private static readonly nuint s_larger = RefusedCall.Length * 3;

    private static readonly FailingCall s_inPlace = new(Mremap, ENOMEM, PageSize.Base);

    [Fact]
    public void Refused_in_place_the_pages_move_with_their_content()
    {
        using Pages<ReadWrite> pages = Targets.Filled();
        During(() => pages.Resize(s_larger, mayMove: true), s_inPlace);
        Assert.Equal(s_larger, pages.Length);
        Assert.Equal((byte)1, pages.Read<byte>(0));
        Assert.Equal((byte)2 | 1, pages.Read<byte>(2 * 61));
        Assert.Equal((byte)0, pages.Read<byte>(s_larger - 1));
    }

    [Theory]
    [InlineData(ENOMEM)]
    [InlineData(EAGAIN)]
    [InlineData(EINVAL)]
    [InlineData(EPERM)]
    public void Refused_everywhere_the_pages_stay_as_they_were(int error) =>
        AssertUnchanged("mremap", error, Targets.Filled(), s_inPlace, new FailingCall(Mremap, error, RefusedCall.Length));

    /// <summary>EFAULT says that the range is of several mappings, so its parts are moved one by one: here into a refusal too.</summary>
    [Fact]
    public void No_addresses_to_move_the_parts_to() => AssertUnchanged(
        "mmap", ENOMEM, Targets.Filled(), s_inPlace, new FailingCall(Mremap, EFAULT, RefusedCall.Length), new FailingCall(Mmap, ENOMEM, s_larger));

    [Fact]
    public void The_last_part_which_grows_is_refused() => AssertUnchanged(
        "mremap", ENOMEM, InThreeParts(out nuint[] parts), s_inPlace, new FailingCall(Mremap, EFAULT, RefusedCall.Length), new FailingCall(Mremap, ENOMEM, parts[2]));

    /// <summary>The parts behind it have moved by then, and must come back.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void An_earlier_part_is_refused_and_what_moved_comes_back(int part) => AssertUnchanged(
        "mremap", ENOMEM, InThreeParts(out nuint[] parts), s_inPlace, new FailingCall(Mremap, EFAULT, RefusedCall.Length), new FailingCall(Mremap, ENOMEM, parts[part]));

    [Fact]
    public void The_list_of_parts_cannot_be_read()
    {
        // No file can be opened: the process is at its limit of descriptors, say.
        using Pages<ReadWrite> pages = InThreeParts(out _);
        RangeState before = RangeState.Of(pages);
        long bytes = SystemMap.Status("VmSize");
        Exception? told = null;
        During(
            () =>
            {
                for (int i = 0; i < 100; i++)
                {
                    told = Record.Exception(() => pages.Resize(s_larger, mayMove: true));
                }
            },
            s_inPlace, new FailingCall(Mremap, EFAULT, RefusedCall.Length), new FailingCall(Openat, EMFILE));
        Assert.IsAssignableFrom<IOException>(told);
        Assert.Equal(before, RangeState.Of(pages));
        Assert.Equal(0, pages.LeaseCount);
        Assert.InRange(SystemMap.Status("VmSize") - bytes, long.MinValue, 20 * (long)s_larger);
    }

    /// <summary>Diagnosis reads /proc; where it cannot, the error is told all the same.</summary>
    [Fact]
    public void Errors_are_told_although_no_file_can_be_opened()
    {
        MemoryPagesException? told = null;
        During(
            () => told = Assert.Throws<MemoryPagesException>(() => Pages.Allocate(RefusedCall.Length)),
            new FailingCall(Mmap, ENOMEM, RefusedCall.Length), new FailingCall(Openat, EMFILE));
        Targets.AssertTells(told!, "Allocate", "mmap", ENOMEM, RefusedCall.Length);
        Assert.NotNull(told!.Hint);
    }

    private static void AssertUnchanged(string call, int error, Pages<ReadWrite> pages, params FailingCall[] failing)
    {
        using (pages)
        {
            RangeState before = RangeState.Of(pages);
            int mappings = SystemMap.Count();
            MemoryPagesException? told = null;
            During(() => told = Assert.Throws<MemoryPagesException>(() => pages.Resize(s_larger, mayMove: true)), failing);
            Assert.Equal(before, RangeState.Of(pages));
            Assert.Equal(RefusedCall.Length, pages.Length);
            Assert.Equal(0, pages.LeaseCount);
            Targets.AssertTells(told!, "Resize", call, error, s_larger);
            Assert.InRange(SystemMap.Count() - mappings, -20, 20);

            // And what was refused once is done once it is not.
            pages.Resize(s_larger, mayMove: true);
            Assert.Equal((byte)1, pages.Read<byte>(0));
        }
    }

    /// <summary>Advice about the middle makes three mappings of the pages, of lengths that nothing else has.</summary>
    private static Pages<ReadWrite> InThreeParts(out nuint[] lengths)
    {
        Pages<ReadWrite> pages = Targets.Filled();
        var middle = new PageRange(311 * PageSize.Base, 223 * PageSize.Base);
        pages.Advise(Advice.Sequential, middle);
        pages.Advise(Advice.DontDump, new PageRange(middle.Offset + middle.Length, pages.Length - middle.Offset - middle.Length));
        lengths = [middle.Offset, middle.Length, pages.Length - middle.Offset - middle.Length];
        return pages;
    }
}

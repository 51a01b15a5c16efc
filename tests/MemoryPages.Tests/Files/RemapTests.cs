using MemoryPages.Tests.Effects;
using MemoryPages.Unsafe;
using static MemoryPages.Tests.Files.FileWitness;

namespace MemoryPages.Tests.Files;

/// <summary>Seeing more or less of a file that is longer than its pages: where they stand, elsewhere, and not at all.</summary>
public sealed unsafe class RemapTests
{
    private static readonly nuint s_page = PageSize.Base;

    [Theory]
    [InlineData(0)]
    [InlineData(77)]
    [InlineData(4097)]
    public void Grown_pages_show_more_of_the_file_and_can_be_written(long offset)
    {
        Needed.Call("mremap");
        using var file = new TempFile((40 * s_page) + (nuint)offset);
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path, new() { Offset = offset, Length = 128 });
        foreach (nuint length in (nuint[])[2000, s_page, (3 * s_page) + 1, 40 * s_page])
        {
            pages.Resize(length, mayMove: true);
            Assert.Equal(length, pages.Length);
            Assert.Equal(file.Content[(int)offset..((int)offset + (int)length)], Bytes(pages));
        }

        pages.Write(pages.Length - 1, (byte)0xEE);
        Assert.Equal(0xEE, file.Content[^1]);
    }

    [Fact]
    public void Shrunk_pages_give_up_what_is_behind_and_keep_the_rest_writable()
    {
        using var file = new TempFile(20 * s_page);
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path);
        nuint address = (nuint)pages.DangerousPointer();
        pages.Resize(400);
        Assert.Equal((400u, address), ((uint)pages.Length, (nuint)pages.DangerousPointer()));
        Assert.DoesNotContain(SystemMap.Between(address + s_page, address + (20 * s_page)), region => region.Line.EndsWith(file.Path));
        pages.Write(399, (byte)0xEE);
        Assert.Throws<ArgumentOutOfRangeException>(() => pages.Write(400, (byte)0xEE));
        Assert.Equal((0xEE, Pattern.At(400)), (file.Content[399], file.Content[400]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void More_than_can_be_had_is_refused_and_the_pages_are_as_they_were(bool mayMove)
    {
        using var file = new TempFile(4 * s_page);
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path, new() { Offset = 77, Length = 1000 });
        nuint address = (nuint)pages.DangerousPointer();
        string region = RegionOf(pages).Line;
        foreach (nuint length in (nuint[])[nuint.MaxValue, nuint.MaxValue - 77, nuint.MaxValue - 77 - s_page, (nuint)1 << 62, (nuint)1 << 47])
        {
            var refused = Assert.Throws<MemoryPagesException>(() => pages.Resize(length, mayMove));
            Assert.Equal(ErrorReason.AddressSpaceLimit, refused.Reason);
            Assert.Equal((1000u, address, region), ((uint)pages.Length, (nuint)pages.DangerousPointer(), RegionOf(pages).Line));
            Assert.Equal(file.Content[77..1077], Bytes(pages));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_lies_behind_the_end_of_the_file_is_refused_and_never_a_fault_later(bool mayMove)
    {
        Needed.Call("mremap");
        using var file = new TempFile((4 * s_page) + 5);
        using Pages<ReadOnly> shared = Pages.Map(file.Path, new() { Length = 100 });
        using Pages<ReadWrite> copy = Pages.MapCopyOnWrite(file.Path, new() { Offset = 3, Length = 100 });
        AssertRefused(shared, 0, mayMove);
        AssertRefused(copy, 3, mayMove);
        file.Resize(40 * s_page);
        shared.Resize(40 * s_page, mayMove: true);
        Assert.Equal(file.Content, Bytes(shared));

        using Pages<NoAccess> unread = Pages.Map(file.Path, new() { Length = 100 }).Protect<NoAccess>();
        unread.Resize(50 * s_page, mayMove: true); // no access could find out, now or later
        Assert.Equal(50 * s_page, unread.Length);

        void AssertRefused<TProtection>(Pages<TProtection> pages, nuint offset, bool mayMove)
            where TProtection : struct, IReadable
        {
            pages.Resize((5 * s_page) - offset, mayMove: true); // the end of the file's last page is there
            foreach (nuint length in (nuint[])[(5 * s_page) - offset + 1, 6 * s_page, 4000 * s_page])
            {
                var refused = Assert.Throws<MemoryPagesException>(() => pages.Resize(length, mayMove));
                if (mayMove || refused.Reason != ErrorReason.AddressSpaceLimit) // somebody may stand behind them
                {
                    Assert.Equal(ErrorReason.Unbacked, refused.Reason);
                    Assert.Contains("MapShared(path, length)", refused.Hint);
                }

                Assert.Equal((5 * s_page) - offset, pages.Length);
                Assert.Equal(5 * s_page, RegionOf(pages).End - RegionOf(pages).Start);
                Assert.Equal(file.Content[(int)offset..], Bytes(pages)[..((int)(4 * s_page) + 5 - (int)offset)]);
            }
        }
    }

    /// <summary>With a stranger right behind there is room elsewhere only.</summary>
    [Fact]
    public void Without_room_behind_they_stay_as_they_are_or_move_where_they_may()
    {
        using var file = new TempFile(10 * s_page);
        nint area = Kernel.Map(0, 20 * s_page, Kernel.ReadBit, Kernel.PrivateAnonymous, -1, 0);
        using Pages<ReadOnly> pages = MapBelow(area, file);
        nuint address = (nuint)pages.DangerousPointer();
        Assert.Equal((nuint)area, address + s_page);

        var refused = Assert.Throws<MemoryPagesException>(() => pages.Resize(10 * s_page));
        Assert.Equal((ErrorReason.AddressSpaceLimit, "mremap"), (refused.Reason, refused.NativeCall));
        Assert.Contains("mayMove", refused.Hint);
        Assert.Equal((s_page, address), (pages.Length, (nuint)pages.DangerousPointer()));

        pages.Advise(Advice.Random);
        pages.Lock();
        pages.Resize(10 * s_page, mayMove: true);
        Assert.NotEqual(address, (nuint)pages.DangerousPointer());
        Assert.Equal(file.Content, Bytes(pages));
        Assert.Equal("r--s", RegionOf(pages).Access);
        Assert.True(RegionOf(pages).HasFlag("rr") && RegionOf(pages).HasFlag("lo"), RegionOf(pages).Flags); // advice and lock moved along
        Assert.NotEqual(file.Path, SystemMap.At(address)?.Line.Split(' ')[^1]);
        pages.Unlock();
        Assert.Equal(0, Kernel.Unmap(area, 20 * s_page));
    }

    /// <summary>
    /// Pages of one page right below the area. The kernel fills the lowest gap from above, unless another thread is given it first.
    /// </summary>
    private static Pages<ReadOnly> MapBelow(nint area, TempFile file)
    {
        const int Attempts = 200;
        var misplaced = new List<Pages<ReadOnly>>();
        Pages<ReadOnly>? pages = null;
        for (int i = 0; i < Attempts && pages is null; i++)
        {
            Pages<ReadOnly> next = Pages.Map(file.Path, new() { Length = s_page });
            if ((nuint)next.DangerousPointer() + s_page == (nuint)area)
            {
                pages = next;
            }
            else
            {
                misplaced.Add(next);
            }
        }

        misplaced.ForEach(other => other.Dispose());
        Assert.SkipWhen(pages is null, "The system placed none of the pages right below the area.");
        return pages!;
    }
}

using FsCheck;
using FsCheck.Fluent;
using MemoryPages.Tests.Files;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Effects;

public sealed unsafe class ResidencyTests
{
    private static readonly nuint s_page = PageSize.Base;

    [Fact]
    public void The_answers_are_those_of_the_page_tables_for_any_pattern_of_touched_pages() => Prop.ForAll(
        Gen.Choose(0, 39).ListOf().ToArbitrary(), Gen.Choose(0, 40 * (int)s_page).ToArbitrary(), Gen.Choose(0, 40 * (int)s_page).ToArbitrary(),
        (touched, a, b) =>
        {
            using var island = new Island(40);
            if (Advice.NoHugePage.IsSupported)
            {
                island.Pages.Advise(Advice.NoHugePage); // one fault may otherwise fill several pages
            }

            foreach (int page in touched)
            {
                island.Pages.Write((nuint)page * s_page, 1);
            }

            bool[] expected = island.Present;
            var all = new bool[40];
            Assert.Equal((nuint)expected.Count(p => p), island.Pages.CopyResidency(all));
            Assert.Equal(expected, all);
            Assert.Equal((nuint)expected.Count(p => p) * s_page, island.Pages.CountResidentBytes());

            // A part, rounded outward.
            var range = PageRange.FromBounds((nuint)Math.Min(a, b), (nuint)Math.Max(a, b));
            int first = (int)(range.Offset / s_page);
            int last = range.Length == 0 ? first : (int)((range.Offset + range.Length + s_page - 1) / s_page);
            var part = new bool[last - first];
            Assert.Equal((nuint)expected[first..last].Count(p => p), island.Pages.CopyResidency(part, range));
            Assert.Equal(expected[first..last], part);
            Assert.Equal((nuint)part.Count(p => p) * s_page, island.Pages.CountResidentBytes(range));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Long_ranges_are_asked_for_in_pieces_without_a_seam()
    {
        Needed.Call("madvise");
        using var island = new Island(3000);
        island.Pages.Advise(Advice.NoHugePage);
        foreach (nuint page in (nuint[])[0, 1022, 1023, 1024, 1025, 2047, 2048, 2999])
        {
            island.Pages.Write(page * s_page, 1);
        }

        var answers = new bool[3000];
        Assert.Equal(8u, island.Pages.CopyResidency(answers));
        Assert.Equal(island.Present, answers);
        Assert.Equal(7 * s_page, island.Pages.CountResidentBytes(new PageRange(1, 2999 * s_page - 1)));
    }

    [Fact]
    public void A_span_that_is_too_short_is_refused_and_one_that_is_too_long_is_filled_in_front()
    {
        using var island = new Island(3);
        island.Fill();
        Assert.Equal("isResident", Assert.Throws<ArgumentException>(() => island.Pages.CopyResidency(new bool[2])).ParamName);
        Assert.Throws<ArgumentException>(() => island.Pages.CopyResidency(new bool[1], new PageRange(s_page - 1, 2)));
        Assert.Throws<ArgumentException>(() => island.Pages.CopyResidency([]));
        bool[] longer = new bool[5];
        Assert.Equal(3u, island.Pages.CopyResidency(longer));
        Assert.Equal([true, true, true, false, false], longer);
        Assert.Equal(0u, island.Pages.CopyResidency([], new PageRange(s_page, 0)));
    }

    [Fact]
    public void Discarded_pages_are_not_resident()
    {
        using var island = new Island(5);
        island.Fill();
        island.Pages.Discard(new PageRange(s_page, 2 * s_page));
        Assert.Equal(3 * s_page, island.Pages.CountResidentBytes());
    }

    [Fact]
    public void Of_a_file_it_counts_what_the_system_has_read()
    {
        Needed.Call("madvise");
        using var file = TempFile.Sparse(4096 * s_page);
        using Pages<ReadOnly> pages = Pages.Map(file.Path, new() { Offset = 100, Length = (4000 * s_page) + 7 });
        pages.Advise(Advice.Random); // no read-ahead
        Assert.Equal(0u, pages.CountResidentBytes());

        _ = pages.Read<byte>(3000 * s_page);

        var answers = new bool[4001];
        nuint resident = pages.CopyResidency(answers);
        Assert.True(answers[3000]);
        Assert.False(answers[0]);
        Assert.InRange(resident, 1u, 1000u);
        Assert.Equal(resident * s_page, pages.CountResidentBytes());
        var expected = new byte[4001];
        fixed (byte* vector = expected)
        {
            Assert.Equal(0, Kernel.Residency((nint)pages.DangerousPointer() - 100, 4001 * s_page, vector));
        }

        Assert.Equal(expected.Select(b => (b & 1) != 0), answers);
    }
}

using FsCheck;
using FsCheck.Fluent;
using MemoryPages.Virtual;

namespace MemoryPages.Tests.Virtual;

/// <summary>The map of segments against an array with an element for each page.</summary>
public sealed class CommitMapTests
{
    private const int Size = 24;
    private const PageProtection Both = PageProtection.Read | PageProtection.Write;

    private static readonly CommitSegment?[] s_kinds =
        [null, Kind(Both), Kind(Both), Kind(PageProtection.Read), Kind(PageProtection.None), Kind(Both, isGuard: true), Kind(PageProtection.None, isGuard: true)];

    [Fact]
    public void It_is_as_an_array_of_pages() => Prop.ForAll(
        Gen.ArrayOf(Gen.ArrayOf(Gen.Choose(0, Size), 3)).ToArbitrary(),
        steps =>
        {
            var map = new CommitMap();
            var model = new CommitSegment?[Size];
            foreach (int[] step in steps)
            {
                Change(map, model, Math.Min(step[0], step[1]), Math.Max(step[0], step[1]), s_kinds[step[2] % s_kinds.Length]);
                AssertSame(map, model);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void A_part_of_no_bytes_is_nothing_to_set_or_remove()
    {
        var map = new CommitMap();
        map.Set(new CommitSegment(0, 10, Both, IsGuard: false));
        map.Remove(5, 5);
        map.Set(new CommitSegment(5, 5, PageProtection.None, IsGuard: true));
        Assert.Empty(map.Segments(5, 5));
        Assert.Equal([new CommitSegment(0, 10, Both, IsGuard: false)], map.Segments(0, 10));
        Assert.True(map.Allows(0, 10, Both));
    }

    [Fact]
    public void Neighbours_of_one_kind_are_one_segment_and_others_are_not()
    {
        var map = new CommitMap();
        map.Set(new CommitSegment(0, 1, Both, IsGuard: false));
        map.Set(new CommitSegment(2, 3, Both, IsGuard: false));
        Assert.Equal(2, map.Segments(0, 3).Count);
        map.Set(new CommitSegment(1, 2, Both, IsGuard: true));
        Assert.Equal(3, map.Segments(0, 3).Count);
        map.Set(new CommitSegment(1, 2, Both, IsGuard: false));
        Assert.Equal([new CommitSegment(0, 3, Both, IsGuard: false)], map.Segments(0, 3));
    }

    [Fact]
    public void The_ends_of_the_address_space_are_as_any_other()
    {
        var map = new CommitMap();
        map.Set(new CommitSegment(nuint.MaxValue - 10, nuint.MaxValue, Both, IsGuard: false));
        Assert.Equal([((nuint)0, nuint.MaxValue - 10)], map.Gaps(0, nuint.MaxValue));
        map.Set(new CommitSegment(0, nuint.MaxValue, Both, IsGuard: false));
        Assert.Equal(nuint.MaxValue, map.Committed);
        Assert.True(map.Allows(0, nuint.MaxValue, Both));
        map.Remove(0, nuint.MaxValue);
        Assert.Equal((nuint)0, map.Committed);
    }

    private static CommitSegment Kind(PageProtection protection, bool isGuard = false) => new(0, 0, protection, isGuard);

    private static void Change(CommitMap map, CommitSegment?[] model, int start, int end, CommitSegment? kind)
    {
        if (kind is CommitSegment segment)
        {
            map.Set(segment with { Start = (nuint)start, End = (nuint)end });
        }
        else
        {
            map.Remove((nuint)start, (nuint)end);
        }

        model.AsSpan(start..end).Fill(kind);
    }

    private static void AssertSame(CommitMap map, CommitSegment?[] model)
    {
        Assert.Equal((nuint)model.Count(kind => kind is not null), map.Committed);
        for (int start = 0; start <= Size; start += 3)
        {
            for (int end = start; end <= Size; end += 2)
            {
                CommitSegment?[] part = model[start..end];
                Assert.Equal(Segments(model, start, end), map.Segments((nuint)start, (nuint)end));
                Assert.Equal(Gaps(model, start, end), map.Gaps((nuint)start, (nuint)end));
                foreach (PageProtection needed in (PageProtection[])[PageProtection.None, PageProtection.Read, Both])
                {
                    bool allowed = part.All(kind => kind is { IsGuard: false } segment && (segment.Protection & needed) == needed);
                    Assert.Equal(allowed, map.Allows((nuint)start, (nuint)end, needed));
                }
            }
        }
    }

    private static List<CommitSegment> Segments(CommitSegment?[] model, int start, int end) =>
        [.. Runs(model, start, end).Where(run => run.Kind is not null).Select(run => run.Kind!.Value with { Start = run.Start, End = run.End })];

    private static List<(nuint, nuint)> Gaps(CommitSegment?[] model, int start, int end) =>
        [.. Runs(model, start, end).Where(run => run.Kind is null).Select(run => (run.Start, run.End))];

    /// <summary>The longest parts of one kind.</summary>
    private static List<(nuint Start, nuint End, CommitSegment? Kind)> Runs(CommitSegment?[] model, int start, int end)
    {
        var runs = new List<(nuint Start, nuint End, CommitSegment? Kind)>();
        for (int i = start; i < end; i++)
        {
            if (runs.Count != 0 && runs[^1].Kind == model[i])
            {
                runs[^1] = runs[^1] with { End = (nuint)i + 1 };
            }
            else
            {
                runs.Add(((nuint)i, (nuint)i + 1, model[i]));
            }
        }

        return runs;
    }
}

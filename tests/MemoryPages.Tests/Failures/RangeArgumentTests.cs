using System.Reflection;
using FsCheck;
using FsCheck.Fluent;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Failures;

/// <summary>Every member that takes a range or an offset refuses exactly what is not within the pages, and touches nothing but them.</summary>
public sealed unsafe class RangeArgumentTests
{
    private const int Pages = 4;
    private static readonly nuint s_page = PageSize.Base;
    private static readonly nuint s_length = Pages * s_page;

    /// <summary>The edges, and pairs of them whose sum overflows back into the pages.</summary>
    private static readonly nuint[] s_edges =
    [
        0, 1, s_page - 1, s_page, s_page + 1, s_length - s_page, s_length - sizeof(int), s_length - 1, s_length, s_length + 1,
        (nuint)1 << 31, ((nuint)1 << 31) - 1, ((nuint)1 << 32) + 1, (nuint)1 << 63, nuint.MaxValue - s_length, nuint.MaxValue - s_page + 1, nuint.MaxValue - 1, nuint.MaxValue,
    ];

    public static TheoryData<string> Keys => [.. RangedMember.All.Select(member => member.Key)];

    [Fact]
    public void The_list_of_members_is_whole()
    {
        IEnumerable<string> ofPages = PublicMembers.OfPages.Where(member => member.Value.GetParameters().Any(IsRangeOrOffset)).Select(member => member.Key);
        IEnumerable<string> ofViews = from view in new[] { typeof(ReadView), typeof(WriteView) }
            from method in view.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            where method.GetParameters().Any(IsRangeOrOffset)
            select method.Name == "get_Item" ? $"{view.Name}[]" : $"{view.Name}.{method.Name}";
        Assert.Equal(ofPages.Concat(ofViews).Order(), RangedMember.All.Select(member => member.Key).Order());

        static bool IsRangeOrOffset(ParameterInfo parameter) =>
            parameter.ParameterType == typeof(PageRange) || parameter.ParameterType == typeof(PageRange?) || parameter.Name == "offset";
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Refuses_exactly_what_is_not_within_the_pages(string key)
    {
        RangedMember member = RangedMember.All.Single(m => m.Key == key);
        using Neighbours neighbours = Surrounded();
        using var holder = new PagesHolder(neighbours.Pages);
        nuint address = (nuint)holder.Pages.DangerousPointer();

        foreach (nuint offset in s_edges)
        {
            foreach (nuint length in s_edges)
            {
                AssertJudges(member, holder, offset, length);
            }
        }

        Gen<nuint> within = Gen.Choose(0, (int)s_length + 2).Select(value => (nuint)value);
        Gen<nuint> anywhere = Gen.OneOf(Gen.Elements(s_edges), within, within, ArbMap.Default.GeneratorFor<ulong>().Select(value => (nuint)value));
        Prop.ForAll(anywhere.Two().ToArbitrary(), pair => AssertJudges(member, holder, pair.Item1, pair.Item2)).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(300));

        neighbours.AssertUntouched();
        Assert.Equal("rw-p", SystemMap.At(address)!.Access);
        Assert.Equal(0, holder.Pages.LeaseCount);
    }

    /// <summary>The parameter's name as the caller wrote it, not that of a method inside.</summary>
    [Theory]
    [MemberData(nameof(Keys))]
    public void Names_the_parameter(string key)
    {
        RangedMember member = RangedMember.All.Single(m => m.Key == key);
        using var holder = new PagesHolder(MemoryPages.Pages.Allocate(1));
        Assert.Equal(member.Parameter, Assert.Throws<ArgumentOutOfRangeException>(() => member.Act(holder, new PageRange(s_page + 1, 1))).ParamName);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public void A_slice_of_negative_length_is_refused(int length)
    {
        using Pages<ReadWrite> pages = MemoryPages.Pages.Allocate(1);
        Assert.Equal("length", Assert.Throws<ArgumentOutOfRangeException>(() => { using ReadView view = pages.Read(); _ = view.Slice(0, length); }).ParamName);
        Assert.Equal("length", Assert.Throws<ArgumentOutOfRangeException>(() => { using WriteView view = pages.Write(); _ = view.Slice(1, length); }).ParamName);
    }

    /// <summary>Where 32 bits end, on pages that are longer than that.</summary>
    [Fact]
    public void Offsets_beyond_32_bits_are_taken_whole()
    {
        nuint length = ((nuint)1 << 32) + (3 * s_page);
        using Pages<ReadWrite> pages = MemoryPages.Pages.Allocate(length, new() { NoReserve = true });
        foreach (nuint offset in new nuint[] { 0, ((nuint)1 << 31) - 2, (nuint)1 << 31, ((nuint)1 << 32) - 2, ((nuint)1 << 32) + 1, length - 4 })
        {
            int value = (int)(offset >> 7) + 1;
            pages.Write(offset, value);
            Assert.Equal(value, *(int*)(pages.DangerousPointer() + offset));
            using ReadView view = pages.Read(new PageRange(offset, 4));
            Assert.Equal(value, BitConverter.ToInt32(view.Span));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => pages.Read<int>(length - 3));
        Assert.Throws<InvalidOperationException>(() => { using ReadView view = pages.Read(); _ = view.Span; });
        Assert.Throws<ArgumentOutOfRangeException>(() => pages.LeaseMemory(new PageRange(1, (nuint)1 << 31)));
        Assert.Equal(0, pages.LeaseCount);
    }

    [Fact]
    public void A_range_knows_by_itself_what_it_is_within_and_what_it_overlaps()
    {
        Gen<nuint> any = Gen.OneOf(Gen.Elements(s_edges), ArbMap.Default.GeneratorFor<ulong>().Select(value => (nuint)value));
        Prop.ForAll(any.Four().ToArbitrary(), q =>
        {
            (nuint a, nuint b, nuint c, nuint d) = q;
            (UInt128 firstEnd, UInt128 secondEnd) = ((UInt128)a + b, (UInt128)c + d);
            Assert.Equal(firstEnd <= c, new PageRange(a, b).IsWithin(c));
            bool overlaps = b != 0 && d != 0 && a < secondEnd && c < firstEnd;
            Assert.Equal(overlaps, new PageRange(a, b).Overlaps(new PageRange(c, d)));
            if (a <= b)
            {
                Assert.Equal(new PageRange(a, b - a), PageRange.FromBounds(a, b));
            }
            else
            {
                Assert.Equal("end", Assert.Throws<ArgumentOutOfRangeException>(() => PageRange.FromBounds(a, b)).ParamName);
            }
        }).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(3000));
    }

    /// <summary>Another thread of the runtime may be given the place between the neighbours: then once more.</summary>
    private static Neighbours Surrounded()
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return new Neighbours(Pages);
            }
            catch (Xunit.Sdk.EqualException) when (attempt < 10)
            {
            }
        }
    }

    private static void AssertJudges(RangedMember member, PagesHolder holder, nuint offset, nuint length)
    {
        nuint taken = member.Taken(length);
        bool within = (UInt128)offset + taken <= s_length;
        Exception? thrown = Record.Exception(() => member.Act(holder, new PageRange(offset, taken)));
        Assert.True(within ? thrown is null : thrown is ArgumentOutOfRangeException, $"{member.Key} at {offset}, {taken} of {s_length} bytes: {thrown}");
    }
}

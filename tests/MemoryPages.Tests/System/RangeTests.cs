using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Effects;

/// <summary>Ranges of every verb: start and length are checked each for itself, and no verb reaches beyond the pages.</summary>
public sealed unsafe class RangeTests
{
    private static readonly nuint s_page = PageSize.Base;

    public static TheoryData<string> Verbs =>
    [
        .. Enum.GetValues<Advice>().Select(advice => "Advise " + advice), .. Enum.GetValues<UncheckedAdvice>().Select(advice => "DangerousAdvise " + advice),
        "Discard", "Offer", "Reclaim", "Prefault", "Lock", "LockOnFault", "Unlock", "Flush", "CountResidentBytes", "CopyResidency",
    ];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void A_range_beyond_the_end_is_refused_and_nothing_happens(string verb)
    {
        using var neighbours = Surrounded.Pages(2);
        Pattern.Fill(neighbours.Pages);
        nuint address = (nuint)neighbours.Pages.DangerousPointer();
        nuint length = 2 * s_page;
        string[] before = FlagsAround(address, length);
        long locked = SystemMap.Status("VmLck");

        foreach (PageRange range in (PageRange[])
        [
            new(0, length + 1), new(length + 1, 0), new(length, 1), new(1, length),
            new(s_page, 2 * s_page), // memmap2 0.9.11 wiped the neighbour here (RUSTSEC-2026-0186 and after)
            new(nuint.MaxValue, 1), new(1, nuint.MaxValue), new(nuint.MaxValue, nuint.MaxValue),
            new(s_page, nuint.MaxValue - s_page + 1), new(nuint.MaxValue - s_page + 1, 2 * s_page),
        ])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => Do(neighbours.Pages, verb, range));
        }

        Assert.Equal(before, FlagsAround(address, length));
        Assert.Equal(locked, SystemMap.Status("VmLck"));
        Pattern.AssertKept(neighbours.Pages);
        neighbours.AssertUntouched();
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void An_empty_range_is_legal_and_names_nothing(string verb)
    {
        using var neighbours = Surrounded.Pages(2);
        Pattern.Fill(neighbours.Pages);
        nuint address = (nuint)neighbours.Pages.DangerousPointer();
        string[] before = FlagsAround(address, 2 * s_page);
        foreach (nuint offset in (nuint[])[0, 1, s_page, 2 * s_page])
        {
            Do(neighbours.Pages, verb, new PageRange(offset, 0));
        }

        Assert.Equal(before, FlagsAround(address, 2 * s_page));
        Pattern.AssertKept(neighbours.Pages);
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Neighbours_do_not_notice(string verb)
    {
        using var neighbours = Surrounded.Pages(3);
        Pattern.Fill(neighbours.Pages);
        nuint address = (nuint)neighbours.Pages.DangerousPointer();
        string[] before = FlagsAround(address, 3 * s_page);
        foreach (PageRange? range in (PageRange?[])[null, new(0, 3 * s_page), new(s_page + 1, s_page - 2), new((3 * s_page) - 1, 1)])
        {
            try
            {
                Do(neighbours.Pages, verb, range);
            }
            catch (MemoryPagesException)
            {
                // Not on this memory, or not on this kernel.
            }
        }

        Assert.Equal(before, FlagsAround(address, 3 * s_page));
        neighbours.AssertUntouched();
    }

    /// <summary>Without "gu": it says that a region may hold guards somewhere, and neighbours may be of one region with the pages.</summary>
    private static string[] FlagsAround(nuint address, nuint length) =>
        [.. ((nuint[])[address - 1, address + length]).Select(beside => SystemMap.At(beside)!.Flags.Replace("gu ", ""))];

    private static void Do(Pages<ReadWrite> pages, string verb, PageRange? range)
    {
        string[] words = verb.Split(' ');
        switch (words[0])
        {
            case "Advise": pages.Advise(Known(words[1]), range); break;
            case "DangerousAdvise": pages.DangerousAdvise(Enum.Parse<UncheckedAdvice>(words[1]), range); break;
            case "Discard": pages.Discard(range); break;
            case "Offer": pages.Offer(range); break;
            case "Reclaim": pages.Reclaim(range); break;
            case "Prefault": pages.Prefault(range); break;
            case "Lock": pages.Lock(range: range); break;
            case "LockOnFault": pages.Lock(LockMode.OnFault, range); break;
            case "Unlock": pages.Unlock(range); break;
            case "Flush": pages.Flush(range); break;
            case "CountResidentBytes": pages.CountResidentBytes(range); break;
            case "CopyResidency": pages.CopyResidency(new bool[8], range); break;
            default: throw new ArgumentOutOfRangeException(verb);
        }
    }

    /// <summary>Where the kernel would really break memory for it, another advice stands in: the way through the library is the same.</summary>
    private static Advice Known(string name) =>
        Enum.Parse<Advice>(name) is var advice && advice is Advice.HwPoison or Advice.SoftOffline && KernelAdvice.KernelTakes(advice) ? Advice.Random : advice;
}

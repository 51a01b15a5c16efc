using MemoryPages.Physical;

namespace MemoryPages.Tests.Physical;

/// <summary>Which IO addresses are given out: without overlap, aligned, within bounds, and all of them again when they were given back.</summary>
public sealed class IoAddressSpaceTests
{
    private const ulong Page = 1ul << 12;
    private const ulong Sizes = Page | (1ul << 21) | (1ul << 30);

    /// <summary>What Intel's IOMMU has in QEMU: 39 bits, less the window of interrupts.</summary>
    private static readonly IoAddressRange[] s_ranges = [new(0ul, 0xfedfffff), new(0xfef00000, (1ul << 39) - 1)];

    [Fact]
    public void Zero_is_never_given_out_and_large_lengths_are_aligned_to_large_pages()
    {
        var space = new IoAddressSpace(s_ranges, Sizes);
        Assert.Equal(1ul << 20, space.Find(Page, ulong.MaxValue)!.Value.Value);
        Assert.Equal(0u, space.Find(3ul << 20, ulong.MaxValue)!.Value.Value % (1ul << 21));
        Assert.Equal(0u, space.Find(1ul << 30, ulong.MaxValue)!.Value.Value % (1ul << 30));
        Assert.Equal(1ul << 32, space.Find(3ul << 30, ulong.MaxValue)!.Value.Value); // below, the window of interrupts is in the way
    }

    [Fact]
    public void The_last_address_that_a_device_can_say_is_kept_to()
    {
        var space = new IoAddressSpace(s_ranges, Sizes);
        Assert.Null(space.Find(Page, (1ul << 20) - 1));
        Assert.Equal(1ul << 20, space.Find(Page, (1ul << 20) + Page - 1)!.Value.Value);
        Assert.Null(space.Find(Page, (1ul << 20) + Page - 2));
        Assert.Null(space.Find(0xfee00000, uint.MaxValue));
        Assert.Null(space.Find(1ul << 39, ulong.MaxValue));
        Assert.Null(space.Find(ulong.MaxValue & ~(Page - 1), ulong.MaxValue));
    }

    [Fact]
    public void The_end_of_all_addresses_is_an_address_too()
    {
        var space = new IoAddressSpace([new(ulong.MaxValue - (4 * Page) + 1, ulong.MaxValue)], Page);
        IoAddress place = space.Find(4 * Page, ulong.MaxValue)!.Value;
        space.Take(place, 4 * Page);
        Assert.Null(space.Find(Page, ulong.MaxValue));
        space.GiveBack(place, 4 * Page);
        Assert.Equal(place, space.Find(4 * Page, ulong.MaxValue));
    }

    [Fact]
    public void A_thousand_random_steps_keep_to_a_model()
    {
        var random = new Random(20261121);
        var space = new IoAddressSpace([new(1ul << 20, (1ul << 20) + (256 * Page) - 1)], Page);
        var taken = new Dictionary<ulong, ulong>();
        for (int step = 0; step < 1000; step++)
        {
            ulong length = (ulong)random.Next(1, 24) * Page;
            if (random.Next(2) == 0 && taken.Count > 0)
            {
                (ulong first, ulong held) = taken.ElementAt(random.Next(taken.Count));
                taken.Remove(first);
                space.GiveBack(first, held);
            }
            else if (space.Find(length, ulong.MaxValue) is { } place)
            {
                Assert.DoesNotContain(taken, other => place.Value < other.Key + other.Value && other.Key < place.Value + length);
                Assert.True(place.Value >= 1ul << 20 && place.Value + length <= (1ul << 20) + (256 * Page));
                space.Take(place, length);
                taken.Add(place.Value, length);
            }
            else
            {
                Assert.True(Gaps(taken).Max() < length); // only where there is none
            }
        }

        foreach ((ulong first, ulong held) in taken)
        {
            space.GiveBack(first, held);
        }

        Assert.Equal(1ul << 20, space.Find(256 * Page, ulong.MaxValue)!.Value.Value); // joined again

        static IEnumerable<ulong> Gaps(Dictionary<ulong, ulong> taken)
        {
            ulong end = 1ul << 20;
            foreach ((ulong first, ulong held) in taken.OrderBy(range => range.Key))
            {
                yield return first - end;
                end = first + held;
            }

            yield return (1ul << 20) + (256 * Page) - end;
        }
    }

    [Theory]
    [InlineData(0x200, "multiple of the IOMMU's page")]
    [InlineData(0xfee00000, "reserved")]
    [InlineData(0xfedff000, "reserved")]
    [InlineData(1ul << 39, "not all among those")]
    [InlineData(ulong.MaxValue - 0xfff, "not all among those")]
    public void A_place_that_cannot_be_is_explained(ulong place, string reason) =>
        Assert.Contains(reason, new IoAddressSpace(s_ranges, Sizes).Explain(place, 2 * Page));

    [Fact]
    public void A_good_place_is_not() => Assert.Null(new IoAddressSpace(s_ranges, Sizes).Explain(1ul << 32, 1ul << 30));
}

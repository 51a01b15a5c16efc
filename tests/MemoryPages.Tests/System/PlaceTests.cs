using MemoryPages.Platform;

namespace MemoryPages.Tests.Effects;

/// <summary>Where between two mappings a reservation goes.</summary>
public sealed class PlaceTests
{
    private static readonly nuint s_page = PageSize.Base;

    [Theory]
    [InlineData(10, 20, 4, 1, 0, 10)] // the first, where none is wished
    [InlineData(10, 14, 4, 1, 0, 10)] // it just fits
    [InlineData(10, 13, 4, 1, 0, null)]
    [InlineData(14, 10, 4, 1, 0, null)] // no gap at all
    [InlineData(10, 20, 4, 8, 0, 16)] // aligned
    [InlineData(10, 19, 4, 8, 0, null)] // aligned, it does not fit
    [InlineData(10, 20, 4, 1, 15, 13)] // its middle where it was wished
    [InlineData(10, 20, 4, 1, 2, 10)] // as near as it goes, from above
    [InlineData(10, 20, 4, 1, 90, 16)] // and from below
    [InlineData(10, 40, 4, 8, 31, 24)]
    public void It_is_the_best_of_the_gap(int start, int end, int length, int alignment, int near, int? expected)
    {
        var request = new ReserveRequest { Length = Pages(length), Alignment = Pages(alignment), NearAddress = Pages(near) };
        Assert.Equal(expected is int place ? Pages(place) : null, request.PlaceBetween(Pages(start), Pages(end)));
    }

    private static nuint Pages(int count) => (nuint)count * s_page;
}

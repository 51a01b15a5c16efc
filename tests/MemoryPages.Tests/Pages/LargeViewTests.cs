using static MemoryPages.Tests.Witness;

namespace MemoryPages.Tests;

public sealed class LargeViewTests : IDisposable
{
    private const nuint Length = (nuint)3 << 30;
    private readonly Pages<ReadWrite> _pages = Pages.Allocate(Length, new() { NoReserve = true });

    public void Dispose() => _pages.Dispose();

    [Fact]
    public void Every_byte_can_be_reached_by_index_and_slice()
    {
        using WriteView view = _pages.Write();
        Assert.Equal(Length, view.Length);
        nuint[] places = [0, int.MaxValue, (nuint)int.MaxValue + 1, (nuint)5 << 29, Length - 1];
        for (int i = 0; i < places.Length; i++)
        {
            view[places[i]] = (byte)(i + 1);
        }

        for (int i = 0; i < places.Length; i++)
        {
            Assert.Equal([(byte)(i + 1)], Content(AddressOf(_pages) + places[i], 1));
            Assert.Equal(i + 1, view.Slice(places[i], 1)[0]);
            Assert.Equal(i + 1, _pages.Read<byte>(places[i]));
        }

        Assert.Equal(int.MaxValue, view.Slice(Length - int.MaxValue, int.MaxValue).Length);
    }

    [Fact]
    public void A_span_over_more_than_it_can_count_is_refused_and_parts_are_not()
    {
        using ReadView read = _pages.Read();
        using WriteView write = _pages.Write();
        AssertTooLong(new(0, Length));
        AssertTooLong(new(0, (nuint)int.MaxValue + 1));
        Assert.Equal((int)(Length / 8), read.Elements<long>().Length); // few enough of them
        Assert.Equal((int)(Length / 2), write.Elements<short>().Length);

        using ReadView last = _pages.Read(new(Length - int.MaxValue, int.MaxValue));
        Assert.Equal(int.MaxValue, last.Span.Length);

        void AssertTooLong(PageRange range)
        {
            foreach (Action use in new Action[]
            {
                () => { using ReadView view = _pages.Read(range); _ = view.Span; },
                () => { using WriteView view = _pages.Write(range); _ = view.Span; },
                () => { using ReadView view = _pages.Read(range); _ = view.Elements<byte>(); },
            })
            {
                Assert.Contains("PageRange", Assert.Throws<InvalidOperationException>(use).Message);
            }
        }
    }

    [Fact]
    public void More_than_a_Memory_can_hold_is_refused_and_a_part_is_not()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _pages.LeaseMemory());
        Assert.Throws<ArgumentOutOfRangeException>(() => _pages.LeaseReadOnlyMemory(new(0, (nuint)int.MaxValue + 1)));
        Assert.Equal(0, _pages.LeaseCount);
        using var lease = _pages.LeaseMemory(new(Length - int.MaxValue, int.MaxValue));
        lease.Memory.Span[^1] = 0x77;
        Assert.Equal(0x77, _pages.Read<byte>(Length - 1));
    }
}

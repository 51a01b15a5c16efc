using System.Runtime.InteropServices;
using static MemoryPages.Tests.Witness;

namespace MemoryPages.Tests;

public sealed class ValueTests
{
    private readonly byte[] _content = Pattern((int)(2 * Page));

    [Fact]
    public void Values_are_the_bytes_that_the_system_holds_at_any_offset()
    {
        using Pages<ReadWrite> pages = Filled();
        foreach (nuint offset in new nuint[] { 0, 1, 3, Page - 4, Page - 1, (2 * Page) - 16 })
        {
            ReadOnlySpan<byte> bytes = _content.AsSpan((int)offset);
            Assert.Equal(bytes[0], pages.Read<byte>(offset));
            Assert.Equal(MemoryMarshal.Read<int>(bytes), pages.Read<int>(offset));
            Assert.Equal(MemoryMarshal.Read<double>(bytes), pages.Read<double>(offset));
            Assert.Equal(MemoryMarshal.Read<Mixed>(bytes), pages.Read<Mixed>(offset));
            Assert.Equal(MemoryMarshal.Read<Guid>(bytes), pages.Read<Guid>(offset));
        }
    }

    [Fact]
    public void A_value_is_written_to_its_own_bytes_and_no_others()
    {
        foreach (nuint offset in new nuint[] { 0, 1, Page - 5, (2 * Page) - 13 })
        {
            using Pages<ReadWrite> pages = Filled();
            var value = new Mixed(0x11, 0x2222222222222222, 0x33333333);
            pages.Write(offset, value);
            byte[] expected = [.. _content];
            MemoryMarshal.Write(expected.AsSpan((int)offset), value);
            Assert.Equal(expected, Content(AddressOf(pages), expected.Length));
            Assert.Equal(value, pages.Read<Mixed>(offset));
        }
    }

    [Fact]
    public void Write_only_pages_take_values_and_bytes_and_show_them_once_reading_is_allowed()
    {
        Pages<WriteOnly> pages = Pages.Allocate<WriteOnly>(Page);
        pages.Write(Page - 8, 0x0102030405060708);
        pages.CopyFrom(1, [9, 8, 7]);
        Assert.Equal([0, 9, 8, 7, 0], Content(AddressOf(pages), 5));
        using Pages<ReadWrite> readable = pages.AllowRead();
        Assert.Equal(0x0102030405060708, readable.Read<long>(Page - 8));
    }

    [Fact]
    public void Every_readable_protection_reads_values()
    {
        Pages<ReadWrite> start = Filled();
        int expected = MemoryMarshal.Read<int>(_content.AsSpan(5));
        Pages<ReadOnly> readOnly = start.DenyWrite();
        Assert.Equal(expected, readOnly.Read<int>(5));
        using Pages<ReadExecute> readExecute = readOnly.AllowExecute();
        Assert.Equal(expected, readExecute.Read<int>(5));
    }

    [Fact]
    public void Values_beyond_the_end_are_refused_and_touch_nothing()
    {
        using Pages<ReadWrite> pages = Filled();
        nuint length = pages.Length;
        Assert.Equal(_content[^1], pages.Read<byte>(length - 1));
        Assert.Equal(MemoryMarshal.Read<long>(_content.AsSpan()[^8..]), pages.Read<long>(length - 8));
        foreach (nuint bad in new[] { length - 7, length - 1, length, length + 1, nuint.MaxValue, nuint.MaxValue - 6, nuint.MaxValue - 7, (nuint)1 << 63 })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => pages.Read<long>(bad));
            Assert.Throws<ArgumentOutOfRangeException>(() => pages.Write(bad, -1L));
        }

        Assert.Equal(_content, Content(AddressOf(pages), _content.Length));
        Assert.Equal(0, pages.LeaseCount);
    }

    [Fact]
    public void Bytes_are_copied_in_and_out_between_any_bounds()
    {
        using Pages<ReadWrite> pages = Filled();
        foreach ((nuint offset, int count) in new (nuint, int)[] { (0, 0), (0, 1), (1, (int)Page), (Page - 1, 2), (0, _content.Length), (2 * Page, 0), ((2 * Page) - 1, 1) })
        {
            byte[] copy = new byte[count + 2];
            pages.CopyTo(offset, copy.AsSpan(1, count));
            Assert.Equal([0, .. _content.AsSpan((int)offset, count), 0], copy);

            using Pages<ReadWrite> target = Pages.Allocate(2 * Page);
            target.CopyFrom(offset, _content.AsSpan((int)offset, count));
            byte[] expected = new byte[_content.Length];
            _content.AsSpan((int)offset, count).CopyTo(expected.AsSpan((int)offset));
            Assert.Equal(expected, Content(AddressOf(target), expected.Length));
        }
    }

    [Fact]
    public void Copies_beyond_the_end_are_refused_and_touch_nothing()
    {
        using Pages<ReadWrite> pages = Filled();
        foreach (PageRange bad in ViewTests.Bad(pages.Length).Where(range => range.Length < 1 << 20))
        {
            byte[] bytes = new byte[bad.Length];
            Assert.Throws<ArgumentOutOfRangeException>(() => pages.CopyTo(bad.Offset, bytes));
            Assert.Throws<ArgumentOutOfRangeException>(() => pages.CopyFrom(bad.Offset, bytes));
        }

        Assert.Equal(_content, Content(AddressOf(pages), _content.Length));
    }

    [Fact]
    public void Reading_and_writing_values_stays_between_its_neighbours()
    {
        using var neighbours = new Neighbours(1);
        neighbours.Pages.Write(0, -1L);
        neighbours.Pages.Write(Page - 8, -1L);
        neighbours.Pages.CopyFrom(0, new byte[Page]);
        neighbours.AssertUntouched();
    }

    private Pages<ReadWrite> Filled()
    {
        Pages<ReadWrite> pages = Pages.Allocate((nuint)_content.Length);
        pages.CopyFrom(0, _content);
        return pages;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private readonly record struct Mixed(byte A, long B, int C);
}

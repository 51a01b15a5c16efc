#pragma warning disable MP1004 // values are copied on purpose: what the run time says of copies is tested

using System.Runtime.InteropServices;
using static MemoryPages.Tests.Witness;

namespace MemoryPages.Tests;

public sealed class ViewTests
{
    private readonly byte[] _content = Pattern((int)(2 * Page));

    [Fact]
    public void A_view_shows_the_bytes_that_the_system_holds_and_writes_them()
    {
        using Pages<ReadWrite> pages = Filled();
        using (ReadView view = pages.Read())
        {
            Assert.Equal(2 * Page, view.Length);
            Assert.True(view.Span.SequenceEqual(_content));
        }

        using (WriteView view = pages.Write(new(Page - 1, 2)))
        {
            Assert.Equal((nuint)2, view.Length);
            Assert.True(view.Span.SequenceEqual(_content.AsSpan((int)Page - 1, 2)));
            view.Span.Fill(0xEE);
        }

        byte[] held = Content(AddressOf(pages) + Page - 2, 4);
        Assert.Equal([_content[(int)Page - 2], 0xEE, 0xEE, _content[(int)Page + 1]], held);
    }

    [Fact]
    public void Bounds_of_ranges()
    {
        using Pages<ReadWrite> pages = Filled();
        nuint length = pages.Length;
        foreach (PageRange good in new PageRange[] { new(0, 0), new(0, 1), new(0, length), new(1, length - 1), new(length - 1, 1), new(length, 0), new(Page - 1, 2) })
        {
            using (ReadView view = pages.Read(good))
            {
                Assert.True(view.Span.SequenceEqual(_content.AsSpan((int)good.Offset, (int)good.Length)));
            }

            using (WriteView view = pages.Write(good))
            {
                Assert.Equal(good.Length, view.Length);
            }
        }

        foreach (PageRange bad in Bad(length))
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => Touch(pages.Read(bad)));
            Assert.Throws<ArgumentOutOfRangeException>(() => Touch(pages.Write(bad)));
            Assert.Throws<ArgumentOutOfRangeException>(() => pages.LeaseMemory(bad));
            Assert.Throws<ArgumentOutOfRangeException>(() => pages.LeaseReadOnlyMemory(bad));
            Assert.Throws<ArgumentOutOfRangeException>(() => Touch(pages.ProtectScope<ReadOnly>(bad)));
        }

        Assert.Equal(0, pages.LeaseCount); // a refusal leaves no lease behind
        Assert.Equal("rw-p", AccessOf(pages));
    }

    [Fact]
    public void Bounds_of_the_indexer_and_of_slices()
    {
        using Pages<ReadWrite> pages = Filled();
        foreach (PageRange part in new PageRange[] { new(0, pages.Length), new(3, 100), new(Page, Page), new(5, 0) })
        {
            using WriteView write = pages.Write(part);
            using ReadView read = pages.Read(part);
            nuint length = part.Length;
            foreach (nuint good in new nuint[] { 0, 1, length - 1 }.Where(offset => offset < length))
            {
                Assert.Equal(_content[(int)(part.Offset + good)], read[good]);
                write[good] ^= 0xFF;
                Assert.Equal((byte)~_content[(int)(part.Offset + good)], read[good]);
                write[good] ^= 0xFF;
                Assert.Equal(read[good], read.Slice(good, 1)[0]);
                Assert.Equal((int)(length - good), write.Slice(good, (int)(length - good)).Length);
            }

            Assert.True(read.Slice(length, 0).IsEmpty);
            foreach (nuint bad in new[] { length, length + 1, (nuint)int.MaxValue + 1, nuint.MaxValue })
            {
                AssertOutside(read, r => _ = r[bad]);
                AssertOutside(write, w => w[bad] = 1);
            }

            foreach ((nuint offset, int count) in new (nuint, int)[]
            {
                (0, (int)length + 1), (1, (int)length), (length, 1), (length + 1, 0), (nuint.MaxValue, 1), (nuint.MaxValue, 0), (0, -1), (0, int.MinValue),
                (length, int.MaxValue), (nuint.MaxValue - int.MaxValue + 1, int.MaxValue),
            })
            {
                AssertOutside(read, r => r.Slice(offset, count));
                AssertOutside(write, w => w.Slice(offset, count));
            }
        }
    }

    [Fact]
    public void Elements_are_the_whole_values_of_the_view()
    {
        using Pages<ReadWrite> pages = Filled();
        foreach ((nuint length, int longs) in new (nuint, int)[] { (0, 0), (7, 0), (8, 1), (15, 1), (2 * Page, (int)Page / 4) })
        {
            using ReadView view = pages.Read(new(0, length));
            Assert.Equal(longs, view.Elements<long>().Length);
            Assert.True(view.Elements<long>().SequenceEqual(MemoryMarshal.Cast<byte, long>(_content.AsSpan(0, (int)length))));
        }

        using WriteView write = pages.Write(new(8, 19));
        write.Elements<Triple>()[5] = new(1, 2, 3); // three bytes, aligned to one
        Assert.Equal([1, 2, 3], Content(AddressOf(pages) + 8 + 15, 3));
        Assert.Equal(6, write.Elements<Triple>().Length);
    }

    [Fact]
    public void Elements_must_be_aligned_as_their_type_wants()
    {
        using Pages<ReadWrite> pages = Filled();
        for (nuint offset = 0; offset < 16; offset++)
        {
            using ReadView view = pages.Read(new(offset, 64));
            AssertAligned<byte>(view, offset, 1);
            AssertAligned<Triple>(view, offset, 1);
            AssertAligned<char>(view, offset, 2);
            AssertAligned<int>(view, offset, 4);
            AssertAligned<Pair>(view, offset, 4);
            AssertAligned<double>(view, offset, 8);
        }

        static void AssertAligned<T>(ReadView view, nuint offset, nuint alignment)
            where T : unmanaged
        {
            bool refused = false;
            try
            {
                _ = view.Elements<T>();
            }
            catch (InvalidOperationException)
            {
                refused = true;
            }

            Assert.Equal(offset % alignment != 0, refused);
        }
    }

    [Fact]
    public void A_default_view_has_nothing_to_touch()
    {
        ReadView read = default;
        WriteView write = default;
        Assert.True(read.Span.IsEmpty && write.Span.IsEmpty && read.Length == 0 && write.Length == 0);
        AssertOutside(read, r => _ = r[0]);
        AssertOutside(write, w => w.Slice(0, 1));
        using (write)
        {
            // ending it is no matter
        }
    }

    internal static PageRange[] Bad(nuint length) =>
    [
        new(0, length + 1), new(1, length), new(length, 1), new(length + 1, 0), new(length - 1, 2), new(0, nuint.MaxValue), new(nuint.MaxValue, 0),
        new(nuint.MaxValue, 1), new(1, nuint.MaxValue), new(nuint.MaxValue, nuint.MaxValue), new(nuint.MaxValue - length + 1, length), new((nuint)1 << 63, (nuint)1 << 63),
    ];

    private Pages<ReadWrite> Filled()
    {
        Pages<ReadWrite> pages = Pages.Allocate((nuint)_content.Length);
        pages.CopyFrom(0, _content);
        return pages;
    }

    // What should not be reached: ends the lease at once, so that a missing check is one failing assertion and no cascade.
    private static void Touch<TView>(TView view)
        where TView : IDisposable, allows ref struct => view.Dispose();

    private delegate void Use<TView>(TView view)
        where TView : allows ref struct;

    private static void AssertOutside<TView>(TView view, Use<TView> use)
        where TView : allows ref struct
    {
        try
        {
            use(view);
        }
        catch (ArgumentOutOfRangeException)
        {
            return;
        }

        Assert.Fail("A byte outside the view could be reached.");
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private readonly record struct Triple(byte A, byte B, byte C);

    private readonly record struct Pair(int A, short B);
}

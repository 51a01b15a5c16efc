#pragma warning disable MP1001 // asks what the run time says of spent pages

using MemoryPages.Tests.Effects;
using static MemoryPages.Tests.Files.FileWitness;

namespace MemoryPages.Tests.Files;

/// <summary>Reading in windows, while another thread enters what comes next.</summary>
public sealed class ScanTests
{
    private const int Mebibyte = 1 << 20;

    /// <summary>So far ahead of the reader at most.</summary>
    private const int Farthest = 64 * Mebibyte;

    [Theory]
    [InlineData(0, 50_000, 4 * Mebibyte, 1)]
    [InlineData(0, 50_000, 10_000, 5)]
    [InlineData(77, 50_000, 10_000, 5)]
    [InlineData(77, 49_999, 1_000, 50)]
    [InlineData(1, 1, 1, 1)]
    [InlineData(5, 0, 8, 0)]
    public void Windows_are_the_range_in_order_and_nothing_else(int offset, int length, int windowLength, int windows)
    {
        using var file = new TempFile(60_000);
        using Pages<ReadOnly> pages = Pages.Map(file.Path);
        int end = offset;
        int count = 0;
        foreach (ScanWindow window in pages.Scan(new PageRange((nuint)offset, (nuint)length), windowLength))
        {
            Assert.Equal((nuint)(end - offset), window.Offset);
            Assert.Equal(Math.Min(windowLength, offset + length - end), window.Span.Length);
            Assert.True(window.Span.SequenceEqual(Pattern.Bytes((nuint)(end + window.Span.Length)).AsSpan(end)));
            end += window.Span.Length;
            count++;
        }

        Assert.Equal((offset + length, windows), (end, count));
        Assert.Equal(0, pages.LeaseCount);
    }

    [Fact]
    public void A_window_shows_values_and_nothing_once_its_scan_has_ended()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(Mebibyte);
        pages.Write(512 * sizeof(int), 42);
        ScanWindow kept = default;
        foreach (ScanWindow window in pages.Scan(windowLength: 512 * sizeof(int)))
        {
            Assert.Equal(512, window.Elements<int>().Length);
            Assert.Equal(window.Offset == 512 * sizeof(int) ? 42 : 0, window.Elements<int>()[0]);
            kept = window;
        }

        try
        {
            _ = kept.Span;
            Assert.Fail("The lease has ended.");
        }
        catch (ObjectDisposedException)
        {
            Assert.Equal(0, pages.LeaseCount);
        }
    }

    [Fact]
    public void Memory_is_scanned_too_and_what_is_written_there_is_read()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(20 * Mebibyte);
        pages.Write(17 * Mebibyte, (byte)9);
        long sum = 0;
        foreach (ScanWindow window in pages.Scan())
        {
            sum += window.Span.IndexOf((byte)9) + 1;
        }

        Assert.Equal(Mebibyte + 1, sum);
    }

    /// <summary>The kernel's own count of pages that are entered in this process's tables.</summary>
    [Fact]
    public void What_comes_next_is_entered_without_being_touched_but_not_all_of_a_large_file()
    {
        Assert.SkipWhen(Environment.ProcessorCount == 1, "One processor: nothing is done beside the reader.");
        using var file = TempFile.Sparse(2 * Farthest);
        using Pages<ReadOnly> pages = Pages.Map(file.Path);
        Assert.Equal(0u, RegionOf(pages).Bytes("Rss"));
        foreach (ScanWindow window in pages.Scan())
        {
            Assert.True(SpinWait.SpinUntil(() => RegionOf(pages).Bytes("Rss") > Farthest / 2, TimeSpan.FromSeconds(30)));
            Thread.Sleep(100); // it may go on: as far as it goes
            Assert.InRange(RegionOf(pages).Bytes("Rss"), (nuint)Farthest / 2, (nuint)(Farthest + (2 * Mebibyte)));
            Assert.Equal(4 * Mebibyte, window.Span.Length);
            break;
        }

        Assert.Equal(0, pages.LeaseCount);
    }

    [Fact]
    public void Leaving_the_loop_ends_the_lease_and_what_is_done_beside_it()
    {
        Needed.Call("mremap");
        using var file = TempFile.Sparse(Farthest);
        using Pages<ReadOnly> pages = Pages.Map(file.Path);
        for (int i = 0; i < 300; i++)
        {
            foreach (ScanWindow window in pages.Scan(windowLength: Mebibyte))
            {
                Assert.Equal(1, pages.LeaseCount);
                if (window.Span[0] == 0)
                {
                    break;
                }
            }

            pages.Resize((ulong)(Farthest - (i % 2 * Mebibyte))); // refused, were anybody still at work
        }

        Assert.Throws<TimeoutException>(() =>
        {
            foreach (ScanWindow window in pages.Scan())
            {
                throw new TimeoutException($"at {window.Span.Length}");
            }
        });
        Assert.Equal(0, pages.LeaseCount);
    }

    /// <summary>In this process: it would end if what is gone were touched.</summary>
    [Fact]
    public void A_file_that_is_cut_off_ends_what_is_done_beside_the_reader_and_not_the_process()
    {
        Needed.Linux("files that can be cut off under a mapping");
        using var file = TempFile.Sparse(Farthest);
        using Pages<ReadOnly> pages = Pages.Map(file.Path);
        for (int i = 0; i < 20; i++)
        {
            file.Resize(Farthest);
            foreach (ScanWindow window in pages.Scan())
            {
                file.Resize(8 * Mebibyte);
                Assert.Equal(0, window.Span[^1]);
                Thread.Sleep(i);
                break;
            }
        }

        Assert.True(pages.Probe().Length <= 8 * Mebibyte);
    }

    [Fact]
    public void Pages_that_survive_truncation_read_zeros_and_say_so()
    {
        Assert.SkipUnless(Pages.TruncationSurvivalSupported, "No handler for this processor.");
        using var file = TempFile.Sparse(Farthest);
        using Pages<ReadOnly> pages = Pages.Map(file.Path, new() { SurviveTruncation = true });
        bool isCut = false;
        foreach (ScanWindow window in pages.Scan())
        {
            if (!isCut)
            {
                file.Resize(Mebibyte);
                isCut = true;
            }

            Assert.Equal(-1, window.Span.IndexOfAnyExcept((byte)0));
        }

        Assert.True(pages.WasTruncated);
    }

    [Fact]
    public void Bad_wishes_are_refused_and_leave_no_lease()
    {
        using var file = new TempFile(1000);
        Pages<ReadOnly> pages = Pages.Map(file.Path);
        Assert.Throws<ArgumentOutOfRangeException>("windowLength", () => { pages.Scan(windowLength: 0); });
        Assert.Throws<ArgumentOutOfRangeException>("windowLength", () => { pages.Scan(windowLength: -1); });
        Assert.Throws<ArgumentOutOfRangeException>("range", () => { pages.Scan(new PageRange(1000, 1)); });
        Assert.Equal(0, pages.LeaseCount);
        pages.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { pages.Scan(); });
    }
}

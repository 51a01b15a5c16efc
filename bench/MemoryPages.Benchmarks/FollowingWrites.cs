using BenchmarkDotNet.Attributes;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Benchmarks;

/// <summary>64 MiB of which a page in a hundred is written; then a copy of it is brought up to date.</summary>
[BenchmarkCategory("Tracking")]
public unsafe class FollowingWrites
{
    private const int Length = 64 << 20;
    private const int Page = 4096;
    private const int Step = 100;
    private const int NoHugePage = 15;

    private readonly PageRange[] _ranges = new PageRange[Length / Page / Step * 2];
    private readonly ulong[] _regions = new ulong[Length / Page / Step * 2 * 3];
    private Pages<ReadWrite> _pages = null!;
    private WriteTracking _tracking = null!;
    private SafeFileHandle _pageMap = null!;
    private int _tracker;
    private byte* _raw;
    private byte* _plain;
    private byte* _copy;
    private byte _round;

    public static string? Obstacle() => WriteTracking.IsSupported ? null : "this kernel does not remember writes (Linux: since 6.7)";

    /// <summary>In turns, since the two differ by a few hundredths.</summary>
    public static double InTurns()
    {
        var writes = new FollowingWrites();
        writes.Setup();
        double ratio = PairedMeasurement.Ratio(() => writes.TakeWritten(), () => writes.RawScan());
        writes.Cleanup();
        return ratio;
    }

    [GlobalSetup]
    public void Setup()
    {
        if (Obstacle() is not null)
        {
            return;
        }

        _raw = RawSystem.Map(Length);
        _plain = RawSystem.Map(Length);
        _copy = RawSystem.Map(Length);
        _pages = Pages.Allocate(Length);
        _pages.Advise(Advice.NoHugePage);
        using (WriteView view = _pages.Write())
        {
            view.Span.Fill(1);
        }

        foreach (nint memory in (nint[])[(nint)_raw, (nint)_plain, (nint)_copy])
        {
            RawSystem.Advise((byte*)memory, Length, NoHugePage);
            new Span<byte>((byte*)memory, Length).Fill(1);
        }

        _tracking = _pages.TrackWrites();
        _tracker = RawSystem.TrackWrites(_raw, Length);
        _pageMap = File.OpenHandle("/proc/self/pagemap");
        _ = RawScan(); // all of it is written at first
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        if (_pages is null)
        {
            return;
        }

        _tracking.Dispose();
        _pages.Dispose();
        _pageMap.Dispose();
        new SafeFileHandle(_tracker, ownsHandle: true).Dispose();
        RawSystem.Unmap(_raw, Length);
        RawSystem.Unmap(_plain, Length);
        RawSystem.Unmap(_copy, Length);
    }

    [Benchmark]
    public int TakeWritten()
    {
        _round++;
        int told = 0;
        using (WriteView view = _pages.Write())
        {
            Span<byte> bytes = view.Span;
            for (int offset = 0; offset < Length; offset += Step * Page)
            {
                bytes[offset] = _round;
            }

            int count;
            do
            {
                count = _tracking.TakeWritten(_ranges);
                foreach (PageRange range in _ranges.AsSpan(0, count))
                {
                    bytes.Slice((int)range.Offset, (int)range.Length).CopyTo(new Span<byte>(_copy + range.Offset, (int)range.Length));
                }

                told += count;
            }
            while (count == _ranges.Length);
        }

        return told;
    }

    [Benchmark(Baseline = true)]
    public int RawScan()
    {
        _round++;
        for (int offset = 0; offset < Length; offset += Step * Page)
        {
            _raw[offset] = _round;
        }

        fixed (ulong* regions = _regions)
        {
            int count = RawSystem.TakeWritten((int)_pageMap.DangerousGetHandle(), _raw, Length, regions, _regions.Length / 3);
            for (int i = 0; i < count; i++)
            {
                byte* start = (byte*)regions[3 * i];
                int length = (int)(regions[(3 * i) + 1] - regions[3 * i]);
                new Span<byte>(start, length).CopyTo(new Span<byte>(_copy + (start - _raw), length));
            }

            return count;
        }
    }

    /// <summary>What a program does that has no tracking.</summary>
    [Benchmark]
    public int CompareAll()
    {
        _round++;
        for (int offset = 0; offset < Length; offset += Step * Page)
        {
            _plain[offset] = _round;
        }

        int count = 0;
        for (int offset = 0; offset < Length; offset += Page)
        {
            var page = new ReadOnlySpan<byte>(_plain + offset, Page);
            var old = new Span<byte>(_copy + offset, Page);
            if (!page.SequenceEqual(old))
            {
                page.CopyTo(old);
                count++;
            }
        }

        return count;
    }
}

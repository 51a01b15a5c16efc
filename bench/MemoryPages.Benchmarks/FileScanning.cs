using BenchmarkDotNet.Attributes;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Benchmarks;

/// <summary>A file of 1 GiB that is in the system's cache, read from start to end.</summary>
[BenchmarkCategory("Files")]
[WarmupCount(2)]
[IterationCount(9)]
[InvocationCount(1, 1)]
public class FileScanning
{
    private Pages<ReadOnly> _pages = null!;
    private byte[] _array = null!;
    private byte[] _buffer = null!;

    /// <summary>Bytes in which the file is written: what the system keeps it in follows from that.</summary>
    private protected virtual int Piece => BenchmarkFile.LargestPiece;

    [GlobalSetup]
    public void Setup()
    {
        BenchmarkFile.Warm(Piece);
        _pages = Pages.Map(BenchmarkFile.Path);
        _pages.Prefault();
        _array = new byte[BenchmarkFile.Length];
        _pages.CopyTo(0, _array);
        _buffer = new byte[BestBufferSize()];
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _pages.Dispose();
        _array = null!;
        GC.Collect();
    }

    [Benchmark(Baseline = true)]
    public ulong ArrayAgain() => Sum.Of(_array);

    [Benchmark]
    public ulong PagesAgain()
    {
        using ReadView view = _pages.Read();
        return Sum.Of(view.Span);
    }

    /// <summary>Opened, mapped, read and unmapped: every page is entered into the process's tables on the way.</summary>
    [Benchmark]
    public ulong PagesFirstPass()
    {
        using Pages<ReadOnly> pages = Pages.Map(BenchmarkFile.Path);
        using ReadView view = pages.Read();
        return Sum.Of(view.Span);
    }

    /// <summary>The same in windows, while another thread enters the pages that come next.</summary>
    [Benchmark]
    public ulong PagesScan()
    {
        using Pages<ReadOnly> pages = Pages.Map(BenchmarkFile.Path);
        return Sum.Of(pages.Scan());
    }

    /// <summary>The same with all pages entered in one call, before the first is read.</summary>
    [Benchmark]
    public ulong PagesPopulated()
    {
        using Pages<ReadOnly> pages = Pages.Map(BenchmarkFile.Path, new() { Populate = true });
        using ReadView view = pages.Read();
        return Sum.Of(view.Span);
    }

    /// <summary>Copied through a buffer of the size that is fastest on this machine.</summary>
    [Benchmark]
    public ulong RandomAccessRead() => ReadThrough(_buffer);

    private static ulong ReadThrough(byte[] buffer)
    {
        using SafeFileHandle file = File.OpenHandle(BenchmarkFile.Path, options: FileOptions.SequentialScan);
        ulong sum = 0;
        int count;
        for (long offset = 0; (count = RandomAccess.Read(file, buffer, offset)) != 0; offset += count)
        {
            sum += Sum.Of(buffer.AsSpan(0, count));
        }

        return sum;
    }

    private static int BestBufferSize() => ((int[])[64 << 10, 128 << 10, 256 << 10, 512 << 10, 1 << 20]).MinBy(static size =>
    {
        byte[] buffer = new byte[size];
        ReadThrough(buffer);
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        ReadThrough(buffer);
        return System.Diagnostics.Stopwatch.GetElapsedTime(start);
    });
}

/// <summary>The same of a file that the system keeps page by page, because it was written so.</summary>
public class FileScanningPageByPage : FileScanning
{
    private protected override int Piece => (int)ByteSize.Page.Bytes;
}

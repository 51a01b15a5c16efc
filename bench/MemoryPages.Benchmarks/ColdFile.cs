using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>A file of 1 GiB that is on the disk only, read from start to end.</summary>
[BenchmarkCategory("Files")]
[WarmupCount(1)]
[IterationCount(3)]
[InvocationCount(1, 1)]
public partial class ColdFile
{
    /// <summary>For measuring in turns: the speed of a disk that others use too changes from second to second.</summary>
    public const int Parts = 4;

    private const int Part = BenchmarkFile.Length / Parts;

    [IterationSetup]
    public void Setup() => BenchmarkFile.Evict();

    /// <summary>The device's own rate.</summary>
    [Benchmark(Baseline = true)]
    public void DiskDump() => Dump("bs=1M");

    [Benchmark]
    public ulong PagesPlain() => Scan(Advice.Normal);

    [Benchmark]
    public ulong PagesSequential() => Scan(Advice.Sequential);

    /// <summary>Read in pieces of a huge page, where the file system can keep such: later passes over the file have less to enter then.</summary>
    [Benchmark]
    public ulong PagesHuge() => Scan(Advice.HugePage);

    /// <summary>In windows, while another thread enters the pages that come next.</summary>
    [Benchmark]
    public ulong PagesScan()
    {
        using Pages<ReadOnly> pages = Pages.Map(BenchmarkFile.Path);
        return Sum.Of(pages.Scan());
    }

    private static ulong Scan(Advice advice)
    {
        using Pages<ReadOnly> pages = Pages.Map(BenchmarkFile.Path);
        pages.Advise(advice);
        using ReadView view = pages.Read();
        return Sum.Of(view.Span);
    }

    /// <returns>Seconds.</returns>
    internal static double ScanPart(int part)
    {
        BenchmarkFile.Evict(part * Part, Part);
        var watch = Stopwatch.StartNew();
        using Pages<ReadOnly> pages = Pages.Map(BenchmarkFile.Path, new() { Offset = part * (long)Part, Length = Part });
        using ReadView view = pages.Read();
        Sum.Of(view.Span);
        return watch.Elapsed.TotalSeconds;
    }

    /// <returns>Seconds, as dd tells them: starting it does not count.</returns>
    internal static double DumpPart(int part)
    {
        BenchmarkFile.Evict(part * Part, Part);
        int mebibytes = Part >> 20;
        string told = Dump("bs=1M", $"skip={part * mebibytes}", $"count={mebibytes}");
        return double.Parse(Seconds().Match(told).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    private static string Dump(params string[] wishes)
    {
        var start = new ProcessStartInfo("dd", ["if=" + BenchmarkFile.Path, "of=/dev/null", .. wishes]) { RedirectStandardError = true };
        start.Environment["LC_ALL"] = "C";
        using Process dump = Process.Start(start)!;
        string told = dump.StandardError.ReadToEnd();
        dump.WaitForExit();
        return told;
    }

    [GeneratedRegex(@"copied, ([0-9.e-]+) s")]
    private static partial Regex Seconds();
}

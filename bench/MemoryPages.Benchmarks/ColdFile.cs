using System.Diagnostics;
using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>A file of 1 GiB that is on the disk only, read from start to end.</summary>
[BenchmarkCategory("Files")]
[WarmupCount(1)]
[IterationCount(3)]
[InvocationCount(1, 1)]
public class ColdFile
{
    [IterationSetup]
    public void Setup() => BenchmarkFile.Evict();

    /// <summary>The device's own rate.</summary>
    [Benchmark(Baseline = true)]
    public void DiskDump()
    {
        using Process dump = Process.Start(new ProcessStartInfo("dd", ["if=" + BenchmarkFile.Path, "of=/dev/null", "bs=1M"]) { RedirectStandardError = true })!;
        dump.StandardError.ReadToEnd();
        dump.WaitForExit();
    }

    [Benchmark]
    public ulong PagesPlain() => Scan(Advice.Normal);

    [Benchmark]
    public ulong PagesSequential() => Scan(Advice.Sequential);

    /// <summary>Read in pieces of a huge page, where the file system can keep such: later passes over the file have less to enter then.</summary>
    [Benchmark]
    public ulong PagesHuge() => Scan(Advice.HugePage);

    private static ulong Scan(Advice advice)
    {
        using Pages<ReadOnly> pages = Pages.Map(BenchmarkFile.Path);
        pages.Advise(advice);
        using ReadView view = pages.Read();
        return Sum.Of(view.Span);
    }
}

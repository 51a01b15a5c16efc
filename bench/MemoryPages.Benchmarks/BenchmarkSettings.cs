using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Filters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace MemoryPages.Benchmarks;

/// <summary>How BenchmarkDotNet is to run: all of it in a few minutes, and its chatter in a file.</summary>
internal static class BenchmarkSettings
{
    public static string ArtifactsFolder { get; } = Path.Combine(Directory.GetCurrentDirectory(), "artifacts", "bench");

    /// <summary>Without a filter BenchmarkDotNet asks what to run; one command is to run all.</summary>
    public static string[] WithDefaultFilter(string[] arguments) =>
        arguments.Any(argument => argument is "--filter" or "-f" or "--list" or "--help" or "--info" or "--version") ? arguments : [.. arguments, "--filter", "*"];

    public static IConfig ForTelling() => ManualConfig.CreateEmpty().AddLogger(ConsoleLogger.Default);

    public static IConfig ForRunning()
    {
        // In one process: no build for each benchmark, and rivals meet the same heap and address space. Short iterations, many of them, so that
        // the median passes over what else the machine does.
        Job job = Job.Default
            .WithToolchain(InProcessEmitToolchain.Instance)
            .WithIterationTime(TimeInterval.FromMilliseconds(50))
            .WithWarmupCount(6)
            .WithIterationCount(21);

        ManualConfig config = ManualConfig.CreateEmpty()
            .WithArtifactsPath(ArtifactsFolder)
            .AddJob(job)
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddExporter(JsonExporter.Full)
            .AddLogger(new ErrorLogger())
            .AddEventProcessor(new ResultTables());

        return HugePagePool.CanBeRaised(ByteSize.FiftyMegabytes.Bytes)
            ? config
            : config.AddFilter(new SimpleFilter(benchmark => benchmark.Descriptor.WorkloadMethod.Name != nameof(HugeTouching.PagesExplicitHuge)));
    }
}

/// <summary>Passes on what is wrong and nothing else: all of it is in the log file beside the results.</summary>
internal sealed class ErrorLogger : ILogger
{
    public string Id => nameof(ErrorLogger);

    public int Priority => 0;

    public void Write(LogKind logKind, string text)
    {
        if (logKind == LogKind.Error)
        {
            Console.Error.Write(text);
        }
    }

    public void WriteLine()
    {
    }

    public void WriteLine(LogKind logKind, string text)
    {
        if (logKind == LogKind.Error)
        {
            Console.Error.WriteLine(text);
        }
    }

    public void Flush()
    {
    }
}

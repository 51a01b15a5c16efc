using System.Globalization;
using BenchmarkDotNet.EventProcessors;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MemoryPages.Benchmarks;

/// <summary>A table for each class of benchmarks as soon as it is done, and a line meanwhile that says what is running.</summary>
internal sealed class ResultTables : EventProcessor
{
    private static readonly bool s_isTerminal = !Console.IsOutputRedirected;

    public override void OnStartRunBenchmark(BenchmarkCase benchmarkCase) => ShowProgress(BenchmarkResults.NameOf(benchmarkCase));

    public override void OnEndRunBenchmarksInType(Type type, Summary summary)
    {
        ShowProgress("");
        Table table = new Table { Title = new TableTitle(type.Name, new Style(decoration: Decoration.Bold)), Border = TableBorder.Rounded }
            .AddColumn(new TableColumn("benchmark").NoWrap())
            .AddColumn(new TableColumn("median").RightAligned())
            .AddColumn(new TableColumn("deviation").RightAligned())
            .AddColumn(new TableColumn("× baseline").RightAligned())
            .AddColumn(new TableColumn("allocated").RightAligned());

        string? previousParameters = null;
        foreach (BenchmarkReport report in summary.Reports)
        {
            BenchmarkCase benchmark = report.BenchmarkCase;
            string parameters = string.Join(", ", benchmark.Parameters.Items.Select(item => $"{item.Name}: {item.Value}"));
            if (parameters != previousParameters && parameters.Length != 0)
            {
                table.AddRow($"[bold]{Markup.Escape(parameters)}[/]");
            }

            previousParameters = parameters;
            table.AddRow(Row(benchmark, BenchmarkResult.Of(report), BaselineOf(benchmark, summary)));
        }

        AnsiConsole.Write(table);
    }

    private static IRenderable[] Row(BenchmarkCase benchmark, BenchmarkResult? result, BenchmarkResult? baseline)
    {
        IRenderable name = new Padder(new Text(benchmark.Descriptor.WorkloadMethod.Name), new Padding(2, 0, 0, 0));
        if (result is null)
        {
            return [name, new Markup("[red]failed[/]")];
        }

        string ratio = baseline is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{result.Nanoseconds / baseline.Nanoseconds:0.00}");
        string allocated = result.AllocatedBytes == 0 ? "-" : string.Create(CultureInfo.InvariantCulture, $"{result.AllocatedBytes:N0} B");
        return [name, new Text(Duration.Text(result.Nanoseconds)), new Text(Duration.Text(result.Deviation)), new Text(ratio), new Text(allocated)];
    }

    private static BenchmarkResult? BaselineOf(BenchmarkCase benchmark, Summary summary) =>
        summary.Reports.FirstOrDefault(report => report.BenchmarkCase.Descriptor.Baseline
            && report.BenchmarkCase.Parameters.DisplayInfo == benchmark.Parameters.DisplayInfo) is { } baseline
            ? BenchmarkResult.Of(baseline)
            : null;

    private static void ShowProgress(string text)
    {
        if (s_isTerminal)
        {
            Console.Write($"\r\e[2K{text}");
        }
    }
}

/// <summary>Nanoseconds in the unit that people would say them in.</summary>
internal static class Duration
{
    public static string Text(double nanoseconds) => nanoseconds switch
    {
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds:0.00} ns"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1_000:0.00} µs"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1_000_000:0.00} ms"),
    };
}

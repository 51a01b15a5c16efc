using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace MemoryPages.Benchmarks;

/// <summary>The claims for people, and the same for machines.</summary>
internal static class ClaimsReport
{
    private const int BarLength = 24;

    private static readonly JsonSerializerOptions s_format = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // no browser reads it: "+" stays "+"
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static void Show(IReadOnlyList<Outcome> outcomes)
    {
        Table table = new Table { Title = new TableTitle("Claims", new Style(decoration: Decoration.Bold)), Border = TableBorder.Rounded }
            .AddColumn(new TableColumn("claim"))
            .AddColumn(new TableColumn("measured").RightAligned().NoWrap())
            .AddColumn(new TableColumn("limit").RightAligned().NoWrap())
            .AddColumn(new TableColumn("0 ... limit (┃)").NoWrap())
            .AddColumn(new TableColumn("verdict").NoWrap());
        foreach (Outcome outcome in outcomes)
        {
            table.AddRow(
                new Markup(Markup.Escape(outcome.Claim.Name) + Remark(outcome)),
                new Text(outcome.Measured is { } measured ? Quantity(measured, outcome.Claim.Measure) : "-"),
                new Text(Quantity(outcome.Claim.Limit, outcome.Claim.Measure)),
                new Markup(Bar(outcome)),
                new Markup(VerdictText(outcome.Verdict)));
        }

        AnsiConsole.Write(table);
    }

    public static void Write(IReadOnlyList<Outcome> outcomes, string folder)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, "claims.json");
        var document = new
        {
            Taken = DateTimeOffset.UtcNow,
            System = RuntimeInformation.OSDescription,
            Runtime = RuntimeInformation.FrameworkDescription,
            Processors = Environment.ProcessorCount,
            Claims = outcomes.Select(outcome => new
            {
                outcome.Claim.Name,
                outcome.Claim.Numerator,
                outcome.Claim.Denominator,
                outcome.Claim.Measure,
                outcome.Claim.Limit,
                outcome.Measured,
                outcome.BenchmarkRatio,
                IsMeasuredInTurns = outcome.Claim.InTurns is not null,
                outcome.Verdict,
                outcome.Obstacle,
            }),
        };
        File.WriteAllText(path, JsonSerializer.Serialize(document, s_format) + "\n");
        AnsiConsole.MarkupLineInterpolated($"[grey]{path}, and every measurement in {Path.Combine(folder, "results")}[/]");
    }

    /// <summary>As long as the share of the limit that was used, with a mark where the limit is.</summary>
    private static string Bar(Outcome outcome)
    {
        if (outcome.Measured is not { } measured)
        {
            return "";
        }

        const int Mark = BarLength * 3 / 4;
        double share = outcome.Claim.Limit != 0 ? measured / outcome.Claim.Limit : measured == 0 ? 0 : double.PositiveInfinity;
        int filled = (int)Math.Min(BarLength, Math.Round(share * Mark));
        string bar = new string('█', filled) + new string('░', BarLength - filled);
        return $"[{(outcome.Verdict == Verdict.Met ? "green" : "red")}]{bar[..Mark]}[/]┃[{(outcome.Verdict == Verdict.Met ? "grey" : "red")}]{bar[Mark..]}[/]";
    }

    private static string Remark(Outcome outcome)
    {
        string? remark = outcome switch
        {
            { Obstacle: { } obstacle } => $"not possible here: {obstacle}",
            { Claim.Measure: Measure.Nanoseconds, BenchmarkRatio: { } ratio } => string.Create(CultureInfo.InvariantCulture, $"{ratio:0.000} × what it stands beside"),
            { Claim.InTurns: not null, BenchmarkRatio: { } ratio } => string.Create(
                CultureInfo.InvariantCulture, $"taken in turns; one after the other: {ratio:0.00}"),
            _ => null,
        };
        return remark is null ? "" : $"\n[grey]{Markup.Escape(remark)}[/]";
    }

    private static string Quantity(double value, Measure measure) => measure switch
    {
        Measure.Nanoseconds => Duration.Text(value),
        Measure.AllocatedBytes => string.Create(CultureInfo.InvariantCulture, $"{value:N0} B"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value:0.000} ×"),
    };

    private static string VerdictText(Verdict verdict) => verdict switch
    {
        Verdict.Met => "[green]met[/]",
        Verdict.NotMet => "[red]NOT met[/]",
        Verdict.NotPossibleHere => "[yellow]not possible here[/]",
        _ => "[grey]not in this run[/]",
    };
}

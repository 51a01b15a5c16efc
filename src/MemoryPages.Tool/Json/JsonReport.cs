using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Json;

/// <summary>One document for machines, on standard output.</summary>
internal static class JsonReport
{
    // For a pipe, not for a web page: Pages<ReadOnly> may stay as it is.
    private static readonly ReportJsonContext s_json = new(new JsonSerializerOptions(ReportJsonContext.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    private static string Version =>
        Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    public static int Write(Tour tour)
    {
        StepReport[] steps = [.. tour.Walk()];
        int exitCode = Array.Exists(steps, static step => step.Outcome == Outcome.Failed) ? ExitCode.Failed : ExitCode.Success;
        var document = new TourDocument(Version, tour.File, SystemFacts.All(), steps, exitCode);
        Console.Out.WriteLine(JsonSerializer.Serialize(document, s_json.TourDocument));
        return exitCode;
    }

    public static int Write(IEnumerable<SectionReport> sections)
    {
        Console.Out.WriteLine(JsonSerializer.Serialize(new DoctorReport(Version, SystemFacts.All(), [.. sections]), s_json.DoctorReport));
        return ExitCode.Success;
    }
}

/// <summary>The tour's document.</summary>
internal sealed record TourDocument(
    string Version, string File, IReadOnlyList<SystemFact> System, IReadOnlyList<StepReport> Steps, int ExitCode);

using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Json;

/// <summary>The tour as one document for machines, on standard output.</summary>
internal static class JsonReport
{
    // For a pipe, not for a web page: Pages<ReadOnly> may stay as it is.
    private static readonly TourJsonContext s_json = new(new JsonSerializerOptions(TourJsonContext.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static int Write(Tour tour)
    {
        StepReport[] steps = [.. tour.Walk()];
        int exitCode = Array.Exists(steps, static step => step.Outcome == Outcome.Failed) ? ExitCode.Failed : ExitCode.Success;
        var document = new TourDocument(
            Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "",
            tour.File,
            SystemFact.All(),
            steps,
            exitCode);
        Console.Out.WriteLine(JsonSerializer.Serialize(document, s_json.TourDocument));
        return exitCode;
    }
}

/// <summary>The document.</summary>
internal sealed record TourDocument(
    string Version, string File, IReadOnlyList<SystemFact> System, IReadOnlyList<StepReport> Steps, int ExitCode);

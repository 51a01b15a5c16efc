using System.Globalization;
using MemoryPages.Tool.Model;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MemoryPages.Tool.Terminal;

/// <summary>One step: what it runs, what the system says, what was measured, what holds.</summary>
internal static class StepPicture
{
    public static void Draw(IAnsiConsole console, StepReport report, int number, int count)
    {
        console.WriteLine();
        string place = string.Create(CultureInfo.InvariantCulture, $"{number}/{count}");
        console.Write(new Rule($"[bold]{place}  {Markup.Escape(report.Title)}[/]") { Justification = Justify.Left, Style = Look.Accent });
        console.Write(new Padder(new Text(report.Lesson, Look.Quiet), new Padding(0, 0, 0, 1)));

        foreach (IRenderable part in Parts(report, console.Profile.Width))
        {
            console.Write(part);
        }
    }

    private static IEnumerable<IRenderable> Parts(StepReport report, int width)
    {
        yield return CodePicture.Of(report.Lines);
        if (report.Snapshots.Count > 0)
        {
            yield return SnapshotPicture.Of(report.Snapshots, width);
        }

        if (report.Supported.Count > 0)
        {
            yield return SupportPicture.Of(report.Supported);
        }

        foreach (IRenderable chart in MeasurementPicture.Of(report.Measurements))
        {
            yield return chart;
        }

        foreach (Quotation quotation in report.Quotations)
        {
            yield return new Panel(new Text(quotation.Text))
            {
                Header = Look.Header($"[bold]{Markup.Escape(quotation.Speaker)}[/]"),
                Border = BoxBorder.Rounded,
                BorderStyle = new Style(Color.Yellow),
                Padding = new Padding(1, 0),
                Expand = true,
            };
        }

        foreach (Claim claim in report.Claims)
        {
            yield return new Markup($" {Look.Of(claim.Holds)} {Markup.Escape(claim.Text)}\n");
        }

        if (report.Outcome != Outcome.Ok)
        {
            yield return new Markup($" {Look.Of(report.Outcome)}: {Markup.Escape(report.Summary)}\n");
        }
    }
}

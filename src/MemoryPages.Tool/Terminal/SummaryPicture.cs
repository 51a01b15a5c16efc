using System.Globalization;
using MemoryPages.Tool.Model;
using Spectre.Console;

namespace MemoryPages.Tool.Terminal;

/// <summary>The whole tour on one screen.</summary>
internal static class SummaryPicture
{
    public static void Draw(IAnsiConsole console, IReadOnlyList<StepReport> reports)
    {
        var table = new Table { Border = TableBorder.Rounded, BorderStyle = Look.Frame, Expand = true };
        table.AddColumn(new TableColumn("[grey62]#[/]").RightAligned().NoWrap());
        table.AddColumn(new TableColumn("[grey62]step[/]").NoWrap());
        table.AddColumn(new TableColumn("[grey62]what the system said[/]"));
        table.AddColumn(new TableColumn("[grey62]outcome[/]").NoWrap());
        for (int i = 0; i < reports.Count; i++)
        {
            StepReport report = reports[i];
            table.AddRow(
                new Text((i + 1).ToString(CultureInfo.InvariantCulture), Look.Quiet),
                new Text(report.Title),
                new Text(report.Summary),
                new Markup(Look.Of(report.Outcome)));
        }

        console.WriteLine();
        console.Write(new Rule("[bold]Summary[/]") { Justification = Justify.Left, Style = Look.Accent });
        console.Write(table);
    }
}

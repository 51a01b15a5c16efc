using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;
using Spectre.Console;

namespace MemoryPages.Tool.Terminal;

/// <summary>The tour as pictures for people: each step is drawn when it has run.</summary>
internal static class TerminalReport
{
    public static int Write(Tour tour)
    {
        IAnsiConsole console = Output.Open();
        Welcome(console, tour);
        var reports = new List<StepReport>();
        foreach (StepReport report in tour.Walk())
        {
            reports.Add(report);
            StepPicture.Draw(console, report, reports.Count, Tour.Length);
        }

        SummaryPicture.Draw(console, reports);
        return reports.Exists(static report => report.Outcome == Outcome.Failed) ? ExitCode.Failed : ExitCode.Success;
    }

    private static void Welcome(IAnsiConsole console, Tour tour)
    {
        var facts = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn();
        foreach (SystemFact fact in SystemFacts.All())
        {
            facts.AddRow(new Text(fact.Name, Look.Quiet), new Text(fact.Value));
        }

        facts.AddRow(new Text("file", Look.Quiet), new TextPath(tour.File));
        facts.AddRow(new Text("rehearsal", Look.Quiet), new Text("each step runs once unseen first: the faults shown are the memory's, not the compiler's"));
        console.WriteLine();
        console.Write(new Panel(facts)
        {
            Header = Look.Header("[bold]MemoryPages[/] · a tour on this machine"),
            Border = BoxBorder.Rounded,
            BorderStyle = Look.Frame,
            Padding = new Padding(2, 1),
        });
    }
}

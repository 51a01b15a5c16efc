using MemoryPages.Tool.Model;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MemoryPages.Tool.Terminal;

/// <summary>A finding: what there is on one line, and below it, where that is not enough, why it matters and what to type.</summary>
internal static class FindingPicture
{
    private const int NameWidth = 31;
    private const int Indentation = 3;

    /// <summary>In a terminal as narrow as this, what was found goes below its name.</summary>
    private const int Narrow = 72;

    public static IEnumerable<IRenderable> Of(Finding finding, int width)
    {
        string sign = $" {Look.Of(finding.Status)} ";
        if (width < Narrow)
        {
            yield return new Markup($"{sign}[bold]{Markup.Escape(finding.Name)}[/]\n");
            yield return Below(new Text(finding.Found));
        }
        else
        {
            yield return new Grid { Expand = true }
                .AddColumn(new GridColumn().Width(Indentation).Padding(0, 0).NoWrap())
                .AddColumn(new GridColumn().Width(NameWidth).Padding(0, 0, 1, 0))
                .AddColumn(new GridColumn().Padding(0, 0))
                .AddRow(new Markup(sign), new Markup($"[bold]{Markup.Escape(finding.Name)}[/]"), new Text(finding.Found));
        }

        if (finding.Status == FindingStatus.Ok)
        {
            yield break;
        }

        yield return Below(new Text(finding.Why, Look.Quiet));
        foreach (IGrouping<string, Remedy> remedies in finding.Remedies.GroupBy(Heading))
        {
            yield return Below(new Text(remedies.Key));
            foreach (Remedy remedy in remedies.Where(static remedy => remedy.Command is not null))
            {
                yield return new CommandLineText(remedy.Command!, Indentation + 2);
            }
        }

        if (finding.Obstacle is { } obstacle)
        {
            yield return Below(new Text(obstacle));
        }
    }

    private static string Heading(Remedy remedy)
    {
        string when = remedy.When == When.Now ? "now" : "at each boot";
        string who = remedy.NeedsRoot && remedy.Command is not null ? ", as root" : "";
        return when + who + (remedy.Command is null ? $": {remedy.Words}" : remedy.Words is null ? ":" : $" ({remedy.Words}):");
    }

    private static Padder Below(IRenderable text) => new(text, new Padding(Indentation, 0, 0, 0));
}

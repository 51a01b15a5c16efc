using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MemoryPages.Tool.Terminal;

/// <summary>What the doctor finds, for people: each section is drawn when it was looked at.</summary>
internal static class DoctorPicture
{
    public static int Draw(IAnsiConsole console, IEnumerable<SectionReport> sections)
    {
        foreach (SystemFact fact in SystemFacts.All().Take(3))
        {
            console.Write(new Markup($"[grey62]{Markup.Escape(fact.Name),-11}[/]{Markup.Escape(fact.Value)}\n"));
        }

        var found = new List<Finding>();
        foreach (SectionReport section in sections)
        {
            console.WriteLine();
            console.Write(new Rule($"[bold]{Markup.Escape(section.Title)}[/] [grey62]({section.Name})[/]") 
            {
                Justification = Justify.Left,
                Style = Look.Accent,
            });
            foreach (IRenderable part in Rows(section, console.Profile.Width))
            {
                console.Write(part);
            }

            found.AddRange(section.Findings);
        }

        string Counted(FindingStatus status) => $"{Look.Of(status)} {found.Count(finding => finding.Status == status)}";
        console.WriteLine();
        console.Write(new Markup($" {Counted(FindingStatus.Ok)} ok   {Counted(FindingStatus.Limited)} limited   {Counted(FindingStatus.Missing)} missing\n"));
        return ExitCode.Success;
    }

    /// <summary>What says no more than that it is there needs no line of its own.</summary>
    private static IEnumerable<IRenderable> Rows(SectionReport section, int width)
    {
        Finding[] plain = [.. section.Findings.Where(static finding => finding is { Status: FindingStatus.Ok, Found: Finding.Supported })];
        if (plain.Length > 0)
        {
            IEnumerable<Markup> cells = plain.Select(static finding => new Markup($" {Look.Of(finding.Status)} {Markup.Escape(finding.Name)}"));
            yield return new Columns(cells) { Expand = false };
        }

        foreach (IRenderable part in section.Findings.Except(plain).SelectMany(finding => FindingPicture.Of(finding, width)))
        {
            yield return part;
        }
    }
}

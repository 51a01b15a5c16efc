using MemoryPages.Tool.Model;
using Spectre.Console;

namespace MemoryPages.Tool.Terminal;

/// <summary>The colours, and the signs that say the same where there is no colour.</summary>
internal static class Look
{
    public static Style Frame { get; } = new(Color.Grey42);

    public static Style Quiet { get; } = new(Color.Grey62);

    public static Style Accent { get; } = new(Color.SkyBlue1);

    /// <summary>Bars of one chart, in order: what to compare with comes first and is paler.</summary>
    public static IReadOnlyList<Color> Bars { get; } = [Color.Grey58, Color.SkyBlue1, Color.SpringGreen3];

    /// <summary>Set off from the frame by brackets: blanks at its ends would be cut away.</summary>
    public static PanelHeader Header(string markup) => new($"┤ {markup} ├");

    public static string Of(Outcome outcome) => outcome switch
    {
        Outcome.Ok => "[green]✓ ok[/]",
        Outcome.Refused => "[yellow]! refused[/]",
        Outcome.Skipped => "[grey62]– skipped[/]",
        _ => "[bold red]✗ failed[/]",
    };

    public static string Of(FindingStatus status) => status switch
    {
        FindingStatus.Ok => "[green]✓[/]",
        FindingStatus.Limited => "[yellow]![/]",
        _ => "[bold red]✗[/]",
    };

    public static string Of(bool holds) => holds ? "[green]✓[/]" : "[bold red]✗[/]";
}

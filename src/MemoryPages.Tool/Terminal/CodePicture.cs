using System.Text.RegularExpressions;
using MemoryPages.Tool.Model;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MemoryPages.Tool.Terminal;

/// <summary>Lines of C#, coloured, and beside each what it asks of the kernel.</summary>
internal static partial class CodePicture
{
    public static IRenderable Of(IReadOnlyList<CodeLine> lines)
    {
        bool asks = lines.Any(static line => line.Asks.Length != 0);
        var table = new Table { Border = TableBorder.None, ShowHeaders = false };
        table.AddColumn(new TableColumn("").PadLeft(0).PadRight(2).NoWrap());
        if (asks)
        {
            table.AddColumn(new TableColumn("").PadLeft(0).PadRight(0));
        }

        foreach (CodeLine line in lines)
        {
            IRenderable code = new Markup(Colour(line.Text));
            table.AddRow(asks ? [code, new Text(line.Asks is "" or ['—', ..] ? line.Asks : "→ " + line.Asks, Look.Quiet)] : [code]);
        }

        return new Panel(table)
        {
            Header = Look.Header(asks ? "C#  → native calls  … at the end of the block" : "C#"),
            Border = BoxBorder.Rounded,
            BorderStyle = Look.Frame,
            Padding = new Padding(1, 0),
            Expand = true,
        };
    }

    private static string Colour(string code) => Token().Replace(code, static token =>
    {
        string text = Markup.Escape(token.Value);
        return token.Groups["comment"].Success ? $"[grey62]{text}[/]"
            : token.Groups["text"].Success ? $"[orange3]{text}[/]"
            : token.Groups["keyword"].Success ? $"[deepskyblue1]{text}[/]"
            : token.Groups["type"].Success ? $"[aquamarine3]{text}[/]"
            : token.Groups["number"].Success ? $"[darkseagreen2]{text}[/]"
            : text;
    });

    /// <summary>Every character is in some token, so that all brackets come to be escaped.</summary>
    [GeneratedRegex("""
        (?<comment>//.*$)
        |(?<text>'[^']*'|"[^"]*")
        |(?<keyword>\b(?:using|var|new|for|foreach|in|if|byte|int|long|bool|nuint|delegate|unmanaged)\b)
        |(?<type>(?<!\.)\b[A-Z]\w*(?=[\s<.>)]))
        |(?<number>\b(?:0x[0-9A-F]+|\d+)\b)
        |\w+|.
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture)]
    private static partial Regex Token();
}

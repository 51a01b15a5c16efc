using MemoryPages.Tool.Model;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MemoryPages.Tool.Terminal;

/// <summary>What the running kernel has, in columns.</summary>
internal static class SupportPicture
{
    private const int ColumnCount = 5;

    public static IRenderable Of(IReadOnlyList<Support> supported)
    {
        var grid = new Grid { Expand = true };
        for (int i = 0; i < ColumnCount; i++)
        {
            grid.AddColumn(new GridColumn().NoWrap());
        }

        // Down the columns, as the eye reads a list.
        int height = (supported.Count + ColumnCount - 1) / ColumnCount;
        for (int row = 0; row < height; row++)
        {
            grid.AddRow([.. Enumerable.Range(0, ColumnCount).Select(column => Cell(supported, (column * height) + row))]);
        }

        return new Panel(grid)
        {
            Header = Look.Header("taken by the running kernel"),
            Border = BoxBorder.Rounded,
            BorderStyle = Look.Frame,
            Padding = new Padding(1, 0),
            Expand = true,
        };
    }

    private static IRenderable Cell(IReadOnlyList<Support> supported, int index) => index >= supported.Count
        ? Text.Empty
        : new Markup(supported[index].IsSupported
            ? $"{Look.Of(true)} {Markup.Escape(supported[index].Name)}"
            : $"[grey62]· {Markup.Escape(supported[index].Name)}[/]");
}

using Spectre.Console;
using Spectre.Console.Rendering;

namespace MemoryPages.Tool.Terminal;

/// <summary>A line that is to be copied: indented, and never broken, however narrow the terminal is, since a break would be copied too.</summary>
internal sealed class CommandLineText(string text, int indentation) : IRenderable
{
    private static readonly Style s_style = new(Color.SkyBlue1);

    public Measurement Measure(RenderOptions options, int maxWidth) => new(maxWidth, maxWidth);

    public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
        [Segment.Padding(indentation), new Segment(text, s_style), Segment.LineBreak];
}

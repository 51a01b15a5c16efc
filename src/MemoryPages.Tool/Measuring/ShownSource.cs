using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Measuring;

/// <summary>The lines of a step that are marked to be shown, out of the source that this program was compiled from.</summary>
internal static class ShownSource
{
    private const string Mark = "//>";

    /// <summary>How deep the body of a method stands.</summary>
    private const int Indentation = 8;

    private const int Level = 4;

    public static IReadOnlyList<CodeLine> Of(Type step)
    {
        using Stream stream = step.Assembly.GetManifestResourceStream(step.Name)
            ?? throw new InvalidOperationException($"The source of {step.Name} is not in this program: its file must bear its name.");
        using var reader = new StreamReader(stream);
        var lines = new List<CodeLine>();
        while (reader.ReadLine() is { } line)
        {
            int mark = line.IndexOf(Mark, StringComparison.Ordinal);
            if (mark > 0)
            {
                string code = line[..mark].TrimEnd();
                string asks = line[(mark + Mark.Length)..];
                int deeper = asks.Length - asks.TrimStart('>').Length;
                int indentation = code.Length - code.AsSpan().TrimStart().Length;
                lines.Add(new CodeLine(code[Math.Min(indentation, Indentation + (deeper * Level))..], asks[deeper..].Trim()));
            }
        }

        return lines;
    }
}

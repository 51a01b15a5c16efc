using Spectre.Console;

namespace MemoryPages.Tool.Terminal;

/// <summary>Where pictures go.</summary>
internal static class Output
{
    /// <summary>Lines longer than this are hard to read, however wide the terminal is.</summary>
    private const int Widest = 120;

    /// <summary>What is not a terminal has no width.</summary>
    private const int WidthOfPipes = 100;

    /// <summary>Standard output. A pipe gets plain text, whatever the terminal beside it could show.</summary>
    public static IAnsiConsole Open()
    {
        bool piped = Console.IsOutputRedirected;
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = piped ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = piped ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
        });
        console.Profile.Width = piped ? WidthOfPipes : Math.Min(console.Profile.Width, Widest);
        return console;
    }
}

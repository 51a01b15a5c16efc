using System.CommandLine;
using MemoryPages.Tool.Examining;
using MemoryPages.Tool.Json;
using MemoryPages.Tool.Model;
using MemoryPages.Tool.Terminal;

namespace MemoryPages.Tool;

/// <summary>The words that a user may type after <c>mempages</c>, and the exit codes that they get.</summary>
internal static class CommandLine
{
    private const string Description = """
        MemoryPages: the operating system's memory for .NET, whole pages at a time.

        Exit codes:
          0  every step of the tour did what it says; where a limit of this system stood in the way, that is shown.
             The doctor ends so whatever it finds
          1  a step failed: the system refused what it should grant, or did not do what was asked
          2  the command line makes no sense, or names a file that cannot be shown
        """;

    public static int Run(IReadOnlyList<string> arguments)
    {
        var file = new Option<FileInfo?>("--file")
        {
            Description = "A file to map and count the lines of. Without it: the largest file of the .NET runtime in use.",
            HelpName = "path",
        };
        file.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var path }] && TourFile.ProblemOf(path) is { } problem)
            {
                result.AddError(problem);
            }
        });
        var json = new Option<bool>("--json") { Description = "One JSON document for machines instead of pictures.", Recursive = true };

        var tour = new Command("tour", "Walks through what the library does, on real memory and a real file. This is the default.") { file };
        Command doctor = DoctorCommand(json);
        var descriptor = new Argument<int>("descriptor");
        var peer = new Command(Peer.Command) { descriptor };
        peer.Hidden = true; // the tour's own
        peer.SetAction(result => Peer.Serve(result.GetValue(descriptor)));
        var root = new RootCommand(Description) { file, json, tour, doctor, peer };
        root.SetAction(Tour);
        tour.SetAction(Tour);

        ParseResult parsed = root.Parse(arguments);
        if (parsed.Errors.Count == 0)
        {
            return parsed.Invoke();
        }

        // Not the parser's own report: that prints the whole help on standard output, which belongs to the JSON.
        foreach (string message in parsed.Errors.Select(static error => error.Message).Distinct())
        {
            Console.Error.WriteLine($"mempages: {message}");
        }

        Console.Error.WriteLine("Try 'mempages --help'.");
        return ExitCode.BadUsage;

        int Tour(ParseResult result) => Walk(result.GetValue(file), result.GetValue(json));
    }

    private static Command DoctorCommand(Option<bool> json)
    {
        string names = string.Join(", ", Doctor.SectionNames);
        var only = new Option<string[]>("--only")
        {
            Description = $"The sections to look at, with commas between them: {names}. Without it: all.",
            HelpName = "sections",
            CustomParser = static result => [.. result.Tokens.SelectMany(static token => Split(token.Value))],
        };
        only.Validators.Add(result =>
        {
            foreach (string unknown in result.Tokens.SelectMany(static token => Split(token.Value)).Except(Doctor.SectionNames))
            {
                result.AddError($"There is no section '{unknown}'; there are {names}.");
            }
        });
        var path = new Option<DirectoryInfo>("--path")
        {
            Description = "The folder whose file system is looked at. Without it: the current one.",
            HelpName = "folder",
            DefaultValueFactory = static _ => new DirectoryInfo("."),
        };
        path.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var named }] && !Directory.Exists(named))
            {
                result.AddError($"There is no folder '{named}'.");
            }
        });
        var doctor = new Command("doctor", """
            What this machine offers, and for what is missing or limited the command that would turn it on.
            Nothing is changed. Ends with 0 whatever it finds: what is found is for the reader, or --json, to judge.
            """) { only, path };
        doctor.SetAction(result => Examine(result.GetValue(path)!.FullName, result.GetValue(only) ?? [], result.GetValue(json)));
        return doctor;

        static string[] Split(string sections) => sections.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private static int Walk(FileInfo? file, bool json)
    {
        if (!IsReadable("tour"))
        {
            return ExitCode.Failed;
        }

        var tour = new Tour(file is null ? TourFile.OfThisSystem() : TourFile.BehindLinks(file).FullName);
        return json ? JsonReport.Write(tour) : TerminalReport.Write(tour);
    }

    private static int Examine(string path, string[] only, bool json)
    {
        if (!IsReadable("doctor"))
        {
            return ExitCode.Failed;
        }

        IEnumerable<SectionReport> sections = new Doctor(new ExaminedMachine(SystemFiles.Own, path)).Examine(only);
        return json ? JsonReport.Write(sections) : DoctorPicture.Draw(Output.Open(), sections);
    }

    private static bool IsReadable(string command)
    {
        if (!OperatingSystem.IsLinux())
        {
            Console.Error.WriteLine($"mempages: the {command} reads what the system says from Linux' /proc, which this system does not have.");
        }

        return OperatingSystem.IsLinux();
    }
}

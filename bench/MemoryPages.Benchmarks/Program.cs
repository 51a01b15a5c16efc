using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using MemoryPages.Benchmarks;
using Spectre.Console;

// Everything that is not ours is BenchmarkDotNet's: --filter '*Views*', --list flat, --help.
if (args is [ListLife.Argument, var list])
{
    ListLife.Run(list);
    return 0;
}

const string Strict = "--strict";
bool isStrict = args.Contains(Strict);
string[] wishes = [.. args.Where(argument => argument != Strict)];
bool onlyTells = wishes.Any(argument => argument is "--list" or "--help" or "--info" or "--version");

// In a file or a pipe nobody wraps lines at 80, and colours are noise.
if (Console.IsOutputRedirected)
{
    AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
    AnsiConsole.Profile.Width = 140;
}

IReadOnlyList<Summary> summaries = [.. BenchmarkSwitcher
    .FromAssembly(typeof(Program).Assembly)
    .Run(BenchmarkSettings.WithDefaultFilter(wishes), onlyTells ? BenchmarkSettings.ForTelling() : BenchmarkSettings.ForRunning())];

if (onlyTells)
{
    return 0;
}

var results = new BenchmarkResults(summaries);
if (results.Count == 0)
{
    return 2;
}

IReadOnlyList<Outcome> outcomes = [.. Claims.All.Select(claim => Outcome.Of(claim, results))];
ClaimsReport.Show(outcomes);
ClaimsReport.Write(outcomes, BenchmarkSettings.ArtifactsFolder);

// A benchmark that failed, or none to run, is a defect or a mistake and not a slow library: an error without being asked.
return results.Failed.Count != 0 ? 2 : isStrict && outcomes.Any(outcome => outcome.Verdict == Verdict.NotMet) ? 1 : 0;

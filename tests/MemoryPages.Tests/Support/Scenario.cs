using System.Diagnostics;
using System.Reflection;

namespace MemoryPages.Tests.Support;

/// <summary>What became of a child process.</summary>
internal sealed record ScenarioResult(int ExitCode, string Output, string Errors)
{
    /// <summary>The runtime's end on a bad access: abort, and a message that nobody can catch.</summary>
    public bool DiedOfBadAccess => OperatingSystem.IsWindows()
        ? ExitCode is unchecked((int)0xC0000005) or unchecked((int)0xC0000602) && (Errors.Contains("System.AccessViolationException") || Errors.Contains("0xC0000005"))
        : ExitCode == 134 && Errors.Contains("System.AccessViolationException");

    /// <summary>Killed by the signal itself, silently: a fault outside managed code.</summary>
    public bool DiedOfSignal => ExitCode is 139 or 135;

    /// <summary>Ended by an instruction that is there to end it: the runtime turns SIGTRAP into an abort without a word.</summary>
    public bool DiedOfTrap => ExitCode is 133 || (ExitCode == 134 && Errors.Length == 0);

    public override string ToString() => $"exit {ExitCode}{Environment.NewLine}{Output}{Environment.NewLine}{Errors}";
}

/// <summary>Runs a method of MemoryPages.Scenarios in a process of its own: for what ends a process, or must not share one.</summary>
internal static class Scenario
{
    public static readonly string Path = typeof(Scenario).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "ScenariosPath").Value!;

    public static ScenarioResult Run(string name, params string[] arguments) => RunUnder([], name, arguments);

    /// <summary>For what another user is to run: a repository in a folder of root's alone is out of that user's reach.</summary>
    public static void SkipUnlessOthersReachIt()
    {
        for (string? folder = System.IO.Path.GetDirectoryName(Path); folder is not null && !OperatingSystem.IsWindows(); folder = System.IO.Path.GetDirectoryName(folder))
        {
            Assert.SkipUnless(File.GetUnixFileMode(folder).HasFlag(UnixFileMode.OtherExecute), $"Other users do not get to this program: {folder} is its owner's.");
        }
    }

    /// <summary>As <see cref="Run"/>, started by another program, for example <c>prlimit --as=N</c>.</summary>
    public static ScenarioResult RunUnder(string[] launcher, string name, params string[] arguments) =>
        RunWith([], launcher, name, arguments);

    public static ScenarioResult RunWith(Dictionary<string, string> environment, string[] launcher, string name, params string[] arguments) =>
        RunProgram(environment, launcher, [Path, name, .. arguments]);

    /// <summary>Any program of .NET: its assembly, then what it is told.</summary>
    public static ScenarioResult RunProgram(Dictionary<string, string> environment, string[] launcher, string[] program)
    {
        // What it leaves behind when it dies goes with a folder of its own. Of every user's: some are started as another.
        DirectoryInfo temporary = Directory.CreateTempSubdirectory("memorypages-");
        try
        {
            if (!OperatingSystem.IsWindows())
            {
                temporary.UnixFileMode = (UnixFileMode)0x1FF;
            }

            using Process process = Start(new(environment) { ["TMPDIR"] = temporary.FullName }, launcher, program);
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.SkipWhen(process.ExitCode == MissingException.ExitCode, errors.Result.Trim());
            return new ScenarioResult(process.ExitCode, output.Trim(), errors.Result.Trim());
        }
        finally
        {
            temporary.Delete(recursive: true);
        }
    }

    /// <summary>As <see cref="Run"/>, and goes on beside the test, which can talk to it. Its end is the caller's to see to.</summary>
    public static Process Start(string name, params string[] arguments) => Start([], [], [Path, name, .. arguments]);

    private static Process Start(Dictionary<string, string> environment, string[] launcher, string[] program)
    {
        if (launcher is [string starter, ..])
        {
            Needed.Linux(starter);
        }

        // With a runtime of its own where it was built for one system, else run by the host of this process.
        string[] command = OperatingSystem.IsWindows()
            ? [System.IO.Path.ChangeExtension(program[0], ".exe"), .. program[1..]]
            : [.. launcher, Environment.ProcessPath is { } host && host.EndsWith("dotnet") ? host : "dotnet", .. program];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        start.Environment["DOTNET_EnableDiagnostics"] = "0"; // whose pipes a process that is killed leaves behind
        foreach ((string key, string value) in environment)
        {
            start.Environment[key] = value;
        }

        return Process.Start(start)!;
    }
}

using System.Diagnostics;
using System.Text.Json;

namespace MemoryPages.Tests.Commands;

/// <summary>The command <c>mempages doctor</c> in a process of its own, and its JSON as a stranger reads it.</summary>
internal sealed class DoctorRun
{
    private readonly JsonElement[] _sections;

    private DoctorRun(string json) =>
        _sections = [.. JsonDocument.Parse(json).RootElement.GetProperty("sections").EnumerateArray()];

    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "mempages.dll");

    public IEnumerable<string> Sections => _sections.Select(section => section.GetProperty("name").GetString()!);

    public IEnumerable<JsonElement> Findings => _sections.SelectMany(section => section.GetProperty("findings").EnumerateArray());

    /// <summary>Its sections, or all.</summary>
    public static DoctorRun Of(string? only = null, string[]? launcher = null, string? program = null)
    {
        ScenarioResult result = Scenario.RunProgram([], launcher ?? [],
            [program ?? Program, "doctor", "--json", .. only is null ? [] : new[] { "--only", only }]);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal("", result.Errors);
        return new DoctorRun(result.Output);
    }

    /// <summary>A copy that every user may read and run; the build's folder may be root's alone.</summary>
    public static string CopyForAll(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory)
            .Where(path => Path.GetFileName(path) is { } name
                && (name.StartsWith("mempages.") || name is "MemoryPages.dll" or "Spectre.Console.dll" or "System.CommandLine.dll")))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        using Process opening = Process.Start("chmod", ["-R", "a+rX", folder]);
        opening.WaitForExit();
        Assert.Equal(0, opening.ExitCode);

        return Path.Combine(folder, "mempages.dll");
    }

    public JsonElement Finding(string name) => Findings.Single(finding => finding.GetProperty("name").GetString() == name);

    public string Status(string name) => Finding(name).GetProperty("status").GetString()!;

    public string Found(string name) => Finding(name).GetProperty("found").GetString()!;

    public long Number(string name, string number) => Finding(name).GetProperty("numbers").GetProperty(number).GetInt64();

    public static IEnumerable<string> CommandsOf(JsonElement finding) => finding.GetProperty("remedies").EnumerateArray()
        .Where(remedy => remedy.TryGetProperty("command", out _)).Select(remedy => remedy.GetProperty("command").GetString()!);

    public static string ObstacleOf(JsonElement finding) => finding.TryGetProperty("obstacle", out JsonElement obstacle) ? obstacle.GetString()! : "";

    /// <summary>The command that takes effect at once.</summary>
    public string CommandNow(string name) => Finding(name).GetProperty("remedies").EnumerateArray()
        .First(remedy => remedy.GetProperty("when").GetString() == "now").GetProperty("command").GetString()!;

    /// <summary>What is not ok has something to type, something to do by hand, or a reason why there is nothing.</summary>
    public void AssertHelps() => Assert.All(Findings, static finding =>
    {
        Assert.NotEqual("", finding.GetProperty("found").GetString());
        Assert.NotEqual("", finding.GetProperty("why").GetString());
        string status = finding.GetProperty("status").GetString()!;
        Assert.Contains(status, new[] { "ok", "limited", "missing" });
        bool helps = ObstacleOf(finding).Length != 0 || finding.GetProperty("remedies").EnumerateArray().Any();
        Assert.True(helps != (status == "ok"), finding.ToString());
        Assert.All(finding.GetProperty("remedies").EnumerateArray(), static remedy => Assert.True(
            remedy.TryGetProperty("command", out JsonElement command) ? command.GetString()!.Length != 0 && !command.GetString()!.Contains('\n')
                : remedy.TryGetProperty("words", out _)));
    });
}

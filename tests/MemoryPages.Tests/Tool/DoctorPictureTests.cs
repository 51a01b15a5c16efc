using MemoryPages.Tool.Model;
using MemoryPages.Tool.Terminal;
using Spectre.Console;

namespace MemoryPages.Tests.Commands;

/// <summary>What people see.</summary>
public sealed class DoctorPictureTests
{
    private const string Command = "echo 'w /sys/kernel/mm/hugepages/hugepages-2048kB/nr_overcommit_hugepages - - - - 64' >> /etc/tmpfiles.d/memory.conf";

    private static readonly SectionReport s_section = new("part", "A [part]",
    [
        new Finding("first", "as much as can be wished for, and a little more than that", FindingStatus.Ok, "the reason of the first"),
        new Finding("second", "none [at all]", FindingStatus.Missing, "the reason of the second")
        {
            Remedies = [Remedy.Now("true", needsRoot: false), Remedy.AtBoot(Command), Remedy.ByHand(When.AtBoot, "ask the host")],
        },
        new Finding("third", "half of it", FindingStatus.Limited, "the reason of the third") { Obstacle = "nothing can be done about it" },
        new Finding("plain", Finding.Supported, FindingStatus.Ok, "the reason of the plain one"),
    ]);

    [Theory]
    [InlineData(24)]
    [InlineData(60)]
    [InlineData(100)]
    public void Lines_keep_to_the_width_but_commands_which_stay_whole(int width)
    {
        string[] lines = Draw(width);
        Assert.Contains("true", lines.Select(line => line.Trim()));
        Assert.Contains(Command, lines.Select(line => line.Trim()));
        Assert.All(lines.Where(line => line.Trim() != Command).Skip(3), line => Assert.True(line.Length <= width, line));
        Assert.DoesNotContain(lines, line => line.Contains('\e'));
    }

    [Fact]
    public void Reasons_and_remedies_are_for_what_is_not_there()
    {
        string text = string.Join('\n', Draw(100));
        Assert.DoesNotContain("reason of the first", text);
        Assert.Contains("reason of the second", text);
        Assert.Contains("reason of the third", text);
        Assert.Contains("nothing can be done about it", text);
        Assert.Contains("at each boot, as root:", text);
        Assert.Contains("at each boot: ask the host", text);
        Assert.Contains("none [at all]", text);
        Assert.Contains("✓ 2 ok   ! 1 limited   ✗ 1 missing", text);
    }

    [Fact]
    public void A_pipe_gets_every_command_on_a_line_of_its_own_and_no_escape_codes()
    {
        string[] commands = [.. DoctorRun.Of("huge-pages,limits").Findings.SelectMany(DoctorRun.CommandsOf)];
        ScenarioResult result = Scenario.RunProgram(new() { ["TERM"] = "xterm-256color", ["COLUMNS"] = "40" }, [],
            [DoctorRun.Program, "doctor", "--only", "huge-pages,limits"]);
        Assert.NotEmpty(commands);
        string[] lines = [.. result.Output.Split('\n').Select(line => line.Trim())];
        Assert.All(commands, command => Assert.Contains(command, lines));
        Assert.DoesNotContain('\e', result.Output);
    }

    private static string[] Draw(int width)
    {
        using var text = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = width;
        Assert.Equal(0, DoctorPicture.Draw(console, [s_section]));
        return text.ToString().Split('\n');
    }
}

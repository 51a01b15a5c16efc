using MemoryPages.Tests.Files;
using static MemoryPages.Tests.Code.CodeWitness;

namespace MemoryPages.Tests.Code;

/// <summary>Code in processes of their own.</summary>
public sealed class CodeProcessTests
{
    public CodeProcessTests() => RequireMachineCode();

    /// <summary>The child looks after each step; the opt-in shows that it would see it.</summary>
    [Theory]
    [InlineData("", "0")]
    [InlineData("opt-in", "1")]
    public void No_page_is_ever_writable_and_executable_but_by_the_opt_in(string argument, string regions)
    {
        Assert.SkipUnless(WriteXorExecuteAttribute.RuntimeKeepsToIt, "DOTNET_EnableWriteXorExecute=0: the runtime's own pages are writable and executable.");
        ScenarioResult result = Scenario.Run("CodeInEveryWay", argument);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(regions, result.Output);
    }

    [Fact]
    public void Where_the_kernel_refuses_executable_gain_code_is_mapped_twice()
    {
        ScenarioResult result = Scenario.RunWith(new() { ["DOTNET_TieredCompilation"] = "0" }, [], "CodeUnderMdwe");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.SkipWhen(result.Output.EndsWith("no MDWE"), "This kernel has no PR_SET_MDWE (since Linux 6.3).");
        Assert.Equal(
            ["DualMapped runs, mmap refused; Flipped runs, flipped too;", "DualMapped runs, mprotect says how;"],
            result.Output.Split('\n', StringSplitOptions.TrimEntries));
    }

    [Theory]
    [InlineData("Flipped", "Write")]
    [InlineData("Flipped", "RunFreed")]
    [InlineData("Flipped", "RunBehind")]
    [InlineData("Flipped", "RunDisposed")]
    [InlineData("DualMapped", "Write")]
    [InlineData("DualMapped", "RunFreed")]
    [InlineData("DualMapped", "RunBehind")]
    [InlineData("DualMapped", "RunDisposed")]
    public void What_must_not_be_done_with_code_ends_the_process(string mode, string act)
    {
        Needed.Call("sigaction");
        ScenarioResult result = Scenario.Run("CodeDeath", mode, act);
        Assert.Equal("alive", result.Output);
        Assert.True(result.DiedOfBadAccess || result.DiedOfSignal || result.DiedOfTrap, result.ToString());
    }

    [Fact]
    public void Emitting_and_freeing_in_a_warm_dual_mapped_heap_calls_nothing() =>
        Assert.Empty(CallsBetween("/begin-of-warm-code", "/end-of-warm-code", "WarmCode", "DualMapped", "2000"));

    /// <summary>A flipped heap asks for each; this also shows that the trace sees what there is.</summary>
    [Fact]
    public void A_flipped_heap_calls_three_times_for_a_function()
    {
        string[] calls = CallsBetween("/begin-of-warm-code", "/end-of-warm-code", "WarmCode", "Flipped", "100");
        Assert.Equal(200, calls.Count(call => call.StartsWith("mprotect(")));
        Assert.Equal(100, calls.Count(call => call.StartsWith("mmap(")));
    }

    [Fact]
    public void A_batch_is_published_by_one_call()
    {
        string[] calls = CallsBetween("/begin-of-batch", "/end-of-batch", "BatchOfCode");
        Assert.Equal(
            ["PROT_READ|PROT_WRITE", "PROT_READ|PROT_EXEC"],
            calls.Where(call => call.StartsWith("mprotect(")).Select(call => call.Split(", ")[2].Split(')', ' ')[0]));
        Assert.InRange(calls.Length, 2, 3); // and the pages that were not needed go back
    }

    [Fact]
    public void Profilers_are_told_the_names()
    {
        Needed.Linux("perf, which reads the names from /tmp");
        ScenarioResult result = Scenario.Run("NamedCode");
        Assert.True(result.ExitCode == 0, result.ToString());
        string[] lines = result.Output.Split('\n');
        string[] addresses = lines[0].Split(' ');
        Assert.Equal($"{addresses[0]} 40 seven of code", lines[1]);
        Assert.Equal($"{addresses[1]} {MachineCode.Return.Length:x} [code]", lines[2]);
    }

    [Fact]
    public void A_link_in_the_place_of_the_names_is_not_followed()
    {
        using var target = new TempFile(10);
        byte[] content = target.Content;
        ScenarioResult result = Scenario.Run("NamedCodeBesideALink", target.Path);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(content, target.Content);
    }

    /// <summary>The system calls of the thread that looked for the two files, between the last two looks.</summary>
    private static string[] CallsBetween(string begin, string end, string scenario, params string[] arguments)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "The package strace is not installed.");
        using var trace = new TempFile(0);
        ScenarioResult result = Scenario.RunUnder(["strace", "-f", "-qq", "-o", trace.Path], scenario, arguments);
        Assert.SkipWhen(result.Errors.Contains("PTRACE"), "This sandbox allows no ptrace: " + result.Errors);
        Assert.True(result.ExitCode == 0, result.ToString());
        string[] lines = File.ReadAllLines(trace.Path);
        int from = Array.FindLastIndex(lines, line => line.Contains(begin));
        int to = Array.FindLastIndex(lines, line => line.Contains(end));
        Assert.True(from >= 0 && to > from, "The looks are not in the trace.");
        string thread = lines[from].Split(' ')[0];
        return [.. lines[(from + 1)..to].Where(line => line.Split(' ')[0] == thread).Select(line => line[thread.Length..].TrimStart())
            .Where(line => !line.StartsWith("<..."))];
    }
}

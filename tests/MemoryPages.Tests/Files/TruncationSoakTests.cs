namespace MemoryPages.Tests.Files;

/// <summary>Everything at once, for a while: some seconds, or as many as MEMORYPAGES_SOAK_SECONDS says.</summary>
public sealed class TruncationSoakTests
{
    private static readonly string s_seconds = Environment.GetEnvironmentVariable("MEMORYPAGES_SOAK_SECONDS") ?? "12";

    [Fact]
    public void Two_processes_of_four_threads_live_and_leave_nothing()
    {
        Assert.SkipUnless(Pages.TruncationSurvivalSupported, "There is no machine code for this processor.");
        ScenarioResult result = Scenario.Run("Soak", s_seconds);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(2, result.Output.Split('\n').Count(line => line.Contains("faults")));
    }
}

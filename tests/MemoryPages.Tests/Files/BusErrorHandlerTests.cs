namespace MemoryPages.Tests.Files;

/// <summary>The process's handler for SIGBUS, and others who want to be it.</summary>
public sealed class BusErrorHandlerTests
{
    public BusErrorHandlerTests() => Assert.SkipUnless(Pages.TruncationSurvivalSupported, "There is no machine code for this processor.");

    [Fact]
    public void It_has_the_runtimes_flags_and_mask_is_never_writable_and_comes_when_asked_for()
    {
        ScenarioResult result = Scenario.Run("HandlerKeepsFlagsAndMask");
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Theory]
    [InlineData("first", 7)]
    [InlineData("plain", 7)]
    [InlineData("none", 0)]
    public void It_goes_over_a_strangers_once_and_passes_on_to_it(string fault, int exitCode)
    {
        ScenarioResult result = Scenario.Run("StrangersHandlerOnTop", fault);
        Assert.True(result.ExitCode == exitCode, result.ToString());
        if (fault == "none")
        {
            Assert.StartsWith("Map sigaction EBUSY Other", result.Output);
            Assert.Contains("without SurviveTruncation", result.Output);
        }
    }

    [Fact]
    public void It_comes_back_where_the_runtimes_was_restored_and_passes_on_to_that()
    {
        ScenarioResult result = Scenario.Run("HandlerThatWasRestored");
        Assert.Equal("touching", result.Output);
        Assert.True(result.DiedOfBadAccess, result.ToString());
    }
}

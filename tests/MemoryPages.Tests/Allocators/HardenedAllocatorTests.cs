namespace MemoryPages.Tests.Allocators;

/// <summary>What is freed in hardened mode, as the process's map shows it, and that the contract holds there too.</summary>
public sealed class HardenedAllocatorTests
{
    [Fact]
    public void Allocators_keep_the_contract() => Assert.Equal(0, Run("AllocatorsKeepTheContract", hardened: true).ExitCode);

    [Theory]
    [InlineData("APageBlockStandsBetweenGuardsAndIsInaccessibleWhenFreed")]
    [InlineData("WhatAnArenaTakesBackIsInaccessible")]
    [InlineData("ASlabOfAPoolIsInaccessibleWhenAllOfItIsFree")]
    [InlineData("LockedPagesAreInaccessibleWhenAllOfThemIsFree")]
    public void In_hardened_mode_and_only_there(string scenario)
    {
        Needed.Linux("/proc/self/smaps");
        ScenarioResult hardened = Run(scenario, hardened: true);
        Assert.True(hardened.ExitCode == 0, hardened.ToString());
        Assert.Equal(1, Run(scenario, hardened: false).ExitCode);
    }

    [Fact]
    public void A_box_that_ends_after_its_arena_ends_the_process()
    {
        ScenarioResult result = Run("ABoxEndsAfterItsArena", hardened: false);
        Assert.True(result.DiedOfBadAccess && result.Output == "touching", result.ToString());
    }

    private static ScenarioResult Run(string scenario, bool hardened) =>
        Scenario.RunWith(new() { ["MEMORYPAGES_HARDENED"] = hardened ? "1" : "0" }, [], scenario);
}

using System.Runtime.InteropServices;

namespace MemoryPages.Tests;

/// <summary>Accesses that the processor must refuse, in children. Past a fault no .NET program goes on.</summary>
public sealed class DeathTests
{
    public static TheoryData<string, string> Accesses
    {
        get
        {
            var accesses = new TheoryData<string, string>();
            foreach (string protection in new[] { "NoAccess", "ReadOnly", "ReadWrite", "WriteOnly", "ExecuteOnly", "ReadExecute" })
            {
                foreach (string access in new[] { "Read", "Write", "Execute" })
                {
                    accesses.Add(protection, access);
                }
            }

            return accesses;
        }
    }

    [Theory]
    [MemberData(nameof(Accesses))]
    public void A_raw_access_ends_the_process_if_and_only_if_the_effective_protection_lacks_it(string protection, string access)
    {
        Assert.SkipUnless(access != "Execute" || RuntimeInformation.ProcessArchitecture == Architecture.X64, "The machine code is x86-64's.");
        ScenarioResult result = Scenario.Run("Access", protection, access);
        string effective = result.Output.Split('\n')[0].Trim();
        Assert.True(Enum.TryParse(effective, out PageProtection granted), result.ToString());
        bool allowed = granted.HasFlag(Enum.Parse<PageProtection>(access));

        Assert.Equal(allowed, result.Output.EndsWith("survived"));
        Assert.True(allowed ? result.ExitCode == 0 : result.DiedOfBadAccess || (access == "Execute" && result.DiedOfSignal), result.ToString());
        Assert.True(Promised(protection, access) == allowed || (access == "Read" && protection is "WriteOnly" or "ExecuteOnly"), result.ToString());
    }

    [Theory]
    [InlineData("DisposedPointer")]
    [InlineData("OverrunByOne")]
    [InlineData("UnderrunByOne")]
    [InlineData("OverrunAfterGrowing")]
    [InlineData("OverrunAfterShrinking")]
    [InlineData("ReturnedBlock")]
    public void In_hardened_mode_a_stray_pointer_ends_the_process(string scenario)
    {
        ScenarioResult result = RunHardened(scenario);
        Assert.Equal("touching", result.Output);
        Assert.True(result.DiedOfBadAccess, result.ToString());
    }

    [Theory]
    [InlineData("QuarantineKeepsRanges")]
    [InlineData("QuarantineIsBounded")]
    [InlineData("GuardsGoWithThePages")]
    [InlineData("LeaksSayWhere")]
    [InlineData("ReturnedBlocksRestAWhile")]
    public void In_hardened_mode(string scenario)
    {
        ScenarioResult result = RunHardened(scenario);
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Fact]
    public void Without_hardened_mode_there_is_no_quarantine()
    {
        ScenarioResult result = Scenario.Run("QuarantineKeepsRanges");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("was unmapped", result.Errors);
    }

    private static ScenarioResult RunHardened(string scenario) => Scenario.RunWith(new() { ["MEMORYPAGES_HARDENED"] = "1" }, [], scenario);

    private static bool Promised(string protection, string access) => protection switch
    {
        "ReadOnly" => access == "Read",
        "ReadWrite" => access is "Read" or "Write",
        "WriteOnly" => access == "Write",
        "ExecuteOnly" => access == "Execute",
        "ReadExecute" => access is "Read" or "Execute",
        _ => false,
    };
}

using System.Globalization;

namespace MemoryPages.Tests.Failures;

/// <summary>vm.max_map_count, reached for real in a process of its own.</summary>
public sealed class MappingLimitTests
{
    private const string MapCount = "/proc/sys/vm/max_map_count";
    private static readonly int s_limit = OperatingSystem.IsLinux()
        ? int.Parse(File.ReadAllText(MapCount), CultureInfo.InvariantCulture)
        : 0;

    public MappingLimitTests() => Needed.File(MapCount);

    /// <summary>Disposed in either order: what could not be unmapped at first is unmapped when there is room again, with nobody asking.</summary>
    [Theory]
    [InlineData("forwards")]
    [InlineData("backwards")]
    public void At_the_limit_a_transition_fails_as_a_whole_and_everything_can_be_unmapped(string order)
    {
        string[] lines = Run("ProtectUntilNoMappingIsLeft", order);
        Assert.StartsWith("Protect<NoAccess> mprotect ENOMEM TooManyMappings", lines[0]);
        AssertNamesLimit(lines[1]);
        Assert.Equal("usable True, present False, refused True, left 0", lines[2]);
    }

    /// <summary>The list of mappings is megabytes long there, and the collector can map nothing more to hold it: the process would end instead.</summary>
    [Fact]
    public void At_the_limit_the_error_is_told_in_little_memory() =>
        Assert.InRange(int.Parse(Run("ProtectUntilNoMappingIsLeft")[^1], CultureInfo.InvariantCulture), 0, 100_000);

    [Fact]
    public void What_was_refused_at_the_limit_goes_with_the_last_that_is_unmapped() =>
        Assert.Equal("refused True, left False", Run("UnmapTheLastAtTheLimit")[^1]);

    [Fact]
    public void At_the_limit_every_verb_that_splits_says_that_it_is_the_limit()
    {
        string[] lines = Run("SplitWhereNoMappingIsLeft");
        Assert.StartsWith("Advise madvise", lines[0]);
        Assert.StartsWith("ProtectScope<NoAccess> mprotect ENOMEM TooManyMappings", lines[2]);
        Assert.StartsWith("Lock mlock ENOMEM TooManyMappings", lines[4]);
        Assert.StartsWith("Lock mlock2 ENOMEM TooManyMappings", lines[6]);
        AssertNamesLimit(lines[3], lines[5], lines[7]);
    }

    /// <summary>The kernel says EAGAIN here, where it says ENOMEM of the other calls.</summary>
    [Fact]
    public void At_the_limit_advice_for_a_part_says_that_it_is_the_limit()
    {
        string[] lines = Run("SplitWhereNoMappingIsLeft");
        Assert.Contains("TooManyMappings", lines[0]);
        AssertNamesLimit(lines[1]);
    }

    /// <summary>The range's first mapping could be locked, the second would have to be split.</summary>
    [Fact]
    public void A_lock_that_stops_half_way_leaves_nothing_locked() => Assert.Equal("locked 0", Run("SplitWhereNoMappingIsLeft")[^1]);

    [Fact]
    public void Thousands_of_mapped_files_reach_the_limit_and_nothing_is_lost()
    {
        string path = Path.GetTempFileName();
        try
        {
            using (FileStream file = File.OpenWrite(path))
            {
                file.SetLength(1000 * (long)PageSize.Base);
            }

            string[] lines = Run("MapFilesUntilNoMappingIsLeft", path);
            Assert.Equal($"Map mmap ENOMEM TooManyMappings {PageSize.Base}", lines[0]);
            Assert.Equal(lines[0], lines[2]);
            AssertNamesLimit(lines[1], lines[3]);
            Assert.Equal("thousands True, readable True, left 0, open 1", lines[4]);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void AssertNamesLimit(params string[] hints) => Assert.All(hints, hint =>
    {
        Assert.Contains($"at most {s_limit.ToString("N0", CultureInfo.InvariantCulture)}", hint);
        Assert.Contains("sysctl vm.max_map_count=", hint);
    });

    private static string[] Run(string name, params string[] arguments)
    {
        Assert.SkipUnless(s_limit <= 300_000, $"This machine allows {s_limit} mappings: reaching that takes too long.");
        Assert.SkipUnless(SystemCallFailure.IsPossible, "Warming up takes seccomp on x86-64 Linux.");

        // The runtime must not want mappings of its own at the limit: nothing is compiled twice, nor mapped a second time to be written.
        var environment = new Dictionary<string, string> { ["DOTNET_TieredCompilation"] = "0", ["DOTNET_EnableWriteXorExecute"] = "0" };
        ScenarioResult result = Scenario.RunWith(environment, [], name, arguments);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output.Split('\n');
    }
}

namespace MemoryPages.Tests.Reserved;

/// <summary>Comparers, predicates and Equals that change the very list that calls them, or end it.</summary>
public sealed class VirtualListForeignCodeTests
{
    /// <summary>In a process of its own: a read of memory that is gone would end this one.</summary>
    [Theory]
    [InlineData("Sort")]
    [InlineData("Sort of spans")]
    [InlineData("BinarySearch")]
    [InlineData("IndexOf")]
    [InlineData("Contains")]
    [InlineData("Remove")]
    [InlineData("RemoveAll")]
    [InlineData("ContentEquals list")]
    [InlineData("ContentEquals other")]
    [InlineData("ContentEquals span")]
    public void What_changes_the_list_that_calls_it_is_told_and_no_fault(string verb)
    {
        ScenarioResult result = Scenario.Run("ListCallsForeignCode", verb);
        Assert.True(result.ExitCode == 0 && result.Output.EndsWith("8 deeds"), result.ToString());
    }
}

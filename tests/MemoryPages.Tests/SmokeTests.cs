using MemoryPages.Unsafe;

namespace MemoryPages.Tests;

public sealed class SmokeTests
{
    [Fact]
    public void Write_to_sealed_pages_ends_the_process() => Assert.True(Scenario.Run("WriteToReadOnly").DiedOfBadAccess);

    [Fact]
    public void Writing_read_only_pages_does_not_compile() =>
        Assert.Contains("CS0315", Assert.Single(Snippet.Errors("using var p = Pages.Allocate<ReadOnly>(1); using var v = p.Write();")));

    [Fact]
    public void Neighbours_hold()
    {
        using var n = new Neighbours(2);
        n.Pages.Discard();
        n.AssertUntouched();
    }

    [Fact]
    public void Failure_is_an_exception() => Assert.Throws<MemoryPagesException>(() =>
        SystemCallFailure.During(() => Pages.Allocate(0x1357000), new FailingCall(SystemCallFailure.Mmap, SystemCallFailure.ENOMEM, 0x1357000)));
}

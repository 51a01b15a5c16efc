namespace MemoryPages.Tests.Code;

/// <summary>Misuse that does not compile.</summary>
public sealed class CodePromiseTests
{
    private const string Block = "using var heap = new CodeHeap(); var block = heap.Emit([0xC3]); ";

    [Theory]
    [InlineData("ReadOnly")]
    [InlineData("ReadWrite")]
    [InlineData("WriteOnly")]
    [InlineData("NoAccess")]
    public void A_function_needs_executable_pages(string protection) => Assert.All(
        Snippet.Errors($"using var p = Pages.Allocate<{protection}>(1); using var f = p.Function<Action>();", allowUnsafe: true),
        error => Assert.Matches("^CS1929: .*ExecuteOnly|^CS1929: .*ReadExecute", error));

    [Theory]
    [InlineData("using var f = block.Function<Func<int>>(); f.Invoke();")]
    [InlineData("using var f = block.Function<Action>(); f.Invoke();")]
    [InlineData("using var f = block.DangerousFunction(); var p = f.Pointer;")]
    public void Calling_needs_unsafe(string use)
    {
        Assert.All(Snippet.Errors(Block + use, allowUnsafe: true), error => Assert.StartsWith("CS0214: ", error));
        Assert.NotEmpty(Snippet.Errors(Block + use, allowUnsafe: true));
        Assert.Empty(Snippet.Errors($"unsafe {{ {Block}{use} }}", allowUnsafe: true));
    }

    [Fact]
    public void Patching_needs_the_unsafe_namespace() =>
        Assert.Contains("CS1061", Assert.Single(Snippet.ErrorsOf("default(MemoryPages.CodeBlock).DangerousPatch(0, 1);", allowUnsafe: true)));

    [Theory]
    [InlineData("f.Invoke(1, 2);", "CS8756")]               // too many arguments
    [InlineData("f.Invoke();", "CS8756")]
    [InlineData("f.Invoke(\"text\");", "CS1503")]
    [InlineData("string s = f.Invoke(1);", "CS0029")]
    public void Arguments_are_checked_against_the_signature(string use, string id) =>
        Assert.StartsWith(
            id + ": ", Assert.Single(Snippet.Errors($"unsafe {{ {Block}using var f = block.Function<Func<long, int>>(); {use} }}", allowUnsafe: true)));

    [Theory]
    [InlineData("Func<string, int>")]
    [InlineData("Func<object>")]
    [InlineData("Action<int[]>")]
    public void References_cannot_be_handed_to_code_that_the_collector_knows_nothing_of(string signature) =>
        Assert.NotEmpty(Snippet.Errors($"unsafe {{ {Block}using var f = block.Function<{signature}>(); _ = (nuint)f.Invoke; }}", allowUnsafe: true));

    [Theory]
    [InlineData("block.Function<int>();", "CS0315")]
    [InlineData("using var f = block.Function<Action>(); f.Dispose();", "CS1061")]
    [InlineData("object o = block.Function<Action>();", "CS0029")]
    [InlineData("CodeWriter kept; heap.Emit((ref CodeWriter w) => kept = w);", "CS8175")]
    public void Leases_and_writers_stay_where_they_are(string use, string id) =>
        Assert.Contains(Snippet.Errors(Block + use), error => error.StartsWith(id + ": "));
}

namespace MemoryPages.Tests;

/// <summary>What would outlive the lease that it came from does not compile.</summary>
public sealed class LifetimePromiseTests
{
    [Theory]
    [InlineData("Span<byte>", "v.Span")]
    [InlineData("Span<byte>", "v.Slice(0, 1)")]
    [InlineData("Span<int>", "v.Elements<int>()")]
    [InlineData("ReadOnlySpan<byte>", "v.Span")]
    [InlineData("ref byte", "ref v[0]")]
    [InlineData("Span<byte>", "v.Span[1..]")]
    public void What_a_view_lends_cannot_be_returned(string type, string lent)
    {
        string source = $$"""
            using System; using MemoryPages;
            class P { static {{type}} F(Pages<ReadWrite> p) { using var v = p.Write(); return {{lent}}; } static void Main() { } }
            """;
        AssertBound("v", Snippet.ErrorsOf(source));
        if (lent != "v.Span" || type != "Span<byte>")
        {
            return;
        }

        AssertBound("v", Snippet.ErrorsOf(source.Replace("Write()", "Read()").Replace("Span<byte> F", "ReadOnlySpan<byte> F")));
    }

    [Theory]
    [InlineData("Span<byte> s; using (var v = p.Write()) { s = v.Span; } s[0] = 1;")]
    [InlineData("Span<byte> s = default; using (var v = p.Write()) { s = v.Slice(0, 1); } s[0] = 1;")]
    [InlineData("Span<int> s = default; using (var v = p.Write()) { s = v.Elements<int>(); } s[0] = 1;")]
    [InlineData("ReadOnlySpan<byte> s; using (var v = p.Read()) { s = v.Span; } _ = s[0];")]
    [InlineData("ReadOnlySpan<byte> s = default; foreach (var w in p.Scan()) { s = w.Span; } _ = s[0];")]
    [InlineData("scoped ReadOnlySpan<int> s = default; foreach (var w in p.Scan()) { s = w.Elements<int>(); } _ = s[0];")]
    [InlineData("var a = new byte[1]; ref byte b = ref a[0]; using (var v = p.Write()) { b = ref v[0]; } b = 1;")]
    public void It_cannot_be_kept_in_a_variable_of_an_outer_block(string statements)
    {
        string[] errors = Snippet.Errors("using var p = Pages.Allocate(1); " + statements);
        Assert.Matches("^(CS8168|CS8352|CS8374): ", Assert.Single(errors));
    }

    [Fact]
    public void It_cannot_be_kept_in_a_field()
    {
        Assert.StartsWith("CS8345: ", Assert.Single(Snippet.ErrorsOf("class P { System.Span<byte> _s; static void Main() { } }")));
        foreach (string view in new[] { "ReadView", "WriteView", "ProtectionScope<ReadOnly>", "Unsafe.FunctionLease", "ScanWindow" })
        {
            Assert.StartsWith("CS8345: ", Assert.Single(Snippet.ErrorsOf($"using MemoryPages; class P {{ MemoryPages.{view} _v; static void Main() {{ }} }}")));
        }

        AssertBound("v", Snippet.ErrorsOf(
            """
            using System; using MemoryPages;
            ref struct Holder { public Span<byte> Span; }
            class P { static void F(ref Holder h, Pages<ReadWrite> p) { using var v = p.Write(); h.Span = v.Span; } static void Main() { } }
            """));
    }

    [Theory]
    [InlineData("using var v = p.Write(); await Task.Yield(); v.Span[0] = 1;", "WriteView")]
    [InlineData("using var v = p.Read(); await Task.Yield();", "ReadView")]
    [InlineData("using (var v = p.Write()) { Span<byte> s = v.Span; await Task.Yield(); s[0] = 1; }", "WriteView")]
    [InlineData("using var s = p.ProtectScope<ReadOnly>(new(0, 1)); await Task.Yield();", "ProtectionScope")]
    public void It_cannot_be_kept_over_an_await(string statements, string type)
    {
        string[] errors = Snippet.ErrorsOf(
            "using System; using System.Threading.Tasks; using MemoryPages; "
            + $"class P {{ static async Task F(Pages<ReadWrite> p) {{ {statements} }} static void Main() {{ }} }}");
        Assert.NotEmpty(errors);
        Assert.All(errors, e => Assert.StartsWith("CS4007: ", e));
        Assert.Contains(errors, e => e.Contains(type));
    }

    [Fact]
    public void A_view_that_ends_before_the_await_is_fine_in_an_async_method() => Assert.Empty(Snippet.ErrorsOf(
        """
        using System; using System.Threading.Tasks; using MemoryPages;
        class P
        {
            static async Task F(Pages<ReadWrite> p) { using (var v = p.Write()) { v.Span[0] = 1; } await Task.Yield(); using var w = p.Read(); }
            static void Main() { }
        }
        """));

    [Theory]
    [InlineData("v.Span[0] = 1", "v")]
    [InlineData("s[0] = 1", "s")]
    public void It_cannot_be_captured_by_a_lambda(string body, string name)
    {
        string error = Assert.Single(Snippet.Errors($"using var p = Pages.Allocate(1); using var v = p.Write(); var s = v.Span; Action a = () => {body};"));
        Assert.StartsWith("CS8175: ", error);
        Assert.Contains($"'{name}'", error);
    }

    [Theory]
    [InlineData("object o = v;", "CS0029")]
    [InlineData("v = p.Write();", "CS1656")]
    [InlineData("v.Dispose();", "CS1061")]
    [InlineData("((IDisposable)v).Dispose();", "CS0030")]
    public void A_view_cannot_be_boxed_replaced_or_ended_by_hand(string statement, string id) =>
        Assert.StartsWith(id + ": ", Assert.Single(Snippet.Errors("using var p = Pages.Allocate(1); using var v = p.Write(); " + statement)));

    [Theory]
    [InlineData("using var s = p.ProtectScope<ReadOnly>(new(0, 1));", "s")]
    [InlineData("using Pages<ReadExecute> c = p.AllowExecuteDenyWrite(); using var s = c.DangerousFunction();", "s")]
    public void Scopes_and_function_leases_cannot_be_ended_by_hand_either(string open, string name) =>
        Assert.StartsWith("CS1061: ", Assert.Single(Snippet.Errors($"using var p = Pages.Allocate(1); {open} {name}.Dispose();")));

    [Theory]
    [InlineData("void", "ReadView v; using (var s = p.ProtectScope<ReadOnly>(new(0, 1))) { v = s.Read(); }")]
    [InlineData("void", "WriteView v; using (var s = p.ProtectScope<ReadWrite>(new(0, 1))) { v = s.Write(); }")]
    [InlineData("ReadView", "using var s = p.ProtectScope<ReadOnly>(new(0, 1)); return s.Read();")]
    public void The_view_of_a_scope_cannot_leave_the_block_of_the_scope(string type, string statements)
    {
        string[] errors = Snippet.ErrorsOf(
            $"using MemoryPages; class P {{ static {type} F(Pages<ReadOnly> p) {{ {statements} }} static void Main() {{ }} }}");
        Assert.Equal(["CS8168", "CS8347"], errors.Select(e => e[..6]).Order());
        Assert.Contains(errors, e => e.Contains("'s'"));
    }

    private static void AssertBound(string variable, string[] errors)
    {
        string error = Assert.Single(errors);
        Assert.StartsWith("CS8168: ", error);
        Assert.Contains($"'{variable}'", error);
    }
}

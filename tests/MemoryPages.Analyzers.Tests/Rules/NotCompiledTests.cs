using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MemoryPages.Analyzers.Tests.Rules;

/// <summary>What the earlier libraries' compilers refuse is refused here: by the compiler where a type says it, by the analyzer where it takes a move or a borrow.</summary>
public sealed class NotCompiledTests
{
    [Theory]
    [InlineData("using var p = Pages.Allocate(1); using var q = p.DenyWrite(); using var v = p.Write();", "MP1001")] // writing after deny-write: through the old name
    [InlineData("using var p = Pages.Allocate(1); using var q = p.DenyWrite(); using var v = q.Write();", "CS0315")] // and through the new one
    [InlineData("using var p = Pages.Allocate(1); using var q = p.DenyWrite(); q.Write(0, 1);", "CS1929")]
    [InlineData("using var p = Pages.Allocate(1); using var v = p.Write(); using var q = p.DenyWrite(); v.Span[0] = 1;", "MP1005")] // what was borrowed before
    [InlineData("var p = Pages.Allocate<ReadOnly>(1); p.Seal(); using var v = p.Write();", "CS0315")] // writing to sealed pages
    [InlineData("var p = Pages.Allocate<ReadOnly>(1); using var s = p.Seal(); using var v = p.Read();", "CS0815")]
    [InlineData("using var p = Pages.Allocate<ReadExecute>(1); using var v = p.Write();", "CS0315")]
    [InlineData("using var p = Pages.Allocate<NoAccess>(1); using var v = p.Read();", "CS0315")]
    [InlineData("using var l = new VirtualList<int>(); l.Add(1); ref int x = ref l[0]; l.Clear(); x = 2;", "MP1005")] // a vector used while it is borrowed
    [InlineData("using var l = new VirtualList<int>(); l.Add(1); using var v = l.Read(); l.ClearAndDecommit();", "MP1005")]
    [InlineData("var l = new VirtualList<int>(); using var v = l.Write(); l.Dispose();", "MP1005")]
    [InlineData("Span<byte> s; using var p = Pages.Allocate(1); using (var v = p.Write()) { s = v.Span; } s[0] = 1;", "CS8168")] // a slice that outlives its borrow
    [InlineData("unsafe { Span<byte> s; using var p = Pages.Allocate(1); using (var v = p.Write()) { s = v.Span; } s[0] = 1; }", "MP1005")] // also where the compiler lets it
    [InlineData("using var p = Pages.Allocate(1); using var v = p.Read(); unsafe { p.DangerousAdvise(UncheckedAdvice.DontNeed); }", "MP1005")] // unchecked advice under a borrow
    [InlineData("using var p = Pages.Allocate(1); using var v = p.Read(); p.Resize(2);", "MP1005")] // remap under a borrow
    [InlineData("using Box<int> b = Box.New(1); Box<int> c = b.Move(); Console.WriteLine(b.Value); c.Dispose();", "MP1001")] // a box used after it moved
    [InlineData("var a = new ArenaAllocator(); using var b = Box.New(1, a); a.Dispose();", "MP1005")] // a box that outlives its allocator
    public async Task It_is_refused(string statements, string by)
    {
        CSharpCompilation compilation = Analysis.Compile(Analysis.Usings + $"static class Program {{ static void M() {{ {statements} }} }}");
        string[] errors = [.. compilation.GetDiagnostics(TestContext.Current.CancellationToken)
            .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(diagnostic => diagnostic.Id)];
        string[] told = errors.Length != 0 ? errors : [.. (await Analysis.Reports(compilation)).Select(report => report.Id)];
        Assert.Contains(by, told);
    }
}

using System.Collections.Immutable;
using MemoryPages.Analyzers.CodeFixes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using Change = Microsoft.CodeAnalysis.CodeActions.CodeAction;

namespace MemoryPages.Analyzers.Tests.Rules;

/// <summary>What the fixes make of code: it compiles, and the rule is content.</summary>
public sealed class CodeFixTests
{
    [Theory]
    [InlineData("void M(Pages<ReadWrite> p) { var v = p.Write(); v.Span[0] = 1; }", "using var v = p.Write();")]
    [InlineData("void M(Pages<ReadWrite> p) { /* first */ WriteView v = p.Write(); v.Span[0] = 1; }", "/* first */ using WriteView v = p.Write();")]
    [InlineData("void M() { var p = Pages.Allocate(1); p.Lock(); }", "using var p = Pages.Allocate(1);")]
    [InlineData("void M() { VirtualList<int> l = new(); l.Add(1); }", "using VirtualList<int> l = new();")]
    public Task Using_is_added(string member, string mended) => Check(new AddUsingFix(), "class C { " + member + " }", mended);

    [Theory]
    [InlineData("struct S { Box _b; }", "_b.Dispose();")]
    [InlineData("struct S { public Box B { get; set; } }", "B.Dispose();")]
    [InlineData("struct S : IDisposable { Box _a; int _n; public void Dispose() { _n = 0; } }", "_a.Dispose();")]
    [InlineData("ref struct S { WriteView _v; }", "using (_v)")]
    public Task Dispose_is_generated(string type, string mended) =>
        Check(new GenerateDisposeFix(), type + " [MoveOnly] struct Box : IDisposable { public void Dispose() { } }", mended);

    [Theory]
    [InlineData("struct S { Box<int> _a, _b; }", "Box.DisposeAll(ref _a, ref _b);")]
    [InlineData("struct S { Box<int> _a, _b, _c, _d; }", "Box.DisposeAll(ref _a, ref _b, ref _c, ref _d);")]
    [InlineData("struct S { Box<int> _a, _b, _c, _d, _e; }", "Box.DisposeAll(ref _b, ref _c, ref _d, ref _e);")]
    [InlineData("struct S { public Box<int> A { get; set; } public Box<int> B { get; set; } }", "A.Dispose();")]
    [InlineData("struct S : IDisposable { Box<int> _a, _b; public void Dispose() => _a.Dispose(); }", "_b.Dispose();")]
    [InlineData("struct S : IDisposable { Box<int> _a, _b; public void Dispose() { Console.WriteLine(); } }", "Box.DisposeAll(ref _a, ref _b);")]
    [InlineData("struct S { Box<int> _a; public void Dispose() => _a.Dispose(); }", "struct S : IDisposable")]
    [InlineData("struct S { BoxedSpan<int> _a; Box<int, NativeAllocator> _b; }", "Box.DisposeAll(ref _a, ref _b);")]
    public async Task Dispose_of_all_boxes_is_generated_at_once(string type, string mended) => await Check(new GenerateDisposeFix(), type, mended, onlyOne: false);

    private static async Task Check(CodeFixProvider provider, string source, string mended, bool onlyOne = true)
    {
        using var workspace = new AdhocWorkspace();
        Project project = workspace.AddProject("Snippet", LanguageNames.CSharp)
            .WithParseOptions(new CSharpParseOptions(LanguageVersion.CSharp14))
            .WithCompilationOptions(new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true))
            .WithMetadataReferences(Analysis.References);
        Document document = project.AddDocument("Snippet.cs", SourceText.From(Analysis.Usings + source));
        Diagnostic[] all = await Reports(document, provider);
        Diagnostic found = onlyOne ? Assert.Single(all) : all[0];

        Change? action = null;
        await provider.RegisterCodeFixesAsync(new CodeFixContext(document, found, (registered, _) =>
            action = registered, TestContext.Current.CancellationToken));
        Assert.NotNull(action);
        ImmutableArray<CodeActionOperation> operations = await action.GetOperationsAsync(TestContext.Current.CancellationToken);
        Document changed = operations.OfType<ApplyChangesOperation>().Single().ChangedSolution.GetDocument(document.Id)!;
        Assert.Contains(mended, (await changed.GetTextAsync(TestContext.Current.CancellationToken)).ToString());
        Assert.Empty(await Reports(changed, provider));
    }

    private static async Task<Diagnostic[]> Reports(Document document, CodeFixProvider provider)
    {
        Compilation compilation = (await document.Project.GetCompilationAsync())!;
        Assert.Empty(compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        ImmutableArray<Diagnostic> reports = await compilation.WithAnalyzers(Analysis.Analyzers).GetAnalyzerDiagnosticsAsync();
        return [.. reports.Where(report => provider.FixableDiagnosticIds.Contains(report.Id))];
    }
}

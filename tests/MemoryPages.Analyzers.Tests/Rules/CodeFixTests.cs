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

    private static async Task Check(CodeFixProvider provider, string source, string mended)
    {
        using var workspace = new AdhocWorkspace();
        Project project = workspace.AddProject("Snippet", LanguageNames.CSharp)
            .WithParseOptions(new CSharpParseOptions(LanguageVersion.CSharp14))
            .WithCompilationOptions(new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true))
            .WithMetadataReferences(Analysis.References);
        Document document = project.AddDocument("Snippet.cs", SourceText.From(Analysis.Usings + source));
        Diagnostic found = Assert.Single(await Reports(document, provider));

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

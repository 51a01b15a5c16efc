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

    [Theory]
    [InlineData("class C { void M(Pages<ReadWrite> p) { var v = p.Write(); v.Span[0] = 1; { var w = p.Read(); Console.WriteLine(w[0]); } } void N(Pages<ReadOnly> p) { ReadView v = p.Read(); Console.WriteLine(v[0]); } }", 3)]
    [InlineData("class C { void M() { var p = Pages.Allocate(1); p.Lock(); VirtualList<int> l = new(); l.Add(1); } void N() { Action a = () => { var p = Pages.Allocate(1); p.Lock(); }; a(); } }", 3)]
    [InlineData("class C { void M() { var p = Pages.Allocate(1); var v = p.Write(); v.Span[0] = 1; } }", 2)]
    public async Task All_are_mended_at_once_by_using(string source, int reports)
    {
        string mended = await CheckAll(new AddUsingFix(), source, reports);
        Assert.Equal(reports, mended.Split("using ").Length - 1);
    }

    [Theory]
    [InlineData("struct S { Box<int> _a; } struct T { Box<int> _b; } ref struct U { WriteView _v; }", 3)]
    [InlineData("struct S { Box<int> _a, _b; } struct T : IDisposable { Box<int> _a; BoxedSpan<int> _b; int _n; public void Dispose() { _n = 0; } }", 4)]
    [InlineData("class C { struct S { Box<int> _a; struct T { Box<int> _b; } } }", 2)]
    public async Task All_structs_get_their_Dispose_at_once(string source, int reports) => await CheckAll(new GenerateDisposeFix(), source, reports);

    [Theory]
    [InlineData("class C { Pages<ReadWrite>? M(bool a) { var p = Pages.Allocate(1); if (a) { p.Lock(); return null; } return p; } }")]
    [InlineData("class C { void M() { var p = Pages.Allocate(1); p = Pages.Allocate(2); p.Dispose(); } }")]
    [InlineData("class C { ReadView M(Pages<ReadWrite> p, bool a) { var v = p.Read(); if (a) { Console.WriteLine(v[0]); return default; } return v; } }")]
    public async Task Where_using_would_end_what_is_handed_on_it_is_not_offered(string source)
    {
        using var workspace = new AdhocWorkspace();
        Document document = Opened(workspace, source);
        Diagnostic found = Assert.Single(await Reports(document, new AddUsingFix()));
        await new AddUsingFix().RegisterCodeFixesAsync(
            new CodeFixContext(document, found, (_, _) => Assert.Fail("A fix is offered."), TestContext.Current.CancellationToken));
    }

    /// <returns>The source after all were mended: it compiles, and there is nothing to report.</returns>
    private static async Task<string> CheckAll(CodeFixProvider provider, string source, int reports)
    {
        using var workspace = new AdhocWorkspace();
        Document document = Opened(workspace, source);
        Diagnostic[] all = await Reports(document, provider);
        Assert.Equal(reports, all.Length);
        var context = new FixAllContext(
            document, provider, FixAllScope.Document, provider.GetType().Name, provider.FixableDiagnosticIds, new Found(all), TestContext.Current.CancellationToken);
        Change? action = await provider.GetFixAllProvider()!.GetFixAsync(context);
        Document changed = await Applied(action!, document);
        Assert.Empty(await Reports(changed, provider));
        return (await changed.GetTextAsync(TestContext.Current.CancellationToken)).ToString()[Analysis.Usings.Length..];
    }

    private static async Task Check(CodeFixProvider provider, string source, string mended, bool onlyOne = true)
    {
        using var workspace = new AdhocWorkspace();
        Document document = Opened(workspace, source);
        Diagnostic[] all = await Reports(document, provider);
        Diagnostic found = onlyOne ? Assert.Single(all) : all[0];

        Change? action = null;
        await provider.RegisterCodeFixesAsync(new CodeFixContext(document, found, (registered, _) =>
            action = registered, TestContext.Current.CancellationToken));
        Assert.NotNull(action);
        Document changed = await Applied(action, document);
        Assert.Contains(mended, (await changed.GetTextAsync(TestContext.Current.CancellationToken)).ToString());
        Assert.Empty(await Reports(changed, provider));
    }

    private static Document Opened(AdhocWorkspace workspace, string source)
    {
        Project project = workspace.AddProject("Snippet", LanguageNames.CSharp)
            .WithParseOptions(new CSharpParseOptions(LanguageVersion.CSharp14))
            .WithCompilationOptions(new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true))
            .WithMetadataReferences(Analysis.References);
        return project.AddDocument("Snippet.cs", SourceText.From(Analysis.Usings + source));
    }

    private static async Task<Document> Applied(Change action, Document document)
    {
        ImmutableArray<CodeActionOperation> operations = await action.GetOperationsAsync(TestContext.Current.CancellationToken);
        return operations.OfType<ApplyChangesOperation>().Single().ChangedSolution.GetDocument(document.Id)!;
    }

    private static async Task<Diagnostic[]> Reports(Document document, CodeFixProvider provider)
    {
        Compilation compilation = (await document.Project.GetCompilationAsync())!;
        Assert.Empty(compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        ImmutableArray<Diagnostic> reports = await compilation.WithAnalyzers(Analysis.Analyzers).GetAnalyzerDiagnosticsAsync();
        return [.. reports.Where(report => provider.FixableDiagnosticIds.Contains(report.Id))];
    }

    /// <summary>What an editor knows of its documents.</summary>
    private sealed class Found(Diagnostic[] reports) : FixAllContext.DiagnosticProvider
    {
        public override Task<IEnumerable<Diagnostic>> GetAllDiagnosticsAsync(Project project, CancellationToken cancellationToken) => Task.FromResult<IEnumerable<Diagnostic>>(reports);

        public override Task<IEnumerable<Diagnostic>> GetDocumentDiagnosticsAsync(Document document, CancellationToken cancellationToken) =>
            Task.FromResult<IEnumerable<Diagnostic>>(reports);

        public override Task<IEnumerable<Diagnostic>> GetProjectDiagnosticsAsync(Project project, CancellationToken cancellationToken) => Task.FromResult<IEnumerable<Diagnostic>>([]);
    }
}

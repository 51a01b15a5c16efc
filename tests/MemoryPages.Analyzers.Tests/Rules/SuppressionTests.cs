using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace MemoryPages.Analyzers.Tests.Rules;

/// <summary>A report is silenced, or changed in severity, as every other is: by pragma, by attribute, by .editorconfig for a file.</summary>
public sealed class SuppressionTests
{
    private const string Lost = "class First { void M() { var p = MemoryPages.Pages.Allocate(1); p.Unlock(); } }";
    private const string Open = "class First { void M(MemoryPages.Pages<MemoryPages.ReadWrite> p) { var v = MemoryPages.PagesAccess.Write(p); v.Span[0] = 1; } }";

    /// <summary>Not for the end of a line: that one is reported by the analysis of the whole flow.</summary>
    private const string Overwritten =
        "class First { void M() { var p = MemoryPages.Pages.Allocate(1); p = MemoryPages.Pages.Allocate(2); p.Dispose(); } }";

    private const string Spent = "class First { void M() { var p = MemoryPages.Pages.Allocate(1); p.Dispose(); p.Unlock(); } }";

    public static TheoryData<string, string> Programs => new() { { "MP1007", Lost }, { "MP1003", Open }, { "MP1007", Overwritten }, { "MP1001", Spent } };

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task By_nothing_it_is_reported(string rule, string code) => Assert.Equal(rule, Assert.Single(await Reports([("A.cs", code)])).Id);

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task By_pragma(string rule, string code) =>
        Assert.Empty(await Reports([("A.cs", $"#pragma warning disable {rule} // its loss is what is shown\n{code}\n#pragma warning restore {rule}\n")]));

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task By_attribute(string rule, string code) => Assert.Empty(await Reports(
        [("A.cs", $"[System.Diagnostics.CodeAnalysis.{nameof(SuppressMessageAttribute)[..^9]}(\"Ownership\", \"{rule}\", Justification = \"its loss is what is shown\")] {code}")]));

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task By_editorconfig_for_one_file(string rule, string code)
    {
        ImmutableArray<Diagnostic> reports = await Reports(
            [("/src/A.cs", code), ("/src/B.cs", code.Replace("First", "Second"))], $"root = true\n[A.cs]\ndotnet_diagnostic.{rule}.severity = none\n");
        Assert.Equal("/src/B.cs", Assert.Single(reports).Location.SourceTree!.FilePath);
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Editorconfig_changes_the_severity(string rule, string code)
    {
        ImmutableArray<Diagnostic> reports = await Reports([("/src/A.cs", code)], $"root = true\n[*.cs]\ndotnet_diagnostic.{rule}.severity = suggestion\n");
        Assert.Equal(DiagnosticSeverity.Info, Assert.Single(reports).Severity);
    }

    private static async Task<ImmutableArray<Diagnostic>> Reports((string Path, string Code)[] files, string editorConfig = "")
    {
        CSharpCompilation compilation = Analysis.Compile("").RemoveAllSyntaxTrees()
            .AddSyntaxTrees(files.Select(file => CSharpSyntaxTree.ParseText(file.Code, new CSharpParseOptions(LanguageVersion.CSharp14), file.Path)));
        var configs = AnalyzerConfigSet.Create(ImmutableArray.Create(AnalyzerConfig.Parse(SourceText.From(editorConfig), "/src/.editorconfig")));
        compilation = compilation.WithOptions(compilation.Options.WithSyntaxTreeOptionsProvider(new Configured(configs)));
        return await Analysis.Reports(compilation);
    }

    /// <summary>What a compiler makes of .editorconfig.</summary>
    private sealed class Configured(AnalyzerConfigSet configs) : SyntaxTreeOptionsProvider
    {
        public override GeneratedKind IsGenerated(SyntaxTree tree, CancellationToken cancellationToken) => GeneratedKind.NotGenerated;

        public override bool TryGetDiagnosticValue(SyntaxTree tree, string diagnosticId, CancellationToken cancellationToken, out ReportDiagnostic severity) =>
            configs.GetOptionsForSourcePath(tree.FilePath).TreeOptions.TryGetValue(diagnosticId, out severity);

        public override bool TryGetGlobalDiagnosticValue(string diagnosticId, CancellationToken cancellationToken, out ReportDiagnostic severity)
        {
            severity = default;
            return false;
        }
    }
}

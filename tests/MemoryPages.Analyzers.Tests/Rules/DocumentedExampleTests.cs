using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MemoryPages.Analyzers.Tests.Rules;

/// <summary>README and docs: the wrong example of a rule is reported by it, and no other example by any.</summary>
public sealed partial class DocumentedExampleTests
{
    public static TheoryData<string, string> Wrong() =>
        [.. Blocks("docs/analyzers.md").Where(block => block.Kind == " wrong").Select(block =>
            new TheoryDataRow<string, string>(block.Rule, block.Code))];

    public static TheoryData<string> Pages() =>
        ["README.md", .. Directory.EnumerateFiles(Path.Combine(Analysis.RepositoryRoot, "docs"), "*.md").Order().Select(file =>
            "docs/" + Path.GetFileName(file))];

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task The_wrong_example_is_reported_by_its_rule(string rule, string code)
    {
        string[] directives = [.. code.Split('\n').TakeWhile(line => line.StartsWith('#'))];
        string body = string.Join('\n', code.Split('\n').Skip(directives.Length));
        string source = Analysis.Usings + string.Concat(directives.Select(directive => directive + "\n"))
            + (body.StartsWith("ref struct") ? body : "static class Example { static void Run(Pages<ReadWrite> pages) {\n" + body + "} }");
        ImmutableArray<Diagnostic> reports = await Analysis.Reports(Analysis.Compile(source));
        Assert.Equal(rule, Assert.Single(reports).Id);
    }

    [Fact]
    public void Each_rule_has_a_wrong_and_a_right_example()
    {
        string[] rules = [.. Analysis.Analyzers.SelectMany(analyzer => analyzer.SupportedDiagnostics).Select(rule => rule.Id).Distinct().Order()];
        (string Rule, string Kind, string Code)[] blocks = [.. Blocks("docs/analyzers.md")];
        Assert.Equal(10, rules.Length);
        Assert.All(rules, rule => Assert.Single(blocks, block => block.Rule == rule && block.Kind == " wrong"));
        Assert.All(rules, rule => Assert.Single(blocks, block => block.Rule == rule && block.Kind.Length == 0));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Other_examples_are_not_reported(string page)
    {
        foreach ((_, string kind, string code) in Blocks(page))
        {
            if (kind is " wrong" or " no-compile")
            {
                continue;
            }

            IEnumerable<string> named = UsingDirective().Matches(code).Select(directive =>
                $"using {directive.Groups[1].Value};").Where(directive => !Analysis.Usings.Contains(directive));
            string statements = UsingDirective().Replace(code, "");
            string source = Analysis.Usings + string.Concat(named.Distinct()) + (kind.Contains("unsafe") ? $"unsafe {{ {statements} }}" : statements);
            ImmutableArray<Diagnostic> reports = await Analysis.Reports(Analysis.Compile(source, OutputKind.ConsoleApplication));
            Assert.True(reports.IsEmpty, $"{page}:\n{string.Join('\n', reports)}\n{code}");
        }
    }

    private static IEnumerable<(string Rule, string Kind, string Code)> Blocks(string page)
    {
        string text = File.ReadAllText(Path.Combine(Analysis.RepositoryRoot, page));
        foreach (Match block in CodeBlock().Matches(text))
        {
            Match? heading = Heading().Matches(text[..block.Index]).LastOrDefault();
            yield return (heading?.Groups[1].Value ?? "", block.Groups[1].Value, block.Groups[2].Value);
        }
    }

    [GeneratedRegex(@"^```csharp([^\n]*)\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"^## ([^\n]+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^using ([\w.]+);\s*?\n", RegexOptions.Multiline)]
    private static partial Regex UsingDirective();
}

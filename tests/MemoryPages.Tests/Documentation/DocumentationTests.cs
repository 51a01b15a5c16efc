using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;

namespace MemoryPages.Tests.Documentation;

/// <summary>Every example of the README and the docs compiles and runs, and every local link leads somewhere.</summary>
public sealed partial class DocumentationTests
{
    private const string NoCompile = " no-compile";

    /// <summary>What the analyzer reports: its own tests read these.</summary>
    private const string Wrong = " wrong";

    public static TheoryData<string, int> Examples() =>
        [.. Pages().SelectMany(page => Blocks(page).Index().Where(block => block.Item.Kind is not (NoCompile or Wrong)).Select(block => new TheoryDataRow<string, int>(page, block.Index)))];

    public static TheoryData<string> CounterExamples() =>
        [.. Pages().SelectMany(Blocks).Where(block => block.Kind == NoCompile).SelectMany(block => block.Code.Split('\n', StringSplitOptions.RemoveEmptyEntries))];

    public static TheoryData<string> AllPages() => [.. Pages()];

    [Theory]
    [MemberData(nameof(Examples))]
    public void Example_compiles_and_runs(string page, int index)
    {
        (string kind, string code) = Blocks(page)[index];
        using var image = new MemoryStream();
        string[] errors = Snippet.Emit(AsProgram(code, isUnsafe: kind.Contains("unsafe")), image);
        Assert.Empty(errors);

        TextWriter console = Console.Out;
        using var output = new StringWriter();
        Console.SetOut(output);
        try
        {
            MethodInfo main = System.Reflection.Assembly.Load(image.ToArray()).EntryPoint!;
            main.Invoke(null, main.GetParameters().Length == 0 ? null : [Array.Empty<string>()]);
        }
        finally
        {
            Console.SetOut(console);
        }
    }

    /// <summary>A line such as <c>data.Write(); // CS0315: …</c> gives just that error where the page's names mean what they mean there.</summary>
    [Theory]
    [MemberData(nameof(CounterExamples))]
    public void Counter_example_does_not_compile_for_the_reason_given(string line)
    {
        string reason = Reason().Match(line).Groups[1].Value;
        Assert.NotEmpty(reason);
        string[] errors = Snippet.ErrorsOf(
            $$"""
            using System; using MemoryPages;
            using var pages = Pages.Allocate(1);
            using var data = Pages.Allocate<ReadOnly>(1);
            Span<byte> span;
            {
                using var view = pages.Write();
                {{line}}
            }
            """);
        Assert.StartsWith(reason, Assert.Single(errors));
    }

    [Theory]
    [MemberData(nameof(AllPages))]
    public void Links_lead_to_files_that_exist(string page)
    {
        string path = Path.Combine(Snippet.RepositoryRoot, page);
        foreach (Match link in LocalLink().Matches(File.ReadAllText(path)))
        {
            string target = Path.Combine(Path.GetDirectoryName(path)!, link.Groups[1].Value);
            Assert.True(Path.Exists(target), $"{page} links to {link.Groups[1].Value}, which does not exist.");
        }
    }

    private static IEnumerable<string> Pages() =>
        ["README.md", .. Directory.EnumerateFiles(Path.Combine(Snippet.RepositoryRoot, "docs"), "*.md").Order().Select(file => "docs/" + Path.GetFileName(file))];

    private static List<(string Kind, string Code)> Blocks(string page) =>
        [.. CodeBlock().Matches(File.ReadAllText(Path.Combine(Snippet.RepositoryRoot, page))).Select(block => (block.Groups[1].Value, block.Groups[2].Value))];

    /// <summary>Later examples of a page go on where its first one has named the namespaces.</summary>
    private static string AsProgram(string code, bool isUnsafe)
    {
        string[] implied = ["System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Threading", "System.Threading.Tasks", "MemoryPages"];
        IEnumerable<string> named = UsingDirective().Matches(code).Select(directive => directive.Groups[1].Value);
        string usings = string.Concat(implied.Union(named).Select(name => $"using {name};\n"));
        string statements = UsingDirective().Replace(code, "");
        return usings + (isUnsafe ? $"unsafe {{ {statements} }}" : statements);
    }

    [GeneratedRegex(@"^```csharp([^\n]*)\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"^using ([\w.]+);\s*?\n", RegexOptions.Multiline)]
    private static partial Regex UsingDirective();

    [GeneratedRegex(@"// (CS\d+):")]
    private static partial Regex Reason();

    [GeneratedRegex(@"\]\((?!https?:|#)([^)#]+)[^)]*\)")]
    private static partial Regex LocalLink();
}

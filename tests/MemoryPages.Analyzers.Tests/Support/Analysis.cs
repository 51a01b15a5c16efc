using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Loader;
using System.Text.RegularExpressions;
using MemoryPages.Analyzers.Rules;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace MemoryPages.Analyzers.Tests.Support;

/// <summary>Compiles a user's code and asks the analyzers what they say of it.</summary>
internal static partial class Analysis
{
    /// <summary>In front of each snippet, so that lines count from the snippet's own first.</summary>
    public const string Usings = "using System; using System.Collections.Generic; using System.IO; using System.Linq; using System.Threading; using System.Threading.Tasks;"
        + " using MemoryPages; using MemoryPages.Ownership; using MemoryPages.Unsafe;\n";

    private static readonly Lazy<MetadataReference[]> s_references = new(() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.") || path.EndsWith("MemoryPages.dll"))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ]);

    public static IEnumerable<MetadataReference> References => s_references.Value;

    public static string RepositoryRoot { get; } =
        typeof(Analysis).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!;

    public static ImmutableArray<DiagnosticAnalyzer> Analyzers { get; } =
    [
        .. typeof(OwnershipAnalyzer).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(OwnershipAnalyzer)))
            .Select(type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!),
    ];

    public static CSharpCompilation Compile(string source, OutputKind kind = OutputKind.DynamicallyLinkedLibrary) => CSharpCompilation.Create(
        "Snippet" + Guid.NewGuid().ToString("N"),
        [CSharpSyntaxTree.ParseText(source, new CSharpParseOptions(LanguageVersion.CSharp14))],
        s_references.Value,
        new CSharpCompilationOptions(kind, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));

    /// <summary>What the analyzers report; the compiler must not mind the code, nor an analyzer fail.</summary>
    public static async Task<ImmutableArray<Diagnostic>> Reports(CSharpCompilation compilation)
    {
        string[] errors = [.. compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.ToString())];
        Assert.True(errors.Length == 0, string.Join('\n', errors));
        ImmutableArray<Diagnostic> reports = await compilation.WithAnalyzers(Analyzers).GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain(reports, report => report.Id == "AD0001");
        return [.. reports.OrderBy(report => report.Location.SourceSpan.Start)];
    }

    /// <summary>
    /// The rule reports exactly what is between <c>[|</c> and <c>|]</c>; other rules may say what they like. A snippet is types, members of a
    /// class, or the
    /// statements of a method.
    /// </summary>
    public static async Task Check(string rule, string snippet)
    {
        string source = Program(snippet);
        var expected = new List<string>();
        foreach (Match mark in Marked().Matches(source))
        {
            expected.Add(mark.Groups[1].Value);
        }

        CSharpCompilation compilation = Compile(Usings + source.Replace("[|", "").Replace("|]", ""));
        ImmutableArray<Diagnostic> reports = await Reports(compilation);
        string[] actual = [.. reports.Where(report => report.Id == rule).Select(report =>
            report.Location.SourceTree!.GetText().ToString(report.Location.SourceSpan))];
        Assert.True(
            expected.SequenceEqual(actual),
            $"Expected: {string.Join(" ; ", expected)}\nActual: {string.Join(" ; ", actual)}\n{string.Join('\n', reports)}\n{source}");
    }

    /// <summary>The compiled assembly, unloaded when nothing of it is used any more.</summary>
    public static Assembly Load(CSharpCompilation compilation)
    {
        using var image = new MemoryStream();
        Assert.True(compilation.Emit(image).Success);
        image.Position = 0;
        var context = new AssemblyLoadContext("generated", isCollectible: true);
        context.Resolving += (_, name) => AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(assembly => assembly.GetName().Name == name.Name);
        return context.LoadFromStream(image);
    }

    public static string Program(string snippet) => IsType().IsMatch(snippet) ? snippet
        : "class Program { " + Members + (IsMembers(snippet) ? snippet : "unsafe void M(bool a, int n) {\n" + snippet + "\n}") + " }";

    /// <summary>What snippets call.</summary>
    private const string Members =
        "static void Keep(object o) { } static void Take([Consumes] Pages<ReadWrite> p) => p.Dispose(); static void Look([Borrows] Pages<ReadWrite> p) { }"
        + " static void Renew(ref Pages<ReadWrite> p) => p = Pages.Allocate(1); static bool TryTake([Consumes(WhenTrue = true)] Pages<ReadWrite> p) => false; ";

    private static bool IsMembers(string snippet) => MemberStart().IsMatch(snippet);

    [GeneratedRegex(@"^(public |private |static |async |readonly |Pages<\w+>\?? \w+\(|void |IEnumerable)")]
    private static partial Regex MemberStart();

    [GeneratedRegex(@"^(unsafe |static |ref |readonly |record |\[MoveOnly\] )*(class|struct) ")]
    private static partial Regex IsType();

    [GeneratedRegex(@"\[\|(.*?)\|\]", RegexOptions.Singleline)]
    private static partial Regex Marked();
}

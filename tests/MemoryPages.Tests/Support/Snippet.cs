using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MemoryPages.Tests.Support;

/// <summary>Compiles a user's code, to see what the compiler says of it: promises of the type system are tested here.</summary>
internal static class Snippet
{
    private static readonly Lazy<MetadataReference[]> s_references = new(() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(System.IO.Path.PathSeparator)
            .Where(path => System.IO.Path.GetFileName(path).StartsWith("System.") || path.EndsWith("MemoryPages.dll"))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ]);

    /// <summary>The errors of the statements, put in a method with <c>using MemoryPages;</c>: identifier and message.</summary>
    public static string[] Errors(string statements, bool allowUnsafe = false) => ErrorsOf(
        $$"""
        using System; using System.Threading.Tasks; using MemoryPages; using MemoryPages.Unsafe;
        static class Program
        {
            static void Main()
            {
                {{statements}}
            }
        }
        """, allowUnsafe);

    /// <summary>The errors of a whole file. Emitting finds some that binding does not: CS4007, kept over an await.</summary>
    public static string[] ErrorsOf(string source, bool allowUnsafe = false) => Errors(Compile(source, allowUnsafe).Emit(Stream.Null).Diagnostics);

    /// <summary>Compiles a whole program into a stream, with unsafe code allowed, and returns the errors.</summary>
    public static string[] Emit(string source, Stream image) => Errors(Compile(source, allowUnsafe: true).Emit(image).Diagnostics);

    private static CSharpCompilation Compile(string source, bool allowUnsafe) => CSharpCompilation.Create(
        "Snippet" + Guid.NewGuid(),
        [CSharpSyntaxTree.ParseText(source, new CSharpParseOptions(LanguageVersion.CSharp14))],
        s_references.Value,
        new CSharpCompilationOptions(OutputKind.ConsoleApplication, allowUnsafe: allowUnsafe, nullableContextOptions: NullableContextOptions.Enable));

    private static string[] Errors(IEnumerable<Diagnostic> diagnostics) =>
        [.. diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(diagnostic => $"{diagnostic.Id}: {diagnostic.GetMessage()}")];

    /// <summary>The folder of the repository.</summary>
    public static string RepositoryRoot { get; } =
        typeof(Snippet).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!;
}

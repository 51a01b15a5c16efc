using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MemoryPages.Tests.House;

/// <summary>The library's own source, parsed and bound: the tests of the house read it as the compiler does.</summary>
internal static class Sources
{
    public static string Root { get; } = Path.Combine(Snippet.RepositoryRoot, "src");

    public static string Library { get; } = Path.Combine(Root, "MemoryPages");

    /// <summary>Every C# file under src/, without what builds leave.</summary>
    public static string[] AllFiles { get; } = [.. FilesUnder(Root)];

    /// <summary>
    /// The library without its generators: what they would add (the bodies of native calls) is missing, which changes no name that is used. Internal
    /// names of the framework's references stay unbound alike.
    /// </summary>
    public static CSharpCompilation Compilation { get; } = Compile(FilesUnder(Library).Select(path => (path, File.ReadAllText(path))));

    public static CSharpCompilation Compile(IEnumerable<(string Path, string Text)> files)
    {
        const string ImplicitUsings = "global using System; global using System.IO; global using System.Linq; global using System.Collections.Generic;"
            + "global using System.Threading; global using System.Threading.Tasks; global using System.Net.Http;";
        var options = new CSharpParseOptions(LanguageVersion.CSharp14).WithFeatures([new("strict", "true")]);
        IEnumerable<MetadataReference> references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is "mscorlib.dll" or "netstandard.dll" || Path.GetFileName(path).StartsWith("System.")
                || Path.GetFileName(path) == "Microsoft.Win32.Primitives.dll")
            .Select(path => MetadataReference.CreateFromFile(path));
        return CSharpCompilation.Create(
            "MemoryPages",
            [CSharpSyntaxTree.ParseText(ImplicitUsings, options), .. files.Select(file => CSharpSyntaxTree.ParseText(file.Text, options, file.Path))],
            references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
    }

    /// <summary>The folder directly under src/MemoryPages that a file is in; empty for the files beside the folders.</summary>
    public static string RoomOf(string path)
    {
        string relative = Path.GetRelativePath(Library, path);
        int slash = relative.IndexOf(Path.DirectorySeparatorChar);
        return slash < 0 ? "" : relative[..slash];
    }

    private static IEnumerable<string> FilesUnder(string folder) => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
        .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}")
            && !path.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}"))
        .Order(StringComparer.Ordinal);
}

using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MemoryPages.Tests.House;

/// <summary>Rules that hold for every source file.</summary>
public sealed class SourceTests
{
    private const int LongestFile = 300;

    public static IEnumerable<(string Path, SyntaxNode Root)> Library => Sources.Compilation.SyntaxTrees
        .Where(tree => tree.FilePath.Length != 0).Select(tree => (Path.GetRelativePath(Sources.Library, tree.FilePath), tree.GetRoot()));

    [Fact]
    public void Only_the_platform_floor_calls_the_system()
    {
        Assert.Empty(Library.Where(file => !IsPlatform(file.Path) && CallsTheSystem(file.Root)).Select(file => file.Path));
        Assert.Contains(Library, file => CallsTheSystem(file.Root));

        static bool CallsTheSystem(SyntaxNode root) => root.DescendantNodes().Any(node =>
            node is AttributeSyntax { Name: var name } && name.ToString().Split('.')[^1] is "LibraryImport" or "DllImport"
            || node is MethodDeclarationSyntax method && method.Modifiers.Any(SyntaxKind.ExternKeyword));
    }

    [Fact]
    public void Only_the_platform_floor_asks_which_system_it_is()
    {
        Assert.Empty(Library.Where(file => !IsPlatform(file.Path) && Asks(file.Root)).Select(file => file.Path));
        Assert.Contains(Library, file => Asks(file.Root));

        static bool Asks(SyntaxNode root) => root.DescendantNodes().OfType<MemberAccessExpressionSyntax>().Any(access =>
            access.Expression.ToString().Split('.')[^1] is "OperatingSystem" or "RuntimeInformation" && access.Name.Identifier.Text.StartsWith("Is"));
    }

    [Fact]
    public void No_public_type_holds_a_native_call()
    {
        MethodInfo[] native = [.. typeof(Pages).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(method => method.Attributes.HasFlag(MethodAttributes.PinvokeImpl))];
        Assert.NotEmpty(native);
        Assert.All(native, method => Assert.StartsWith("MemoryPages.Platform.", method.DeclaringType!.FullName));
        Assert.DoesNotContain(native, method => method.DeclaringType!.IsVisible);
    }

    [Fact]
    public void The_size_of_a_page_is_never_a_number()
    {
        Assert.Empty(Sources.AllFiles.Where(path => !IsNative(path)).SelectMany(path => PageSizesIn(File.ReadAllText(path)).Select(found => $"{Path.GetRelativePath(Sources.Root, path)}: {found}")));
    }

    [Theory]
    [InlineData("int a = 4096;", 1)]
    [InlineData("nuint a = 0x1000u;", 1)]
    [InlineData("long a = 4_096L, b = 1 << 12, c = ~0xFFF, d = x & 4095;", 4)]
    [InlineData("int a = 40960; // 4096", 0)]
    public void A_page_size_as_a_number_is_found(string code, int count) => Assert.Equal(count, PageSizesIn(code).Count());

    /// <summary>A library's output is what it returns and throws: the console is the program's.</summary>
    [Fact]
    public void The_library_prints_nothing()
    {
        Assert.Empty(Library.Where(file => file.Root.DescendantNodes().OfType<MemberAccessExpressionSyntax>()
            .Any(access => access.Expression.ToString().Split('.')[^1] is "Console" or "Trace" or "Debugger")).Select(file => file.Path));
    }

    [Fact]
    public void No_file_is_longer_than_a_person_reads_at_once() => Assert.DoesNotContain(
        Sources.AllFiles.Select(path => (Path: Path.GetRelativePath(Sources.Root, path), Lines: File.ReadLines(path).Count())), file => file.Lines > LongestFile);

    /// <summary>Numbers of the systems' headers, one of which may be anything.</summary>
    private static bool IsNative(string path) => path.Contains(Path.DirectorySeparatorChar + "Native" + Path.DirectorySeparatorChar);

    private static bool IsPlatform(string path) => path.StartsWith("Platform" + Path.DirectorySeparatorChar);

    private static IEnumerable<string> PageSizesIn(string code) => CSharpSyntaxTree.ParseText(code).GetRoot().DescendantNodes()
        .Where(node => node is LiteralExpressionSyntax { Token.Value: var value } && value is 4096 or 4096u or 4096L or 4096ul or 4095 or 4095u or 4095L or 4095ul
            || node is BinaryExpressionSyntax { RawKind: (int)SyntaxKind.LeftShiftExpression or (int)SyntaxKind.RightShiftExpression, Right: LiteralExpressionSyntax { Token.Value: 12 } })
        .Select(node => node.ToString());
}

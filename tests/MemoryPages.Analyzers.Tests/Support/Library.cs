using MemoryPages.Analyzers.Vocabulary;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MemoryPages.Analyzers.Tests.Support;

/// <summary>The library as its users' compiler sees it.</summary>
internal static class Library
{
    private static readonly CSharpCompilation s_user = Analysis.Compile("");

    public static OwnershipVocabulary Vocabulary { get; } = OwnershipVocabulary.Of(s_user)!;

    /// <summary>All types that users can name, nested ones too.</summary>
    public static INamedTypeSymbol[] PublicTypes { get; } = [.. In(Assembly.GlobalNamespace)];

    private static IAssemblySymbol Assembly => s_user.SourceModule.ReferencedAssemblySymbols.Single(assembly => assembly.Name == "MemoryPages");

    /// <summary>The methods and properties that an object of the type is used by: its own, and those that the library extends it by.</summary>
    public static IEnumerable<ISymbol> MembersOf(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? declaring = type; declaring is { SpecialType: SpecialType.None }; declaring = declaring.BaseType)
        {
            foreach (ISymbol member in declaring.GetMembers().Where(IsUsed))
            {
                yield return member;
            }
        }

        foreach (INamedTypeSymbol extension in PublicTypes.SelectMany(container => container.GetTypeMembers()).Where(nested => nested.IsExtension))
        {
            if (Extends(extension.ExtensionParameter!.Type, extension, type))
            {
                foreach (ISymbol member in extension.GetMembers().Where(IsUsed))
                {
                    yield return member;
                }
            }
        }
    }

    private static IEnumerable<INamedTypeSymbol> In(INamespaceOrTypeSymbol around) => around.GetMembers().OfType<INamespaceOrTypeSymbol>()
        .Where(member => member is INamespaceSymbol or INamedTypeSymbol { DeclaredAccessibility: Accessibility.Public, IsExtension: false })
        .SelectMany(member => member is INamedTypeSymbol type ? In(type).Prepend(type) : In(member));

    private static bool IsUsed(ISymbol member) => member is { DeclaredAccessibility: Accessibility.Public, IsStatic: false, IsOverride: false }
        and (IPropertySymbol or IMethodSymbol { MethodKind: MethodKind.Ordinary, Name: not "Dispose" });

    private static bool Extends(ITypeSymbol extended, INamedTypeSymbol extension, INamedTypeSymbol type) =>
        extended is INamedTypeSymbol named && SymbolEqualityComparer.Default.Equals(named.OriginalDefinition, type.OriginalDefinition)
        && named.TypeArguments.Zip(type.TypeArguments).All(pair => pair.First is ITypeParameterSymbol parameter
            ? parameter.ConstraintTypes.All(constraint => SymbolEqualityComparer.Default.Equals(constraint, pair.Second)
                || pair.Second.AllInterfaces.Contains(constraint, SymbolEqualityComparer.Default))
            : SymbolEqualityComparer.Default.Equals(pair.First, pair.Second))
        && extension.TypeParameters.Length == named.TypeArguments.OfType<ITypeParameterSymbol>().Count();
}

using MemoryPages.Analyzers.Vocabulary;
using Microsoft.CodeAnalysis;

namespace MemoryPages.Analyzers.Tests.Ownership;

/// <summary>Every type of the library says whether somebody ends its objects, and every method whose what it returns is: the rules know nothing else.</summary>
public sealed class MarkTests
{
    /// <summary>Types that have an end and are neither owner nor lease, and why.</summary>
    private static readonly Dictionary<string, string> s_unmarked = new()
    {
        ["MemoryPages.VirtualList<T>.Enumerator"] = "its Dispose does nothing: IEnumerator<T> wants one",
        ["MemoryPages.ConcurrentVirtualList<T>.Enumerator"] = "its Dispose does nothing: IEnumerator<T> wants one",
    };

    /// <summary>Methods that return an owner which is not their caller's, and why.</summary>
    private static readonly Dictionary<string, string> s_notTheCallers = new()
    {
        ["MemoryPages.CodeHeap.Emit"] = "a block that nobody disposes is the heap's to the end",
        ["MemoryPages.CodeHeap.TryEmit"] = "a block that nobody disposes is the heap's to the end",
        ["MemoryPages.CodeBatch.Emit"] = "a block that nobody disposes is the heap's to the end",
    };

    [Fact]
    public void Each_type_that_has_an_end_is_an_owner_or_a_lease()
    {
        string[] unmarked = [.. Library.PublicTypes.Where(type => type.TypeKind is TypeKind.Class or TypeKind.Struct && HasEnd(type)
            && !Library.Vocabulary.IsOwnerOrMoveOnly(type)).Select(type => type.ToDisplayString())];
        Assert.Equal(s_unmarked.Keys.Order(), unmarked.Order());
    }

    [Fact]
    public void Each_owner_and_lease_has_an_end()
    {
        INamedTypeSymbol[] marked = [.. Library.PublicTypes.Where(Library.Vocabulary.IsOwnerOrMoveOnly)];
        Assert.True(marked.Length > 30);
        Assert.All(marked, type => Assert.True(HasEnd(type), type.ToDisplayString()));
    }

    [Fact]
    public void Each_method_that_returns_an_owner_says_whose_it_is()
    {
        OwnershipVocabulary vocabulary = Library.Vocabulary;
        var unsaid = new SortedSet<string>();
        foreach (IMethodSymbol method in Library.PublicTypes.SelectMany(Methods))
        {
            bool returns = vocabulary.IsOwner(method.ReturnType) && !vocabulary.ReturnsOwned(method);
            bool handsOut = method.Parameters.Any(parameter => parameter.RefKind == RefKind.Out && vocabulary.IsOwner(parameter.Type) && !vocabulary.HandsOut(method, parameter));
            if (returns || handsOut)
            {
                unsaid.Add($"{method.ContainingType.OriginalDefinition.ToDisplayString()}.{method.Name}");
            }
        }

        Assert.Equal(string.Join(" ", s_notTheCallers.Keys.Order()), string.Join(" ", unsaid));
    }

    private static bool HasEnd(ITypeSymbol type) => Library.Vocabulary.IsDisposable(type);

    private static IEnumerable<IMethodSymbol> Methods(INamedTypeSymbol type) =>
        type.GetMembers().Concat(type.GetTypeMembers().Where(nested => nested.IsExtension).SelectMany(extension => extension.GetMembers()))
            .OfType<IMethodSymbol>().Where(method => method is { DeclaredAccessibility: Accessibility.Public, MethodKind: MethodKind.Ordinary, IsOverride: false });
}

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MemoryPages.Tests.House;

/// <summary>Who may use whom: docs/architecture.md, the floors of the house.</summary>
internal static class Floors
{
    /// <summary>Rooms with the same number are beside each other, except that Pages and Unsafe are one room. A new folder belongs here.</summary>
    private static readonly Dictionary<string, int> s_floors = new()
    {
        ["Ownership"] = 0, // words that every floor may say of its types
        ["Platform"] = 1, ["Mapping"] = 2, ["Pages"] = 3, ["Unsafe"] = 3, ["Files"] = 4, ["Virtual"] = 4, ["Code"] = 4, ["Physical"] = 4, ["Allocators"] = 5,
        ["Diagnostics"] = 0, // stands beside the floors: see below
    };

    public static IEnumerable<string> UnknownRooms(IEnumerable<string> rooms) => rooms.Where(room => room.Length != 0 && !s_floors.ContainsKey(room));

    /// <summary>Each use of what is declared in a room that the user's room must not use, as <c>file(line): what</c>.</summary>
    public static IEnumerable<string> Violations(CSharpCompilation compilation)
    {
        foreach (SyntaxTree tree in compilation.SyntaxTrees.Where(tree => tree.FilePath.Length != 0))
        {
            string user = Sources.RoomOf(tree.FilePath);
            SemanticModel model = compilation.GetSemanticModel(tree);

            // Names in documentation are trivia and not met here: telling the reader about a higher floor uses nothing of it.
            foreach (SimpleNameSyntax name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
            {
                SymbolInfo info = model.GetSymbolInfo(name);
                ISymbol? symbol = info.Symbol ?? info.CandidateSymbols.FirstOrDefault();
                string[] used = RoomsOf(symbol);
                if (used.Length != 0 && !used.Any(room => MayUse(user, room, symbol!)))
                {
                    yield return $"{Path.GetRelativePath(Sources.Library, tree.FilePath)}({name.GetLocation().GetLineSpan().StartLinePosition.Line + 1}): "
                        + $"{user} uses {symbol} of {string.Join(", ", used)}";
                }
            }
        }
    }

    /// <summary>Where a symbol is declared: several rooms for a partial type, one for each of its members.</summary>
    private static string[] RoomsOf(ISymbol? symbol) => symbol is null or INamespaceSymbol or ITypeParameterSymbol or ILocalSymbol or IParameterSymbol
        ? []
        : [.. symbol.OriginalDefinition.Locations.Where(l => l.SourceTree is { FilePath.Length: > 0 }).Select(l => Sources.RoomOf(l.SourceTree!.FilePath)).Distinct()];

    private static bool MayUse(string user, string used, ISymbol symbol)
    {
        if (user == used || used.Length == 0 || user.Length == 0)
        {
            return true;
        }

        if (user == "Diagnostics")
        {
            return s_floors[used] is 1 or 2 || used == "Ownership" || (used is "Pages" && IsOfPages(symbol));
        }

        if (used == "Diagnostics")
        {
            return s_floors[user] > 3;
        }

        return s_floors[used] < s_floors[user] || (used is "Pages" or "Unsafe" && user is "Pages" or "Unsafe");
    }

    /// <summary>The noun Pages with its members, and the protections that it is said with.</summary>
    private static bool IsOfPages(ISymbol symbol) =>
        (symbol as INamedTypeSymbol ?? symbol.ContainingType) is { Name: "Pages" or "IProtection" } && symbol is not INamedTypeSymbol { Arity: 0, Name: "Pages" };
}

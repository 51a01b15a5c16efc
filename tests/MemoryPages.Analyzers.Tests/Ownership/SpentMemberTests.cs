using System.Collections.Immutable;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MemoryPages.Analyzers.Tests.Ownership;

/// <summary>
/// Of each owner and lease, each member: on a spent object it throws <see cref="ObjectDisposedException"/> where MP1001 says so, and works where it is
/// silent. The library is asked, not its documentation.
/// </summary>
public sealed class SpentMemberTests
{
    /// <summary>Owners that this machine cannot make, and why.</summary>
    private static readonly Dictionary<string, string> s_needDevice = new()
    {
        ["MemoryPages.PciDevice"] = "a device",
        ["MemoryPages.PciDriverBinding"] = "a device whose driver may be taken away",
        ["MemoryPages.DmaDevice"] = "a device that no driver has",
        ["MemoryPages.DmaBuffer"] = "a device that no driver has",
        ["MemoryPages.DmaAccess"] = "a buffer that a device shares",
        ["MemoryPages.DmaMapping"] = "a device behind an IOMMU",
        ["MemoryPages.DeviceRegisters"] = "a device",
        ["MemoryPages.RegisterView"] = "a device",
    };

    public static TheoryData<string> Owners() => [.. SpentOwners.All.Select(owner => owner.Make)];

    [Theory]
    [MemberData(nameof(Owners))]
    public async Task What_is_reported_throws_and_what_is_not_does_not(string make)
    {
        SpentOwner owner = SpentOwners.All.Single(candidate => candidate.Make == make);
        INamedTypeSymbol type = TypeOf(owner);
        bool isEmpty = SpentOwners.EmptyWhenSpent.Contains(type.Name);
        string[] uses = [.. Library.MembersOf(type).SelectMany(member => UsesOf(member, owner))];
        string before = $"{Analysis.Usings}public static unsafe class Generated {{ {SpentOwners.Surroundings}\npublic static void Make() {{ var it = {make}; {owner.End} }}\n";
        int linesBefore = before.Count(character => character == '\n');
        string source = before + string.Concat(uses.Select((use, number) => $"public static void Use{number}() {{ var it = {make}; {owner.End} {use} }}\n")) + "}";
        CSharpCompilation compilation = Analysis.Compile(source);
        HashSet<int> reported = [.. (await Analysis.Reports(compilation)).Where(report => report.Id == "MP1001").Select(report =>
            report.Location.GetLineSpan().StartLinePosition.Line - linesBefore)];

        Type generated = Analysis.Load(compilation).GetType("Generated")!;
        if (Caught(generated, "Make") is { } refusal)
        {
            Assert.SkipUnless(!owner.MayBeRefused || refusal is not (MemoryPagesException or UnauthorizedAccessException), $"The system refused: {refusal.Message}");
            throw refusal;
        }

        var wrong = new List<string>();
        for (int number = 0; number < uses.Length; number++)
        {
            Exception? caught = Caught(generated, $"Use{number}");
            bool isRight = caught is ObjectDisposedException ? reported.Contains(number)
                : isEmpty && reported.Contains(number) ? caught is null or SystemException
                : caught is null && !reported.Contains(number);
            if (!isRight)
            {
                wrong.Add($"{uses[number]}  is {(reported.Contains(number) ? "" : "not ")}reported, and throws {caught?.GetType().Name ?? "nothing"} {caught?.Message}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void No_owner_and_no_lease_is_left_out()
    {
        string[] asked = [.. SpentOwners.All.Select(owner => TypeOf(owner).OriginalDefinition.ToDisplayString())];
        string[] all = [.. Library.PublicTypes.Where(Library.Vocabulary.IsOwnerOrMoveOnly).Select(type => type.ToDisplayString())];
        Assert.Equal(all.Order(), asked.Concat(s_needDevice.Keys).Distinct().Order());
    }

    private static INamedTypeSymbol TypeOf(SpentOwner owner)
    {
        CSharpCompilation compilation = Analysis.Compile(
            $"{Analysis.Usings}public static unsafe class Generated {{ {SpentOwners.Surroundings}\npublic static void Make() {{ var it = {owner.Make}; }} }}");
        SyntaxTree tree = compilation.SyntaxTrees.Single();
        VariableDeclaratorSyntax it = tree.GetRoot().DescendantNodes().OfType<VariableDeclaratorSyntax>().Last();
        return (INamedTypeSymbol)((ILocalSymbol)compilation.GetSemanticModel(tree).GetDeclaredSymbol(it)!).Type;
    }

    private static IEnumerable<string> UsesOf(ISymbol member, SpentOwner owner)
    {
        switch (member)
        {
            case IPropertySymbol { IsIndexer: true } indexer:
                yield return $"_ = it[{SpentOwners.Arguments(indexer.Parameters, owner)}];";
                break;
            case IPropertySymbol property:
                if (property.GetMethod is { DeclaredAccessibility: Accessibility.Public })
                {
                    yield return $"{(property.RefKind == RefKind.None ? "_" : "var read")} = it.{property.Name};";
                }

                if (property.SetMethod is { DeclaredAccessibility: Accessibility.Public, IsInitOnly: false })
                {
                    yield return $"it.{property.Name} = default!;";
                }

                break;
            case IMethodSymbol method:
                string types = method.TypeParameters.IsEmpty ? "" : $"<{string.Join(", ", method.TypeParameters.Select(SpentOwners.TypeArgument))}>";
                string call = $"it.{method.Name}{types}({SpentOwners.Arguments(method.Parameters, owner)})";
                yield return method.ReturnsVoid ? $"{call};"
                    : method.ReturnType.Name is "ValueTask" or "Task" ? $"{call}.GetAwaiter().GetResult();"
                    : $"_ = {call};";
                break;
        }
    }

    private static Exception? Caught(Type generated, string method)
    {
        try
        {
            generated.GetMethod(method)!.CreateDelegate<Action>()();
            return null;
        }
        catch (TypeInitializationException exception)
        {
            return exception.InnerException;
        }
#pragma warning disable CA1031 // Which it is is what is asked.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return exception;
        }
    }
}

using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace MemoryPages.Analyzers.Vocabulary;

/// <summary>What the attributes of <c>MemoryPages.Ownership</c> say of types and members. All that the rules know, they know from here.</summary>
internal sealed class OwnershipVocabulary
{
    private const string Namespace = "MemoryPages.Ownership.";

    private readonly INamedTypeSymbol _owner;
    private readonly INamedTypeSymbol? _owned;
    private readonly INamedTypeSymbol? _moveOnly;
    private readonly INamedTypeSymbol? _consumes;
    private readonly INamedTypeSymbol? _borrows;
    private readonly INamedTypeSymbol? _invalidates;
    private readonly INamedTypeSymbol? _usableWhenSpent;
    private readonly INamedTypeSymbol? _dangerous;
    private readonly INamedTypeSymbol? _disposable;
    private readonly ConcurrentDictionary<INamedTypeSymbol, bool> _moveOnlyTypes = new(SymbolEqualityComparer.Default);

    private OwnershipVocabulary(Compilation compilation, INamedTypeSymbol owner)
    {
        _owner = owner;
        _owned = Find(compilation, "OwnedAttribute");
        _moveOnly = Find(compilation, "MoveOnlyAttribute");
        _consumes = Find(compilation, "ConsumesAttribute");
        _borrows = Find(compilation, "BorrowsAttribute");
        _invalidates = Find(compilation, "InvalidatesAttribute");
        _usableWhenSpent = Find(compilation, "UsableWhenSpentAttribute");
        _dangerous = Find(compilation, "DangerousAttribute");
        _disposable = compilation.GetSpecialType(SpecialType.System_IDisposable);
    }

    /// <summary>Null where the compilation does not know the attributes: then there is nothing to say about it.</summary>
    public static OwnershipVocabulary? Of(Compilation compilation) =>
        Find(compilation, "OwnerAttribute") is { } owner ? new OwnershipVocabulary(compilation, owner) : null;

    /// <summary>Whether an assembly can say something with the attributes: the one that declares them, and those that reference that one.</summary>
    public bool IsKnownTo(IAssemblySymbol assembly) => SymbolEqualityComparer.Default.Equals(assembly, _owner.ContainingAssembly)
        || assembly.Modules.Any(module => module.ReferencedAssemblies.Any(identity => identity.Name == _owner.ContainingAssembly.Name));

    public bool IsOwner(ITypeSymbol? type)
    {
        for (INamedTypeSymbol? named = type as INamedTypeSymbol; named is { SpecialType: SpecialType.None }; named = named.BaseType)
        {
            if (Has(named.OriginalDefinition, _owner))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Said of the struct, or of a value in it: who copies a whole copies its parts.</summary>
    public bool IsMoveOnly(ITypeSymbol? type) => type is INamedTypeSymbol { TypeKind: TypeKind.Struct, SpecialType: SpecialType.None } named
        && _moveOnlyTypes.GetOrAdd(named, asked => Has(asked.OriginalDefinition, _moveOnly) || HoldsMoveOnly(asked));

    /// <summary>A move-only value that has an end of its own.</summary>
    public bool IsLease(ITypeSymbol? type) => IsMoveOnly(type) && IsDisposable(type!);

    /// <summary>One that owns what it ends, such as a box: who loses it loses memory, and holds up nobody.</summary>
    public bool IsMoveOnlyOwner(ITypeSymbol? type) => IsMoveOnly(type) && IsOwner(type);

    public bool IsOwnerOrMoveOnly(ITypeSymbol? type) => IsOwner(type) || IsMoveOnly(type);

    /// <summary>Whether generic code promises not to copy values of this type argument.</summary>
    public bool PromisesNotToCopy(ITypeParameterSymbol parameter) => Has(parameter.OriginalDefinition, _moveOnly);

    public Consumption OfReceiver(IMethodSymbol method) => ConsumptionBy(FindInherited(method, _consumes));

    public Consumption OfArgument(IParameterSymbol? parameter) => parameter is null ? Consumption.Never : ConsumptionBy(Find(parameter, _consumes));

    public bool Borrows(IParameterSymbol? parameter) => parameter is not null && Has(parameter, _borrows);

    public bool Invalidates(IMethodSymbol method) => FindInherited(method, _invalidates) is not null;

    public bool IsUsableWhenSpent(ISymbol member) => Has(member.OriginalDefinition, _usableWhenSpent)
        || (member is IPropertySymbol { IsIndexer: false, ContainingType: { } type } && Has(type.OriginalDefinition, _usableWhenSpent))
        || member is IMethodSymbol { ContainingType.SpecialType: SpecialType.System_Object } or IMethodSymbol { IsOverride: true, Name: "ToString" or "GetHashCode" or "Equals" };

    /// <summary>Whether true says that the object is not spent.</summary>
    public bool TellsWhetherSpent(IPropertySymbol property) =>
        property.Type.SpecialType == SpecialType.System_Boolean && Has(property.OriginalDefinition, _usableWhenSpent);

    /// <summary>The member itself, or the class that it is in; for members of extension blocks the class around the block.</summary>
    public bool IsDangerous(ISymbol symbol)
    {
        for (ISymbol? around = symbol.OriginalDefinition; around is IMethodSymbol or IPropertySymbol or INamedTypeSymbol; around = around.ContainingType)
        {
            if (Has(around, _dangerous))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether what the method returns is the caller's to dispose.</summary>
    public bool ReturnsOwned(IMethodSymbol method)
    {
        if (method.ReturnsVoid || method.ReturnsByRef || method.ReturnsByRefReadonly)
        {
            return false;
        }

        if (Has(method.OriginalDefinition.GetReturnTypeAttributes(), _owned))
        {
            return true;
        }

        return IsOwner(method.ReturnType)
            && (OfReceiver(method) != Consumption.Never || (method.MethodKind == MethodKind.Ordinary && IsFactory(method, method.ReturnType)));
    }

    /// <summary>Whether what the method leaves in the <c>out</c> parameter is the caller's to dispose.</summary>
    public bool HandsOut(IMethodSymbol method, IParameterSymbol? parameter) => parameter is { RefKind: RefKind.Out }
        && (Has(parameter, _owned) || (IsOwner(parameter.Type) && IsFactory(method, parameter.Type)));

    /// <summary>Whether generic code, such as a box, finds the Dispose of the type.</summary>
    public bool ImplementsDisposable(ITypeSymbol type) => type.AllInterfaces.Any(implemented =>
        SymbolEqualityComparer.Default.Equals(implemented, _disposable) || implemented is { Name: "IAsyncDisposable", ContainingNamespace.Name: "System" });

    public bool IsDisposable(ITypeSymbol type) => type.AllInterfaces.Contains(_disposable!, SymbolEqualityComparer.Default)
        || (type.IsRefLikeType && type.GetMembers("Dispose").Any(member => member is IMethodSymbol { Parameters.IsEmpty: true, ReturnsVoid: true }));

    /// <summary>Asks no further where the attributes are not known, unless it is generic and may hold what is.</summary>
    private bool HoldsMoveOnly(INamedTypeSymbol type) => (type.IsGenericType || IsKnownTo(type.ContainingAssembly))
        && type.GetMembers().Any(member => member is IFieldSymbol { IsStatic: false, RefKind: RefKind.None, Type: INamedTypeSymbol held }
        && !SymbolEqualityComparer.Default.Equals(held, type) && IsMoveOnly(held));

    /// <summary>
    /// A static method of the type that it makes, or of its namesake: <c>Pages</c> makes <c>Pages&lt;T&gt;</c>. Not with one among its arguments,
    /// unless it only borrows that.
    /// </summary>
    private bool IsFactory(IMethodSymbol method, ITypeSymbol made) => method is { IsStatic: true, IsExtensionMethod: false }
        && method.ContainingType?.Name == made.Name
        && SymbolEqualityComparer.Default.Equals(method.ContainingAssembly, made.OriginalDefinition.ContainingAssembly)
        && !method.Parameters.Any(parameter => parameter.RefKind != RefKind.Out && IsOwner(parameter.Type) && !Borrows(parameter));

    private static Consumption ConsumptionBy(AttributeData? attribute) => attribute is null
        ? Consumption.Never
        : attribute.NamedArguments.Any(argument => argument is { Key: "WhenTrue", Value.Value: true }) ? Consumption.WhenTrue : Consumption.Always;

    private static INamedTypeSymbol? Find(Compilation compilation, string name)
    {
        ImmutableArray<INamedTypeSymbol> found = compilation.GetTypesByMetadataName(Namespace + name);
        return found.IsEmpty ? null : found[0];
    }

    /// <summary>On the method or on what it overrides.</summary>
    private static AttributeData? FindInherited(IMethodSymbol method, INamedTypeSymbol? attribute)
    {
        for (IMethodSymbol? said = method.OriginalDefinition; said is not null; said = said.OverriddenMethod)
        {
            if (Find(said, attribute) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private static AttributeData? Find(ISymbol symbol, INamedTypeSymbol? attribute) => Find(symbol.GetAttributes(), attribute);

    private static AttributeData? Find(ImmutableArray<AttributeData> attributes, INamedTypeSymbol? attribute)
    {
        foreach (AttributeData candidate in attributes)
        {
            if (SymbolEqualityComparer.Default.Equals(candidate.AttributeClass, attribute))
            {
                return candidate;
            }
        }

        return null;
    }

    private static bool Has(ISymbol symbol, INamedTypeSymbol? attribute) => Find(symbol, attribute) is not null;

    private static bool Has(ImmutableArray<AttributeData> attributes, INamedTypeSymbol? attribute) => Find(attributes, attribute) is not null;
}

using System.Collections.Generic;
using MemoryPages.Analyzers.Vocabulary;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemoryPages.Analyzers.Flow;

/// <summary>
/// Numbers what can hold an object that is followed: variables, parameters, fields of this object, and what the compiler captures between.
/// </summary>
internal sealed class Places(OwnershipVocabulary vocabulary, Writes writes, ISymbol member)
{
    public const int NotFollowed = -1;

    private readonly Dictionary<ISymbol, int> _variables = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<(ControlFlowGraph, CaptureId), int> _captures = [];
    private readonly List<ISymbol?> _symbols = [];

    /// <summary>The variable at a place; null for a capture.</summary>
    public ISymbol? Variable(int place) => _symbols[place];

    public int Of(ISymbol? variable)
    {
        if (variable is null)
        {
            return NotFollowed;
        }

        if (!_variables.TryGetValue(variable, out int place))
        {
            place = IsFollowed(variable) ? Next(variable) : NotFollowed;
            _variables.Add(variable, place);
        }

        return place;
    }

    public int Of(ControlFlowGraph graph, CaptureId capture)
    {
        if (!_captures.TryGetValue((graph, capture), out int place))
        {
            place = Next(null);
            _captures.Add((graph, capture), place);
        }

        return place;
    }

    /// <summary>Whether any call may set it: a field that is not readonly, or the parameter of a primary constructor.</summary>
    public bool IsShared(int place) => _symbols[place] switch
    {
        IFieldSymbol field => !field.IsReadOnly || IsConstructor,
        IParameterSymbol parameter => IsOfAnotherMember(parameter),
        _ => false,
    };

    /// <summary>Whether a function that captured it sees the value that it has now.</summary>
    public bool StaysAsItIs(int place) => _symbols[place] is { } variable && !IsShared(place) && writes.IsSetOnce(variable);

    private bool IsConstructor => member is IMethodSymbol { MethodKind: MethodKind.Constructor or MethodKind.StaticConstructor };

    private bool IsOfAnotherMember(IParameterSymbol parameter) => parameter.ContainingSymbol is IMethodSymbol { MethodKind: MethodKind.Constructor }
        && !SymbolEqualityComparer.Default.Equals(parameter.ContainingSymbol, member);

    private int Next(ISymbol? variable)
    {
        _symbols.Add(variable);
        return _symbols.Count - 1;
    }

    private bool IsFollowed(ISymbol variable) => !writes.AreBeyondSight(variable) && variable switch
    {
        ILocalSymbol { IsRef: true } => true,
        ILocalSymbol local => IsFollowed(local.Type),
        IParameterSymbol parameter => IsFollowed(parameter.Type),
        IFieldSymbol { IsConst: false } field => vocabulary.IsOwnerOrMoveOnly(field.Type) && !field.IsVolatile,
        _ => false,
    };

    private bool IsFollowed(ITypeSymbol type) => type.IsRefLikeType || type.TypeKind is TypeKind.Interface or TypeKind.Pointer
        || type.SpecialType == SpecialType.System_Object || vocabulary.IsOwnerOrMoveOnly(type);
}

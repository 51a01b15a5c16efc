using System.Collections.Generic;
using System.Linq;
using MemoryPages.Analyzers.Vocabulary;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemoryPages.Analyzers.Flow;

/// <summary>
/// Who writes a member's variables, and which of its functions may run at a time that is not seen: asked of the code before it is followed.
/// </summary>
internal sealed class Writes
{
    private readonly Dictionary<ISymbol, int> _counts = new(SymbolEqualityComparer.Default);
    private readonly HashSet<ISymbol> _beyondSight = new(SymbolEqualityComparer.Default);
    private readonly HashSet<SyntaxNode> _escaping = [];
    private readonly HashSet<ISymbol> _escapingFunctions = new(SymbolEqualityComparer.Default);

    public Writes(IEnumerable<IOperation> operations)
    {
        IOperation[] all = [.. operations];
        foreach (IOperation operation in all)
        {
            FindEscape(operation, all);
        }

        foreach (IOperation operation in all)
        {
            FindWrites(operation);
        }
    }

    /// <summary>Written by code that runs at a time that is not seen, or through a reference.</summary>
    public bool AreBeyondSight(ISymbol variable) => _beyondSight.Contains(variable);

    /// <summary>Keeps its first value, so that a function that captured it sees that one whenever it runs.</summary>
    public bool IsSetOnce(ISymbol variable) => variable switch
    {
        ILocalSymbol local => !local.IsRef && Count(local) <= 1,
        IParameterSymbol parameter => parameter.RefKind == RefKind.None && Count(parameter) == 0,
        IFieldSymbol field => field.IsReadOnly,
        _ => false,
    };

    /// <summary>
    /// Whether a lambda gets to where its calls are not seen. Others are called through the variable that holds them, and nothing else.
    /// </summary>
    public bool Escapes(SyntaxNode lambda) => _escaping.Contains(lambda);

    private int Count(ISymbol variable) => _counts.TryGetValue(variable, out int count) ? count : 0;

    private void FindEscape(IOperation operation, IOperation[] all)
    {
        switch (operation)
        {
            case IMethodReferenceOperation { Method.MethodKind: MethodKind.LocalFunction } reference:
                _escapingFunctions.Add(reference.Method.OriginalDefinition);
                break;
            case IAnonymousFunctionOperation lambda when !IsCalledThroughItsVariableOnly(lambda, all):
                _escaping.Add(lambda.Syntax);
                break;
        }
    }

    private static bool IsCalledThroughItsVariableOnly(IAnonymousFunctionOperation lambda, IOperation[] all) =>
        lambda.Parent is IDelegateCreationOperation { Parent: IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol: var variable } } }
        && all.OfType<ILocalReferenceOperation>().Where(reference => SymbolEqualityComparer.Default.Equals(reference.Local, variable))
            .All(reference => reference.Parent is IInvocationOperation { TargetMethod.MethodKind: MethodKind.DelegateInvoke } call
                && call.Instance == reference);

    private void FindWrites(IOperation operation)
    {
        switch (operation)
        {
            case IVariableDeclaratorOperation { Symbol: var local } declarator:
                if (local.IsRef && declarator.GetVariableInitializer() is { Value: { } referred } && referred.Variable() is { } aliased)
                {
                    _beyondSight.Add(aliased);
                }

                if (declarator.GetVariableInitializer() is not null || declarator.Parent is IForEachLoopOperation or ICatchClauseOperation)
                {
                    Written(local, operation);
                }

                break;
            case ISimpleAssignmentOperation { IsRef: true } referring:
                if (referring.Value.Variable() is { } referredTo)
                {
                    _beyondSight.Add(referredTo);
                }

                WrittenBy(referring.Target, operation);
                break;
            case IAssignmentOperation assignment:
                WrittenBy(assignment.Target, operation);
                break;
            case IIncrementOrDecrementOperation step:
                WrittenBy(step.Target, operation);
                break;
            case IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out } argument:
                WrittenBy(argument.Value, operation);
                break;
            case IDeclarationPatternOperation { DeclaredSymbol: { } declared }:
                Written(declared, operation);
                break;
            case IRecursivePatternOperation { DeclaredSymbol: { } declared }:
                Written(declared, operation);
                break;
            case IListPatternOperation { DeclaredSymbol: { } declared }:
                Written(declared, operation);
                break;
        }
    }

    private void WrittenBy(IOperation target, IOperation at)
    {
        if (target.Bare() is ITupleOperation tuple)
        {
            foreach (IOperation element in tuple.Elements)
            {
                WrittenBy(element, at);
            }
        }
        else if (target.Variable() is { } variable)
        {
            Written(variable, at);
        }
    }

    private void Written(ISymbol variable, IOperation at)
    {
        _counts[variable] = Count(variable) + 1;
        for (IOperation? around = at.Parent; around is not null; around = around.Parent)
        {
            (ISymbol? function, bool escapes) = around switch
            {
                IAnonymousFunctionOperation lambda => (lambda.Symbol, Escapes(lambda.Syntax)),
                ILocalFunctionOperation local => (local.Symbol, _escapingFunctions.Contains(local.Symbol.OriginalDefinition)),
                _ => ((ISymbol?)null, false),
            };
            if (SymbolEqualityComparer.Default.Equals(function, variable.ContainingSymbol) && function is not null)
            {
                return;
            }

            if (escapes)
            {
                _beyondSight.Add(variable);
            }
        }
    }
}

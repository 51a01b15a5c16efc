using System.Linq;
using MemoryPages.Analyzers.Vocabulary;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace MemoryPages.Analyzers.Rules;

/// <summary>MP1003.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnscopedLeaseAnalyzer() : OwnershipAnalyzer(Rule.UnscopedLease)
{
    private protected override void Register(CompilationStartAnalysisContext context, OwnershipVocabulary vocabulary)
    {
        context.RegisterOperationAction(operation => Made(operation, vocabulary), OperationKind.Invocation, OperationKind.ObjectCreation);
        context.RegisterOperationAction(operation => HandedOut(operation, vocabulary), OperationKind.Argument);
    }

    private static void Made(OperationAnalysisContext context, OwnershipVocabulary vocabulary)
    {
        IOperation made = context.Operation;
        if (!IsScopedLease(made.Type, vocabulary) || (made is IInvocationOperation call && call.TargetMethod.RefKind != RefKind.None)
            || made is IObjectCreationOperation { Arguments.IsEmpty: true })
        {
            return;
        }

        IOperation? destination = made.Destination(out IOperation child);
        bool isLost = destination switch
        {
            IExpressionStatementOperation => true,
            ISimpleAssignmentOperation { Target: IDiscardOperation } => true,
            ISimpleAssignmentOperation { Target: ILocalReferenceOperation local } => !IsEnded(local.Local, made),
            IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator } => !IsScoped(declarator)
                && !IsEnded(declarator.Symbol, made),
            null => false,
            _ => destination.Receiver() == child || destination is IConditionalAccessOperation,
        };
        if (isLost)
        {
            context.ReportDiagnostic(Lost.Never(Rule.UnscopedLease, made.Syntax, made.Named()));
        }
        else if (destination is IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol: var declared } }
            && Lost.ReturnBeforeEnd(declared, made, Ends) is { } leaving)
        {
            context.ReportDiagnostic(Lost.Left(Rule.UnscopedLease, made.Syntax, made.Named(), leaving.Syntax));
        }
    }

    /// <summary>A lease that comes out of a parameter: <c>if (pool.TryRent(n, out var block)) using (block) …</c>.</summary>
    private static void HandedOut(OperationAnalysisContext context, OwnershipVocabulary vocabulary)
    {
        var argument = (IArgumentOperation)context.Operation;
        if (argument.Parameter is not { RefKind: RefKind.Out } || !IsScopedLease(argument.Value.Type, vocabulary))
        {
            return;
        }

        if (argument.Value is IDiscardOperation || (argument.Value.Variable() is ILocalSymbol local && !IsEnded(local, argument)))
        {
            context.ReportDiagnostic(Lost.Never(Rule.UnscopedLease, argument.Syntax, argument.Value.Variable()?.Name ?? argument.Value.Named()));
        }
    }

    /// <summary>An owner that is lost is MP1007's.</summary>
    internal static bool IsScopedLease(ITypeSymbol? type, OwnershipVocabulary vocabulary) => vocabulary.IsLease(type) && !vocabulary.IsMoveOnlyOwner(type);

    private static bool IsScoped(IVariableDeclaratorOperation declarator)
    {
        IOperation? around = declarator.Parent;
        while (around is IVariableDeclarationOperation or IVariableDeclarationGroupOperation)
        {
            around = around.Parent;
        }

        return around is IUsingOperation or IUsingDeclarationOperation;
    }

    /// <summary>A later <c>using</c> ends it, its own Dispose does, or it is handed on.</summary>
    internal static bool IsEnded(ILocalSymbol local, IOperation made) => Lost.References(made.Root(), local).Any(Ends);

    private static bool Ends(ILocalReferenceOperation reference) => !reference.IsDeclaration && reference.Destination(out IOperation child) switch
    {
        IUsingOperation or IReturnOperation => true,
        IInvocationOperation call => call.Instance == child && call.IsDispose(),
        IArgumentOperation { Parameter.RefKind: RefKind.None } => true,
        ISimpleAssignmentOperation assignment => assignment.Value == child,
        IVariableInitializerOperation or IMemberInitializerOperation => true,
        _ => false,
    };
}

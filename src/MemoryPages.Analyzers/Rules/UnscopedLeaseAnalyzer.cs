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
            context.ReportDiagnostic(Diagnostic.Create(Rule.UnscopedLease, made.Syntax.GetLocation(), made.Named()));
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
            context.ReportDiagnostic(Diagnostic.Create(Rule.UnscopedLease, argument.Syntax.GetLocation(), argument.Value.Variable()?.Name ?? argument.Value.Named()));
        }
    }

    /// <summary>An owner that is lost is MP1007's.</summary>
    private static bool IsScopedLease(ITypeSymbol? type, OwnershipVocabulary vocabulary) => vocabulary.IsLease(type) && !vocabulary.IsMoveOnlyOwner(type);

    private static bool IsScoped(IVariableDeclaratorOperation declarator)
    {
        IOperation? around = declarator.Parent;
        while (around is IVariableDeclarationOperation or IVariableDeclarationGroupOperation)
        {
            around = around.Parent;
        }

        return around is IUsingOperation or IUsingDeclarationOperation;
    }

    /// <summary>A later <c>using</c> ends it, its own Dispose does, or it is handed on. Whether each way comes there is not asked.</summary>
    private static bool IsEnded(ILocalSymbol local, IOperation made) => made.Root().Descendants().OfType<ILocalReferenceOperation>()
        .Where(reference => SymbolEqualityComparer.Default.Equals(reference.Local, local) && !reference.IsDeclaration)
        .Any(reference => reference.Destination(out IOperation child) switch
        {
            IUsingOperation or IReturnOperation => true,
            IInvocationOperation call => call.Instance == child && call.IsDispose(),
            IArgumentOperation { Parameter.RefKind: RefKind.None } => true,
            ISimpleAssignmentOperation assignment => assignment.Value == child,
            IVariableInitializerOperation or IMemberInitializerOperation => true,
            _ => false,
        });
}

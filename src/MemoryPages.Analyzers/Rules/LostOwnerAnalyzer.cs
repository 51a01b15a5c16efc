using System.Linq;
using MemoryPages.Analyzers.Vocabulary;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace MemoryPages.Analyzers.Rules;

/// <summary>
/// MP1007: never, on no way, or not where a return comes first. An owner whose end is conditional is not reported: which of the ways can be gone, and
/// in what order, the program knows better.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class LostOwnerAnalyzer() : OwnershipAnalyzer(Rule.LostOwner)
{
    private protected override void Register(CompilationStartAnalysisContext context, OwnershipVocabulary vocabulary)
    {
        context.RegisterOperationAction(operation => Made(operation, vocabulary), OperationKind.Invocation, OperationKind.ObjectCreation);
        context.RegisterOperationAction(operation => HandedOut(operation, vocabulary), OperationKind.Argument);
    }

    private static void Made(OperationAnalysisContext context, OwnershipVocabulary vocabulary)
    {
        IOperation made = context.Operation;
        if (!made.IsFreshOwner(vocabulary) || IsIgnoredTransition(made, vocabulary))
        {
            return;
        }

        IOperation? destination = made.Destination(out IOperation child);
        bool isLost = destination switch
        {
            IExpressionStatementOperation => true,
            ISimpleAssignmentOperation { Target: IDiscardOperation } => true,
            ISimpleAssignmentOperation { Target: ILocalReferenceOperation local, Parent: IExpressionStatementOperation } =>
                IsLost(local.Local, made, vocabulary),
            IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol: var variable } } => IsLost(variable, made, vocabulary),
            null => false,
            _ => destination.Receiver() == child && !EndsOrHandsOn(destination, vocabulary)
                && !TemporaryOwnerAnalyzer.IsTakenFromTemporary(destination, vocabulary),
        };
        if (isLost)
        {
            context.ReportDiagnostic(Lost.Never(Rule.LostOwner, made.Syntax, Name(destination) ?? made.Named()));
        }
        else if (destination is IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol: var declared } }
            && Lost.ReturnBeforeEnd(declared, made, reference => !IsLookedAt(reference, vocabulary)) is { } leaving)
        {
            context.ReportDiagnostic(Lost.Left(Rule.LostOwner, made.Syntax, declared.Name, leaving.Syntax));
        }
    }

    private static void HandedOut(OperationAnalysisContext context, OwnershipVocabulary vocabulary)
    {
        var argument = (IArgumentOperation)context.Operation;
        if (argument is { Parent: IInvocationOperation call } && vocabulary.HandsOut(call.TargetMethod, argument.Parameter)
            && (argument.Value is IDiscardOperation || (argument.Value.Variable() is ILocalSymbol local && IsLost(local, argument, vocabulary))))
        {
            context.ReportDiagnostic(Lost.Never(Rule.LostOwner, argument.Syntax, argument.Value.Variable()?.Name ?? argument.Value.Named()));
        }
    }

    /// <summary>Such a loss is MP1002's.</summary>
    private static bool IsIgnoredTransition(IOperation made, OwnershipVocabulary vocabulary) => made is IInvocationOperation call
        && vocabulary.OfReceiver(call.TargetMethod) == Consumption.Always
        && call.Destination(out _) is IExpressionStatementOperation or ISimpleAssignmentOperation { Target: IDiscardOperation } or IConditionalAccessOperation;

    private static string? Name(IOperation? destination) => destination switch
    {
        ISimpleAssignmentOperation { Target: ILocalReferenceOperation local } => local.Local.Name,
        IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol: var variable } } => variable.Name,
        _ => null,
    };

    /// <summary>Nothing that is done with the variable ends what it holds, or gives it to somebody who might.</summary>
    internal static bool IsLost(ILocalSymbol local, IOperation made, OwnershipVocabulary vocabulary) => !local.IsUsing && !local.IsRef
        && Lost.References(made.Root(), local).All(reference => IsLookedAt(reference, vocabulary));

    private static bool IsLookedAt(ILocalReferenceOperation reference, OwnershipVocabulary vocabulary)
    {
        if (reference.IsDeclaration)
        {
            return true;
        }

        IOperation? user = reference.Destination(out IOperation child);
        return user switch
        {
            null => false,
            ISimpleAssignmentOperation assignment => assignment.Target == child,
            IArgumentOperation { Parameter.RefKind: RefKind.Out } => true,
            IArgumentOperation argument when argument.Parent?.Receiver() == argument.Value => !EndsOrHandsOn(argument.Parent!, vocabulary),
            IArgumentOperation argument => vocabulary.Borrows(argument.Parameter),
            IBinaryOperation or IIsPatternOperation or IIsTypeOperation or INameOfOperation => true,
            IConditionalAccessOperation access => access.Operation == child
                && access.WhenNotNull.DescendantsAndSelf().OfType<IConditionalAccessInstanceOperation>().All(instance =>
                instance.Parent is { } member && !EndsOrHandsOn(member, vocabulary)),
            IForEachLoopOperation => true,
            _ => user.Receiver() == child && !EndsOrHandsOn(user, vocabulary),
        };
    }

    /// <summary>The member ends its object, or is one of a foreign extension, which may keep it.</summary>
    private static bool EndsOrHandsOn(IOperation member, OwnershipVocabulary vocabulary) => member switch
    {
        IInvocationOperation call => call.IsDispose() || call.IsClose() || vocabulary.OfReceiver(call.TargetMethod) != Consumption.Never
            || (call.Receiver() is { } receiver && !call.TargetMethod.IsOf(receiver.Bare().Type!)
                && !(call.TargetMethod.IsExtensionMethod && vocabulary.Borrows(call.TargetMethod.Parameters[0]))),
        IMethodReferenceOperation => true,
        _ => false,
    };
}

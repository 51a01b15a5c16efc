using System.Linq;
using MemoryPages.Analyzers.Vocabulary;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace MemoryPages.Analyzers.Rules;

/// <summary>
/// MP1004, as far as the place in the source tells: every use of a variable's value that is not known to leave the variable the only one.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CopyAnalyzer() : OwnershipAnalyzer(Rule.Copy)
{
    private protected override void Register(CompilationStartAnalysisContext context, OwnershipVocabulary vocabulary)
    {
        context.RegisterOperationAction(
            operation => Used(operation, vocabulary), OperationKind.LocalReference, OperationKind.ParameterReference, OperationKind.FieldReference,
            OperationKind.ArrayElementReference, OperationKind.InstanceReference, OperationKind.PropertyReference, OperationKind.Invocation);
        context.RegisterOperationAction(operation => GivenToGeneric(operation, vocabulary), OperationKind.Invocation, OperationKind.MethodReference);
        context.RegisterOperationAction(operation => Enumerated(operation, vocabulary), OperationKind.Loop);
        context.RegisterOperationAction(operation => Boxed(operation, vocabulary), OperationKind.Conversion);
    }

    private static void Used(OperationAnalysisContext context, OwnershipVocabulary vocabulary)
    {
        IOperation place = context.Operation;
        if (!vocabulary.IsMoveOnly(place.Type) || !place.IsPlace() || place.IsImplicit)
        {
            return;
        }

        if (CapturedBy(place) is { } function)
        {
            Report(context, place, $"must not be captured by {function}: what runs it later would use a copy, or a lease that has ended");
        }
        else if (HowCopied(place, vocabulary) is { } how)
        {
            Report(context, place, how);
        }
    }

    /// <summary>Null where the value stays where it is, or goes away from there for good.</summary>
    private static string? HowCopied(IOperation place, OwnershipVocabulary vocabulary)
    {
        const string Remedy = "two would end one lease. Pass it by 'ref' or 'in', or use the original.";
        IOperation? user = place.Destination(out IOperation child);
        switch (user)
        {
            case IReturnOperation:
                return IsMovedOut(place) || child.Syntax.Parent is RefExpressionSyntax ? null : $"must not be returned from here, where it also stays: {Remedy}";
            case IArgumentOperation { Parameter: { RefKind: RefKind.None } parameter } argument:
                return vocabulary.OfArgument(parameter) != Consumption.Never && IsMovedOut(place)
                    ? null
                    : $"must not be passed by value to '{(argument.Parent as IInvocationOperation)?.TargetMethod.Name ?? parameter.ContainingSymbol?.Name ?? "it"}': {Remedy}";
            case IInvocationOperation { TargetMethod: { IsReadOnly: false, ContainingType: { } type } } call when call.Instance == child
                && IsReadOnlyPlace(place):
                return SymbolEqualityComparer.Default.Equals(type, place.Type) && !type.IsReadOnly
                    ? $"is readonly here, and '{call.TargetMethod.Name}' may change it: the compiler calls it on a copy. Make the method readonly, or the variable not."
                    : null;
            case IConversionOperation { OperatorMethod.Parameters: { Length: 1 } converted } when vocabulary.OfArgument(converted[0]) != Consumption.Never:
                return IsMovedOut(place) ? null : $"must not be converted here, where it also stays: {Remedy}";
            case IBinaryOperation { OperatorMethod.Parameters: var operands } when operands.All(operand => operand.RefKind == RefKind.In):
                return null;
            case IMethodReferenceOperation:
                return $"must not be boxed into a delegate: {Remedy}";
            case IArgumentOperation or IExpressionStatementOperation or INameOfOperation or IUsingOperation or IUsingDeclarationOperation
                or IAddressOfOperation or IConditionalAccessOperation or IDiscardOperation or ISizeOfOperation or null:
                return null;
            case IForEachLoopOperation loop when loop.Collection == child:
                return null;
            case ISimpleAssignmentOperation assignment when assignment.Target == child || assignment.IsRef || assignment.Target is IDiscardOperation:
                return null;
            case IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol.IsRef: true } }:
                return null;
            case IIsPatternOperation { Pattern: IConstantPatternOperation or IDiscardPatternOperation }:
                return null;
            default:
                return user.Receiver() == child ? null : $"must not be copied: {Remedy}";
        }
    }

    /// <summary>A variable of this body that no <c>using</c> ends here: with the value it loses its duty.</summary>
    private static bool IsMovedOut(IOperation place) => place.Variable() switch
    {
        ILocalSymbol { IsRef: false, IsUsing: false } => true,
        IParameterSymbol { RefKind: RefKind.None } => true,
        _ => false,
    };

    private static bool IsReadOnlyPlace(IOperation place) => place switch
    {
        IFieldReferenceOperation { Field.IsReadOnly: true } field =>
            field.SemanticModel?.GetEnclosingSymbol(field.Syntax.SpanStart) is not IMethodSymbol { MethodKind: MethodKind.Constructor },
        IParameterReferenceOperation { Parameter.RefKind: RefKind.In or RefKind.RefReadOnlyParameter } => true,
        ILocalReferenceOperation { Local.RefKind: RefKind.RefReadOnly } => true,
        _ => false,
    };

    private static string? CapturedBy(IOperation place)
    {
        ISymbol? variable = place switch
        {
            ILocalReferenceOperation local => local.Local,
            IParameterReferenceOperation parameter => parameter.Parameter,
            _ => null,
        };
        return variable is not null && place.Body() is IAnonymousFunctionOperation { Symbol: var function }
            && !IsIn(variable, function) ? "a lambda" : null;
    }

    private static bool IsIn(ISymbol variable, ISymbol function)
    {
        for (ISymbol? around = variable.ContainingSymbol; around is not null; around = around.ContainingSymbol)
        {
            if (SymbolEqualityComparer.Default.Equals(around, function))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Generic code may copy what it is given: by reference too, and a ref struct where its type parameter allows that.</summary>
    private static void GivenToGeneric(OperationAnalysisContext context, OwnershipVocabulary vocabulary)
    {
        IMethodSymbol method = context.Operation is IInvocationOperation call
            ? call.TargetMethod : ((IMethodReferenceOperation)context.Operation).Method;
        foreach ((ITypeSymbol argument, ITypeParameterSymbol parameter) in method.TypeArguments.Zip(method.TypeParameters, (argument, parameter) => (argument, parameter)))
        {
            if (vocabulary.IsMoveOnly(argument) && !vocabulary.PromisesNotToCopy(parameter)
                && (method.Parameters.Length != 0 || Mentions(method.OriginalDefinition.ReturnType, parameter.OriginalDefinition)))
            {
                context.ReportDiagnostic(Diagnostic.Create(
                    Rule.Copy, context.Operation.Syntax.GetLocation(), argument.Name,
                    $"must not be given to '{method.Name}<{parameter.Name}>', which may copy it: mark the type parameter [MoveOnly] if it does not"));
                return;
            }
        }
    }

    private static bool Mentions(ITypeSymbol type, ITypeParameterSymbol parameter) => SymbolEqualityComparer.Default.Equals(type, parameter)
        || (type is INamedTypeSymbol named && named.TypeArguments.Any(argument => Mentions(argument, parameter)));

    private static void Enumerated(OperationAnalysisContext context, OwnershipVocabulary vocabulary)
    {
        if (context.Operation is IForEachLoopOperation loop && loop.Locals.FirstOrDefault() is { IsRef: false, Type: var type } local
            && vocabulary.IsMoveOnly(type))
        {
            context.ReportDiagnostic(Diagnostic.Create(
                Rule.Copy, loop.LoopControlVariable.Syntax.GetLocation(), local.Name, "is a copy of the element, which stays where it is: enumerate by 'ref'"));
        }
    }

    private static void Boxed(OperationAnalysisContext context, OwnershipVocabulary vocabulary)
    {
        var conversion = (IConversionOperation)context.Operation;
        if (!conversion.IsImplicit || conversion.Operand.IsPlace() || conversion.Type is not { IsReferenceType: true }
            || !vocabulary.IsMoveOnly(conversion.Operand.Type))
        {
            return;
        }

        if (conversion.Parent is not (IUsingOperation or IInvocationOperation))
        {
            Report(context, conversion.Operand, "must not be boxed: the box is a copy");
        }
    }

    private static void Report(OperationAnalysisContext context, IOperation at, string what) =>
        context.ReportDiagnostic(Diagnostic.Create(Rule.Copy, at.Syntax.GetLocation(), at.Named(), what));
}

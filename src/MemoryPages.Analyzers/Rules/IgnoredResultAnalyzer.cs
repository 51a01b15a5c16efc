using MemoryPages.Analyzers.Vocabulary;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace MemoryPages.Analyzers.Rules;

/// <summary>MP1002.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class IgnoredResultAnalyzer() : OwnershipAnalyzer(Rule.IgnoredResult)
{
    private protected override void Register(CompilationStartAnalysisContext context, OwnershipVocabulary vocabulary) =>
        context.RegisterOperationAction(operation => Analyze(operation, vocabulary), OperationKind.Invocation);

    private static void Analyze(OperationAnalysisContext context, OwnershipVocabulary vocabulary)
    {
        var call = (IInvocationOperation)context.Operation;
        if (!call.TargetMethod.ReturnsVoid && vocabulary.OfReceiver(call.TargetMethod) == Consumption.Always && IsIgnored(call))
        {
            string subject = call.Receiver()?.Named() ?? "it";
            context.ReportDiagnostic(Diagnostic.Create(Rule.IgnoredResult, call.Syntax.GetLocation(), call.TargetMethod.Name, subject));
        }
    }

    private static bool IsIgnored(IOperation call) => call.Destination(out IOperation child) switch
    {
        IExpressionStatementOperation => true,
        IConditionalAccessOperation access => access.WhenNotNull == child && IsIgnored(access),
        ISimpleAssignmentOperation assignment => assignment.Target is IDiscardOperation,
        _ => false,
    };
}

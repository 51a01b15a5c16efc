using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using MemoryPages.Analyzers.Flow;
using MemoryPages.Analyzers.Vocabulary;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemoryPages.Analyzers.Rules;

/// <summary>
/// What depends on the order of things: MP1001, MP1005, the overwriting of MP1004, and of MP1003 and MP1007 what is not ended on its own way.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class FlowAnalyzer() : OwnershipAnalyzer(Rule.SpentUse, Rule.EndUnderView, Rule.Copy, Rule.UnscopedLease, Rule.LostOwner)
{
    private protected override void Register(CompilationStartAnalysisContext context, OwnershipVocabulary vocabulary) =>
        context.RegisterOperationBlockAction(block => Analyze(block, vocabulary));

    private static void Analyze(OperationBlockAnalysisContext context, OwnershipVocabulary vocabulary)
    {
        ImmutableArray<IOperation> operations = [.. context.OperationBlocks.WithDescendants()];
        if (!operations.Any(operation => CanEnd(operation, vocabulary)))
        {
            return;
        }

        var writes = new Writes(operations);
        var seen = new HashSet<IOperation>();
        foreach (IOperation block in context.OperationBlocks)
        {
            if (block is not (IBlockOperation or IFieldInitializerOperation or IPropertyInitializerOperation) || !seen.Add(block.Root()))
            {
                continue;
            }

            ControlFlowGraph graph = context.GetControlFlowGraph(block);
            var findings = new Findings();
            var makings = new Makings();
            var places = new Places(vocabulary, writes, context.OwningSymbol);
            var analysis = new FlowAnalysis(vocabulary, writes, places, findings, makings, context.CancellationToken);
            analysis.Follow(graph);
            if (analysis.IsWhole)
            {
                findings.Report(context.ReportDiagnostic);
                makings.Report(context.ReportDiagnostic, block.Root(), vocabulary);
            }
        }
    }

    /// <summary>
    /// Where nothing ends nothing can be used after its end, and where no variable is set again nothing is lost that is not always lost.
    /// </summary>
    private static bool CanEnd(IOperation operation, OwnershipVocabulary vocabulary) => operation switch
    {
        IInvocationOperation invocation => (invocation.Receiver() is { } receiver && vocabulary.IsOwnerOrMoveOnly(receiver.Bare().Type)
                && (invocation.IsDispose() || vocabulary.OfReceiver(invocation.TargetMethod) != Consumption.Never
                || vocabulary.Invalidates(invocation.TargetMethod)))
            || (invocation.IsDispose() && invocation.Instance?.Type?.TypeKind == TypeKind.Interface)
            || (invocation.Parent is IConditionalAccessOperation && invocation.IsDispose())
            || invocation.Arguments.Any(argument => vocabulary.OfArgument(argument.Parameter) != Consumption.Never),
        IObjectCreationOperation creation => creation.Arguments.Any(argument => vocabulary.OfArgument(argument.Parameter) != Consumption.Never),
        IUsingOperation { Resources: not IVariableDeclarationGroupOperation } or IUsingOperation { Body: IBlockOperation } => true,
        IUsingDeclarationOperation => true,
        ISimpleAssignmentOperation assignment => vocabulary.IsLease(assignment.Target.Type)
            || (assignment.Target is ILocalReferenceOperation && assignment.Value.IsFreshOwner(vocabulary)),
        _ => false,
    };
}

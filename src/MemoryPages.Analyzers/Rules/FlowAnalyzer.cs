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

/// <summary>What depends on the order of things: MP1001, MP1005, and the overwriting of MP1004.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class FlowAnalyzer() : OwnershipAnalyzer(Rule.SpentUse, Rule.EndUnderView, Rule.Copy)
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
            var analysis = new FlowAnalysis(vocabulary, writes, new Places(vocabulary, writes, context.OwningSymbol), findings, context.CancellationToken);
            analysis.Follow(graph);
            if (analysis.IsWhole)
            {
                findings.Report(context.ReportDiagnostic);
            }
        }
    }

    /// <summary>Where nothing ends nothing can be used after its end.</summary>
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
        ISimpleAssignmentOperation assignment => vocabulary.IsLease(assignment.Target.Type),
        _ => false,
    };
}

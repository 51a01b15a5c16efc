using System.Collections.Generic;
using System.Linq;
using MemoryPages.Analyzers.Vocabulary;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemoryPages.Analyzers.Flow;

/// <summary>
/// Whether a variable is read again after a point, on some way. Asked only where something is taken away that a span or reference may see.
/// </summary>
internal sealed class Liveness(ControlFlowGraph graph)
{
    /// <param name="variable">A span, a reference or a pointer.</param>
    /// <param name="block">The block of the operation.</param>
    /// <param name="after">The operation; what is written behind it in its own statement comes after it.</param>
    /// <param name="next">Where the way goes on behind the finally block that the operation is in.</param>
    public bool IsReadAfter(ISymbol variable, BasicBlock block, IOperation after, BasicBlock? next)
    {
        bool passed = false;
        foreach (IOperation statement in Statements(block))
        {
            if (!passed)
            {
                passed = statement.DescendantsAndSelf().Contains(after);
                if (passed && Reads(statement, variable).Any(read => read.Syntax.SpanStart >= after.Syntax.Span.End))
                {
                    return true;
                }
            }
            else if (Reads(statement, variable).Any())
            {
                return true;
            }
            else if (Sets(statement, variable))
            {
                return false;
            }
        }

        var seen = new HashSet<BasicBlock>();
        return Successors(block, next).Any(following => IsReadFrom(following, variable, seen, next));
    }

    private bool IsReadFrom(BasicBlock block, ISymbol variable, HashSet<BasicBlock> seen, BasicBlock? next)
    {
        if (!seen.Add(block))
        {
            return false;
        }

        foreach (IOperation statement in Statements(block))
        {
            if (Reads(statement, variable).Any())
            {
                return true;
            }

            if (Sets(statement, variable))
            {
                return false;
            }
        }

        return Successors(block, next).Any(following => IsReadFrom(following, variable, seen, next));
    }

    private static IEnumerable<IOperation> Statements(BasicBlock block) => block.BranchValue is { } value
        ? block.Operations.Append(value) : block.Operations;

    private IEnumerable<BasicBlock> Successors(BasicBlock block, BasicBlock? next)
    {
        if (next is not null && block.FallThroughSuccessor is { Semantics: ControlFlowBranchSemantics.StructuredExceptionHandling })
        {
            yield return next;
        }

        foreach (ControlFlowBranch? branch in new[] { block.FallThroughSuccessor, block.ConditionalSuccessor })
        {
            foreach (ControlFlowRegion region in branch?.FinallyRegions ?? [])
            {
                yield return graph.Blocks[region.FirstBlockOrdinal];
            }

            if (branch?.Destination is { } destination)
            {
                yield return destination;
            }
        }

        for (ControlFlowRegion? region = block.EnclosingRegion; region is { Kind: not ControlFlowRegionKind.Root }; region = region.EnclosingRegion)
        {
            if (region is { Kind: ControlFlowRegionKind.Try, EnclosingRegion.Kind: ControlFlowRegionKind.TryAndCatch })
            {
                foreach (ControlFlowRegion handler in region.EnclosingRegion.NestedRegions.Where(handler => handler != region))
                {
                    yield return graph.Blocks[handler.FirstBlockOrdinal];
                }
            }
        }
    }

    private static IEnumerable<IOperation> Reads(IOperation statement, ISymbol variable) => statement.DescendantsAndSelf().Where(operation =>
        operation is ILocalReferenceOperation or IParameterReferenceOperation
        && SymbolEqualityComparer.Default.Equals(operation.Variable(), variable)
        && !(operation.Parent is ISimpleAssignmentOperation assignment && assignment.Target == operation && IsWhole(assignment, variable)));

    private static bool Sets(IOperation statement, ISymbol variable) => statement.DescendantsAndSelf().Any(operation =>
        operation is ISimpleAssignmentOperation assignment && SymbolEqualityComparer.Default.Equals(assignment.Target.Variable(), variable)
            && IsWhole(assignment, variable));

    /// <summary>Sets the variable itself, and not what it refers to.</summary>
    private static bool IsWhole(ISimpleAssignmentOperation assignment, ISymbol variable) => assignment.IsRef
        || variable is not ILocalSymbol { IsRef: true };
}

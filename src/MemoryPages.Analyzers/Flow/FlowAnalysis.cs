using System.Collections.Generic;
using System.Linq;
using System.Threading;
using MemoryPages.Analyzers.Vocabulary;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemoryPages.Analyzers.Flow;

/// <summary>Follows the objects of one member along every way through it.</summary>
/// <remarks>
/// <para>
/// Forward, over the compiler's control-flow graph, keeping the states of different ways apart as long as they are few: so a use is known to be wrong
/// although each way that leads to it spent another variable. Finally blocks, and functions whose calls are seen, are followed anew for each state
/// that enters them. An operation that is called may throw, and then has changed nothing.
/// </para>
/// <para>A member that would take too long is given up, and nothing is reported of it.</para>
/// </remarks>
internal sealed partial class FlowAnalysis(
    OwnershipVocabulary vocabulary, Writes writes, Places places, Findings findings, Makings makings, CancellationToken cancellation)
{
    private const int MostSteps = 20_000;
    private const int DeepestCall = 8;

    private readonly HashSet<(SyntaxNode, FlowState)> _closures = [];
    private readonly HashSet<ISymbol> _called = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<ControlFlowGraph, Liveness> _liveness = [];
    private int _steps;

    private OwnershipVocabulary Vocabulary => vocabulary;

    private Writes AllWrites => writes;

    private Places AllPlaces => places;

    private Findings AllFindings => findings;

    private Makings AllMakings => makings;

    private CancellationToken Cancellation => cancellation;

    /// <summary>False where the member was given up.</summary>
    public bool IsWhole => _steps <= MostSteps;

    public void Follow(ControlFlowGraph graph)
    {
        _ = Run(new Frame(graph, depth: 0), graph.Blocks[0], Entry(graph), within: null);
        FollowUncalled(graph);
    }

    /// <summary>Local functions that nothing calls in sight are followed by themselves.</summary>
    private void FollowUncalled(ControlFlowGraph graph)
    {
        foreach (IMethodSymbol function in graph.LocalFunctions)
        {
            ControlFlowGraph body = graph.GetLocalFunctionControlFlowGraph(function, cancellation);
            if (_called.Add(function))
            {
                _ = Run(new Frame(body, depth: 0), body.Blocks[0], new FlowState(), within: null);
            }

            FollowUncalled(body);
        }
    }

    /// <summary>A parameter by reference may hold a lease of the caller's.</summary>
    private FlowState Entry(ControlFlowGraph graph)
    {
        var state = new FlowState();
        foreach (IParameterReferenceOperation reference in graph.OriginalOperation.DescendantsAndSelf().OfType<IParameterReferenceOperation>())
        {
            int place = places.Of(reference.Parameter);
            bool mayHoldLease = reference.Parameter is { RefKind: RefKind.Ref, Type: var type } && vocabulary.IsLease(type);
            if (mayHoldLease && place >= 0 && state.Held(place) < 0)
            {
                state.Hold(place, state.Add(new Value(Condition.Usable, isLease: true)));
            }
        }

        return state;
    }

    /// <summary>From a block on, until the member or the region ends.</summary>
    private Outcome Run(Frame frame, BasicBlock start, FlowState entry, ControlFlowRegion? within, BasicBlock? next = null)
    {
        var run = new Visit(frame, makings, within, next);
        run.Enter(start, entry.Normalize());
        while (run.TryNext(out BasicBlock block, out FlowState state))
        {
            cancellation.ThrowIfCancellationRequested();
            if (++_steps > MostSteps)
            {
                break;
            }

            foreach (FlowState after in new Step(this, run, block, state).Statements())
            {
                Leave(run, block, after);
            }
        }

        return run.Outcome;
    }

    private void Leave(Visit run, BasicBlock block, FlowState state)
    {
        if (block.Kind == BasicBlockKind.Exit)
        {
            run.Outcome.Ends.Add(state.Normalize());
            return;
        }

        var step = new Step(this, run, block, state);
        if (block.ConditionKind == ControlFlowConditionKind.None)
        {
            if (block.BranchValue is { } value)
            {
                step.HandOn(step.Evaluate(value)); // returned or thrown
            }

            if (!step.IsDead)
            {
                Take(run, block, block.FallThroughSuccessor, step.State);
            }

            return;
        }

        (FlowState? whenTrue, FlowState? whenFalse) = step.Decide(block.BranchValue!);
        bool jumpsWhenTrue = block.ConditionKind == ControlFlowConditionKind.WhenTrue;
        Take(run, block, block.ConditionalSuccessor, jumpsWhenTrue ? whenTrue : whenFalse);
        Take(run, block, block.FallThroughSuccessor, jumpsWhenTrue ? whenFalse : whenTrue);
    }

    private void Take(Visit run, BasicBlock block, ControlFlowBranch? branch, FlowState? state)
    {
        if (branch is null || state is null)
        {
            return;
        }

        if (branch.Semantics is ControlFlowBranchSemantics.Throw or ControlFlowBranchSemantics.Rethrow)
        {
            Throw(run, block.EnclosingRegion, state);
            return;
        }

        IEnumerable<FlowState> states = [state];
        foreach (ControlFlowRegion region in branch.FinallyRegions)
        {
            states = [.. states.SelectMany(entering => RunFinally(run, region, entering, branch.Destination))];
        }

        foreach (FlowState leaving in states)
        {
            if (branch.Destination is { } destination)
            {
                run.Enter(destination, leaving.Normalize());
            }
            else
            {
                run.Outcome.Ends.Add(leaving.Normalize());
            }
        }
    }

    private HashSet<FlowState> RunFinally(Visit run, ControlFlowRegion region, FlowState entering, BasicBlock? next)
    {
        Outcome outcome = Run(run.Frame, run.Frame.Graph.Blocks[region.FirstBlockOrdinal], entering, region, next);
        foreach (FlowState thrown in outcome.Thrown)
        {
            Throw(run, region.EnclosingRegion, thrown);
        }

        return outcome.Ends;
    }

    /// <summary>An exception leaves a region with this state: to the handlers around it, through the finally blocks on its way.</summary>
    private void Throw(Visit run, ControlFlowRegion? from, FlowState state)
    {
        state = state.Normalize();
        if (from is null || !run.Thrown.Add((from, state)))
        {
            return;
        }

        // Around the root of a lambda is the region of the member that it is written in: not on the exception's way.
        for (ControlFlowRegion? region = from; region is { Kind: not ControlFlowRegionKind.Root }
            && region != run.Within; region = region.EnclosingRegion)
        {
            if (region is not { Kind: ControlFlowRegionKind.Try, EnclosingRegion: { } around })
            {
                continue;
            }

            if (around.Kind == ControlFlowRegionKind.TryAndFinally)
            {
                foreach (FlowState leaving in RunFinally(run, around.NestedRegions.Last(), state, next: null))
                {
                    Throw(run, around.EnclosingRegion, leaving);
                }

                return;
            }

            foreach (ControlFlowRegion handler in around.NestedRegions.Where(handler => handler != region))
            {
                run.Enter(run.Frame.Graph.Blocks[handler.FirstBlockOrdinal], state);
                if (handler is { Kind: ControlFlowRegionKind.Catch, ExceptionType: { } caught }
                    && caught is ({ SpecialType: SpecialType.System_Object } or { Name: "Exception", ContainingNamespace.Name: "System" }))
                {
                    return;
                }
            }
        }

        run.Outcome.Thrown.Add(state);
    }

    private Liveness LivenessOf(ControlFlowGraph graph)
    {
        if (!_liveness.TryGetValue(graph, out Liveness? liveness))
        {
            liveness = new Liveness(graph);
            _liveness.Add(graph, liveness);
        }

        return liveness;
    }
}

using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemoryPages.Analyzers.Flow;

/// <summary>A body that is being followed, and how deep in calls.</summary>
internal sealed class Frame(ControlFlowGraph graph, int depth)
{
    public ControlFlowGraph Graph => graph;

    public int Depth => depth;

    /// <summary>Variables that the compiler captured as places to write to, as for <c>a ??= b</c>.</summary>
    public Dictionary<CaptureId, ISymbol> CapturedVariables { get; } = [];
}

/// <summary>How a body or a region was left.</summary>
internal sealed class Outcome
{
    public HashSet<FlowState> Ends { get; } = [];

    public HashSet<FlowState> Thrown { get; } = [];
}

/// <summary>What has been seen of a body, and what is to be followed yet.</summary>
/// <param name="frame">The body.</param>
/// <param name="makings">Told where states become one.</param>
/// <param name="within">The finally region that is followed by itself; null for the whole.</param>
/// <param name="next">Where the way goes on behind that region; null where it is an exception's.</param>
internal sealed class Visit(Frame frame, Makings makings, ControlFlowRegion? within, BasicBlock? next)
{
    private const int MostStates = 24;

    private readonly Dictionary<BasicBlock, HashSet<FlowState>> _seen = [];
    private readonly Dictionary<BasicBlock, FlowState> _joined = [];
    private readonly Stack<(BasicBlock, FlowState)> _open = [];

    public Frame Frame => frame;

    public ControlFlowRegion? Within => within;

    public BasicBlock? Next => next;

    public Outcome Outcome { get; } = new();

    public HashSet<(ControlFlowRegion, FlowState)> Thrown { get; } = [];

    /// <summary>Follows the block with the state, unless it was before. With too many states they become one, of what holds in all.</summary>
    public void Enter(BasicBlock block, FlowState state)
    {
        if (_joined.TryGetValue(block, out FlowState? joined))
        {
            FlowState wider = FlowState.Join(joined, state);
            if (!wider.Equals(joined))
            {
                _joined[block] = wider;
                _open.Push((block, wider));
            }

            return;
        }

        if (!_seen.TryGetValue(block, out HashSet<FlowState>? seen))
        {
            seen = [];
            _seen.Add(block, seen);
        }

        if (!seen.Add(state))
        {
            return;
        }

        if (seen.Count > MostStates)
        {
            makings.IsLostSight = true;
            foreach (FlowState other in seen)
            {
                state = FlowState.Join(state, other);
            }

            _joined.Add(block, state);
        }

        _open.Push((block, state));
    }

    public bool TryNext(out BasicBlock block, out FlowState state)
    {
        if (_open.Count == 0)
        {
            (block, state) = (null!, null!);
            return false;
        }

        (block, state) = _open.Pop();
        return true;
    }
}

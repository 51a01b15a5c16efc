using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>
/// Which NUMA nodes give the pages of some memory as they are first touched. <c>default</c> says nothing: <see cref="NumaPolicyKind.Default"/>.
/// </summary>
/// <remarks>
/// <para>
/// Wished at allocation (<see cref="AllocationOptions.NumaPolicy"/>), before the first touch, or said of a range later
/// (<see cref="Pages{TProtection}.SetNumaPolicy"/>); pages that are there already stay where they are until they are moved
/// (<see cref="Pages{TProtection}.MoveToNode"/>).
/// </para>
/// <para>
/// A value names only nodes that this machine has and that have memory: others are refused where it is made, since Linux drops them silently. Linux:
/// mbind(2), set_mempolicy(2), numa(7).
/// </para>
/// </remarks>
public readonly struct NumaPolicy : IEquatable<NumaPolicy>
{
    private readonly int[]? _nodes;

    internal NumaPolicy(NumaPolicyKind kind, int[] nodes)
    {
        Kind = kind;
        _nodes = nodes;
    }

    /// <summary>The node of the processor that touches a page, whatever its thread's policy is. Another where that node has none left.</summary>
    public static NumaPolicy Local => new(NumaPolicyKind.Local, []);

    /// <summary>How the node is chosen.</summary>
    public NumaPolicyKind Kind { get; }

    /// <summary>The nodes that it names, in order; none of <see cref="NumaPolicyKind.Default"/> and <see cref="NumaPolicyKind.Local"/>.</summary>
    public ReadOnlySpan<int> Nodes => _nodes;

    /// <summary>
    /// Whether the running system takes it for memory: asked of it each time. Linux 5.15 has <see cref="Prefer"/> of several nodes, 6.9
    /// <see cref="WeightedInterleave"/>; containers may forbid all of them. Windows takes none for memory that is there, and one when it is
    /// allocated: <see cref="AllocationOptions.NumaPolicy"/>.
    /// </summary>
    public bool IsSupported => MemorySystem.Current.IsSupported(this);

    /// <summary>
    /// These nodes while they have memory left, then others. Of several, the one that is nearest to the processor that touches a page.
    /// </summary>
    /// <param name="nodes">At least one.</param>
    /// <exception cref="ArgumentException">There is none, one is named twice, or this machine has no such node with memory.</exception>
    public static NumaPolicy Prefer(params ReadOnlySpan<int> nodes) => Of(NumaPolicyKind.Prefer, nodes);

    /// <summary>These nodes and no others. Without a page left there the touch fails: the kernel ends a process then, perhaps this one.</summary>
    /// <param name="nodes">At least one.</param>
    /// <exception cref="ArgumentException">There is none, one is named twice, or this machine has no such node with memory.</exception>
    public static NumaPolicy Bind(params ReadOnlySpan<int> nodes) => Of(NumaPolicyKind.Bind, nodes);

    /// <summary>These nodes in turn, page by page: for memory that threads of all nodes use alike.</summary>
    /// <param name="nodes">At least one.</param>
    /// <exception cref="ArgumentException">There is none, one is named twice, or this machine has no such node with memory.</exception>
    public static NumaPolicy Interleave(params ReadOnlySpan<int> nodes) => Of(NumaPolicyKind.Interleave, nodes);

    /// <summary>These nodes in turn, each for as many pages as the machine's weights say: more of fast memory than of slow.</summary>
    /// <param name="nodes">At least one.</param>
    /// <exception cref="ArgumentException">There is none, one is named twice, or this machine has no such node with memory.</exception>
    public static NumaPolicy WeightedInterleave(params ReadOnlySpan<int> nodes) => Of(NumaPolicyKind.WeightedInterleave, nodes);

    /// <summary>What the running thread says of memory that says nothing itself.</summary>
    /// <exception cref="MemoryPagesException">The system refused, or has no such policies.</exception>
    /// <remarks>Linux: get_mempolicy(2).</remarks>
    public static NumaPolicy OfThread()
    {
        SystemError error = MemorySystem.Current.QueryThreadNumaPolicy(out NumaPolicy policy);
        return error.Failed ? throw new MemoryPagesException(error, new FailedOperation(nameof(OfThread), null, 0, 0, 0)) : policy;
    }

    /// <summary>Has the running thread say this of whatever it touches first and that says nothing itself: of the runtime's memory too.</summary>
    /// <exception cref="MemoryPagesException">The system refused, or has no such policies.</exception>
    /// <remarks>
    /// A thread that it starts inherits it; a thread of the pool keeps it for whoever runs there next, and code behind an <c>await</c> may run on
    /// another. Linux: set_mempolicy(2).
    /// </remarks>
    public void SetForThread()
    {
        SystemError error = MemorySystem.Current.SetThreadNumaPolicy(this);
        if (error.Failed)
        {
            throw new MemoryPagesException(error, new FailedOperation(nameof(SetForThread), null, 0, 0, 0));
        }
    }

    /// <summary>Whether both say the same of the same nodes.</summary>
    public static bool operator ==(NumaPolicy left, NumaPolicy right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(NumaPolicy left, NumaPolicy right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(NumaPolicy other) => Kind == other.Kind && Nodes.SequenceEqual(other.Nodes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is NumaPolicy other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Kind);
        foreach (int node in Nodes)
        {
            hash.Add(node);
        }

        return hash.ToHashCode();
    }

    /// <summary>For people: <c>Bind(0, 1)</c>.</summary>
    public override string ToString() => _nodes is { Length: > 0 } ? $"{Kind}({string.Join(", ", _nodes)})" : Kind.ToString();

    private static NumaPolicy Of(NumaPolicyKind kind, ReadOnlySpan<int> nodes)
    {
        if (nodes.IsEmpty)
        {
            throw new ArgumentException("A policy names at least one node.", nameof(nodes));
        }

        int[] inOrder = nodes.ToArray();
        Array.Sort(inOrder);
        for (int i = 0; i < inOrder.Length; i++)
        {
            NumaNode.ThrowUnlessWithMemory(inOrder[i], nameof(nodes));
            if (i > 0 && inOrder[i] == inOrder[i - 1])
            {
                throw new ArgumentException($"Node {inOrder[i]} is named twice.", nameof(nodes));
            }
        }

        return new NumaPolicy(kind, inOrder);
    }
}

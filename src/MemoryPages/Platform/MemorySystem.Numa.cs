namespace MemoryPages.Platform;

/// <summary>Memory that is nearer to some processors than to others: which node has it, and which is to give it.</summary>
internal abstract partial class MemorySystem
{
    /// <summary>The nodes that are there, in order; node 0 alone where the system knows of none.</summary>
    public abstract int[] NumaNodes();

    /// <summary>The nodes that have memory of their own.</summary>
    public abstract int[] NumaMemoryNodes();

    /// <summary>Says which nodes give the pages of a range that are not there yet. Those of memory that is shared are so bound for everyone who maps it.</summary>
    public abstract SystemError SetNumaPolicy(nuint address, nuint length, NumaPolicyKind kind, ReadOnlySpan<int> nodes);

    /// <summary>What was said last of the page at an address.</summary>
    public abstract SystemError QueryNumaPolicy(nuint address, out NumaPolicyKind kind, out int[] nodes);

    /// <summary>The node of each base page from an address on; a negative number, the system's own for it, where no page is there.</summary>
    public abstract SystemError QueryNodes(nuint address, nuint pageSize, Span<int> nodes);

    /// <summary>
    /// Moves pages to a node. Each one's node afterwards, or a negative number where it could not be moved: that is no error.
    /// </summary>
    public abstract SystemError MovePages(nuint address, nuint pageSize, int node, Span<int> outcomes);
}

/// <summary>How the system chooses the node of a page.</summary>
internal enum NumaPolicyKind
{
    /// <summary>The node of the processor that touches it first.</summary>
    Default,

    /// <summary>A node; another where that has none left.</summary>
    Prefer,

    /// <summary>Some nodes, and no other: without a page left there, the touch fails.</summary>
    Bind,

    /// <summary>Some nodes in turn, page by page.</summary>
    Interleave,
}

namespace MemoryPages.Platform;

/// <summary>Memory that is nearer to some processors than to others: which node has it, and which is to give it. A system that says nothing here has one node.</summary>
internal abstract partial class MemorySystem
{
    /// <summary>The nodes that are there, in order; node 0 alone where the system knows of none.</summary>
    public virtual int[] NumaNodes() => [0];

    /// <summary>The nodes that have memory of their own.</summary>
    public virtual int[] NumaMemoryNodes() => NumaNodes();

    /// <summary>Says which nodes give the pages of a range that are not there yet. Those of memory that is shared are so bound for everyone who maps it.</summary>
    public virtual SystemError SetNumaPolicy(nuint address, nuint length, NumaPolicyKind kind, ReadOnlySpan<int> nodes) => Absent;

    /// <summary>The node of each base page from an address on; a negative number, the system's own for it, where no page is there.</summary>
    public virtual SystemError QueryNodes(nuint address, nuint pageSize, Span<int> nodes) => Absent;
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

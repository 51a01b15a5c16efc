namespace MemoryPages.Platform;

/// <summary>
/// Memory that is nearer to some processors than to others: which node has it, and which is to give it. A system that says nothing here has one node.
/// </summary>
internal abstract partial class MemorySystem
{
    /// <summary>The most pages that <see cref="MovePages"/> takes.</summary>
    public const int MostPagesMoved = 512;

    /// <summary>The nodes that are there, in order; node 0 alone where the system knows of none.</summary>
    public virtual int[] NumaNodes() => [0];

    /// <summary>The nodes that have memory of their own.</summary>
    public virtual int[] NumaMemoryNodes() => NumaNodes();

    /// <summary>Memory and processors of a node that is there.</summary>
    public virtual SystemError QueryNumaNode(int node, out NumaNodeFacts facts)
    {
        facts = default;
        return Absent;
    }

    /// <summary>How far the memory of one node is from the processors of another: 10 is its own.</summary>
    public virtual SystemError QueryNumaDistance(int from, int to, out int distance)
    {
        distance = 0;
        return Absent;
    }

    /// <summary>The node of the processor that runs this.</summary>
    public virtual SystemError QueryRunningNode(out int node)
    {
        node = 0;
        return Absent;
    }

    /// <summary>Whether <see cref="SetNumaPolicy"/> would take a policy: asked of the running system.</summary>
    public virtual bool IsSupported(NumaPolicy policy) => policy.Kind == NumaPolicyKind.Default;

    /// <summary>
    /// Says which nodes give the pages of a range that are not there yet. Those of memory that is shared are so bound for everyone who maps it.
    /// </summary>
    public virtual SystemError SetNumaPolicy(nuint address, nuint length, NumaPolicy policy) => Absent;

    /// <summary>What was said last of the page at an address.</summary>
    public virtual SystemError QueryNumaPolicy(nuint address, out NumaPolicy policy)
    {
        policy = default;
        return Absent;
    }

    /// <summary>Says the same of whatever the calling thread touches first, where the memory says nothing itself.</summary>
    public virtual SystemError SetThreadNumaPolicy(NumaPolicy policy) => Absent;

    public virtual SystemError QueryThreadNumaPolicy(out NumaPolicy policy)
    {
        policy = default;
        return Absent;
    }

    /// <summary>The node of each page from an address on; a negative number, the system's own for it, where no page is there.</summary>
    public virtual SystemError QueryNodes(nuint address, nuint pageSize, Span<int> nodes) => Absent;

    /// <summary>Moves pages to nodes. That a page could not be moved is no error. On an error some may have moved.</summary>
    /// <param name="address">The first page.</param>
    /// <param name="pageSize">Bytes from one to the next.</param>
    /// <param name="targets">The node for each; one for all of them if it is only one.</param>
    /// <param name="includeShared">Also those that other processes have in their memory.</param>
    /// <param name="outcomes">What became of each: at most <see cref="MostPagesMoved"/>.</param>
    public virtual SystemError MovePages(nuint address, nuint pageSize, ReadOnlySpan<int> targets, bool includeShared, Span<NumaMove> outcomes) => Absent;
}

/// <summary>What a node has. Bytes.</summary>
internal readonly record struct NumaNodeFacts(nuint TotalMemory, nuint FreeMemory, int[] Processors);

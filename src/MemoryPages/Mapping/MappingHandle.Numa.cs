using MemoryPages.Platform;

namespace MemoryPages.Mapping;

/// <summary>
/// Which NUMA node the pages of a part are on, and moving them: under a lease, whoever holds it. Counted in pages that the memory is made of.
/// </summary>
internal sealed partial class MappingHandle
{
    /// <summary>The pages that hold a byte of the part.</summary>
    public (nuint Address, nuint Count) PagesOf(PageRange? wished)
    {
        ThrowIfOutside(wished ?? Whole);
        (nuint address, nuint length) = Outward(wished ?? Whole);
        return (address, length / PageSize);
    }

    /// <summary>The node of each page of the part, or -1.</summary>
    /// <returns>How many are present.</returns>
    /// <exception cref="ArgumentException">There is room for fewer.</exception>
    public nuint CopyNodes(string operation, PageRange? wished, Span<int> nodes)
    {
        (nuint address, nuint count) = PagesOf(wished);
        ThrowIfFewer(nodes.Length, count, nameof(nodes));
        nodes = nodes[..(int)count];
        SystemError error = MemorySystem.Current.QueryNodes(address, PageSize, nodes);
        if (error.Failed)
        {
            throw Failure(error, operation, address, count * PageSize);
        }

        foreach (ref int node in nodes)
        {
            node = Math.Max(node, -1);
        }

        return count - (nuint)nodes.Count(-1);
    }

    /// <summary>Bytes of the pages of the part that are on a node.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such node with memory.</exception>
    public nuint CountBytesOnNode(string operation, int node, PageRange? wished)
    {
        NumaNode.ThrowUnlessWithMemory(node, nameof(node));
        Span<int> nodes = stackalloc int[MemorySystem.MostPagesMoved];
        (nuint address, nuint count) = PagesOf(wished);
        nuint found = 0;
        for (nuint first = 0; first < count; first += (nuint)nodes.Length)
        {
            Span<int> piece = nodes[..(int)Math.Min((nuint)nodes.Length, count - first)];
            SystemError error = MemorySystem.Current.QueryNodes(address + (first * PageSize), PageSize, piece);
            if (error.Failed)
            {
                throw Failure(error, operation, address, count * PageSize);
            }

            found += (nuint)piece.Count(node);
        }

        return found * PageSize;
    }

    /// <summary>Moves the pages of the part to a node.</summary>
    /// <param name="operation">What the user calls it.</param>
    /// <param name="wished">The part.</param>
    /// <param name="node">Where to.</param>
    /// <param name="includeShared">Also those that other processes have in their memory.</param>
    /// <param name="outcomes">Room for what became of each page, or empty.</param>
    /// <exception cref="ArgumentException">There is no such node with memory, or too little room.</exception>
    public NumaMoves MoveToNode(string operation, PageRange? wished, int node, bool includeShared, Span<NumaMove> outcomes)
    {
        NumaNode.ThrowUnlessWithMemory(node, nameof(node));
        return MovePages(operation, wished, [node], includeShared, outcomes);
    }

    /// <summary>The same, each page to a node of its own.</summary>
    /// <exception cref="ArgumentException">There is no such node with memory, too few are named, or there is too little room.</exception>
    public NumaMoves MoveToNodes(string operation, PageRange? wished, ReadOnlySpan<int> nodes, bool includeShared, Span<NumaMove> outcomes)
    {
        nuint count = PagesOf(wished).Count;
        ThrowIfFewer(nodes.Length, count, nameof(nodes));
        nodes = nodes[..(int)count];
        if (nodes.IndexOfAnyExcept(MemorySystem.Current.NumaMemoryNodes()) is int absent and >= 0)
        {
            NumaNode.ThrowUnlessWithMemory(nodes[absent], nameof(nodes));
        }

        return MovePages(operation, wished, nodes, includeShared, outcomes);
    }

    /// <exception cref="InvalidOperationException">A touch of the pages could then end the process, though they are promised.</exception>
    public SystemError SetNumaPolicy(nuint address, nuint length, NumaPolicy policy) =>
        policy.Kind == NumaPolicyKind.Bind && PageSize > MemorySystem.Current.PageSize
            ? throw new InvalidOperationException(
                "Explicit huge pages are promised by the machine's pool, not by a node's: bound to nodes only now, a touch could end the process. "
                + "Wish it in AllocationOptions, which takes the pages at once, or prefer the node.")
            : MemorySystem.Current.SetNumaPolicy(address, length, policy);

    public NumaPolicy NumaPolicyAt(string operation, nuint offset)
    {
        ThrowIfOutside(new PageRange(offset, 1), "offset");
        SystemError error = MemorySystem.Current.QueryNumaPolicy(Address + offset, out NumaPolicy policy);
        return error.Failed ? throw Failure(error, operation, Address + offset, 0) : policy;
    }

    /// <param name="operation">What the user calls it.</param>
    /// <param name="wished">The part.</param>
    /// <param name="targets">The node for each page; one for all of them if it is only one.</param>
    /// <param name="includeShared">Also those that other processes have in their memory.</param>
    /// <param name="outcomes">Room for what became of each page, or empty.</param>
    private NumaMoves MovePages(string operation, PageRange? wished, ReadOnlySpan<int> targets, bool includeShared, Span<NumaMove> outcomes)
    {
        Span<NumaMove> answers = stackalloc NumaMove[MemorySystem.MostPagesMoved];
        (nuint address, nuint count) = PagesOf(wished);
        if (!outcomes.IsEmpty)
        {
            ThrowIfFewer(outcomes.Length, count, nameof(outcomes));
        }

        NumaMoves moves = default;
        for (nuint first = 0; first < count; first += (nuint)answers.Length)
        {
            Span<NumaMove> piece = answers[..(int)Math.Min((nuint)answers.Length, count - first)];
            SystemError error = MemorySystem.Current.MovePages(
                address + (first * PageSize), PageSize, targets.Length == 1 ? targets : targets.Slice((int)first, piece.Length), includeShared, piece);
            if (error.Failed)
            {
                throw new MemoryPagesException(
                    error, new FailedOperation(operation, Name, address, count * PageSize, PageSize) { MovesShared = includeShared });
            }

            moves = moves.With(piece, PageSize);
            if (!outcomes.IsEmpty)
            {
                piece.CopyTo(outcomes[(int)first..]);
            }
        }

        return moves;
    }

    private static void ThrowIfFewer(int elements, nuint pages, string parameter)
    {
        if ((nuint)elements < pages)
        {
            throw new ArgumentException($"The part has {pages} pages and there is room for {elements}.", parameter);
        }
    }
}

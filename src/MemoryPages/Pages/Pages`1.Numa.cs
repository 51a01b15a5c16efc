using MemoryPages.Mapping;
using MemoryPages.Platform;

namespace MemoryPages;

/// <content>Which NUMA nodes the pages are on, are to come from, and move to. Counted in pages of <see cref="PageSize"/>: one is on one
/// node.</content>
public sealed partial class Pages<TProtection>
{
    /// <summary>Says which nodes give the pages of a part that are first touched from now on. What is there stays where it is.</summary>
    /// <param name="policy">Which nodes; <c>default</c> takes back what was said before.</param>
    /// <param name="range">The part, rounded outward to whole pages; null for all.</param>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages.</exception>
    /// <exception cref="InvalidOperationException">
    /// Explicit huge pages cannot be bound once they are promised: <see cref="AllocationOptions.NumaPolicy"/> can.
    /// </exception>
    /// <exception cref="MemoryPagesException">The system refused: it knows no such policy, or a sandbox forbids it.</exception>
    /// <remarks>
    /// A policy of a part makes that part a mapping of its own (<c>vm.max_map_count</c>). Of shared memory it is the memory's, for all who map it; of
    /// a mapped file on a disk the system does not heed it. Linux: mbind(2).
    /// </remarks>
    public void SetNumaPolicy(NumaPolicy policy, PageRange? range = null) => OnPages(nameof(SetNumaPolicy), range, policy, static (mapping, address, length, policy) =>
        mapping.SetNumaPolicy(address, length, policy));

    /// <summary>What was last said of the page at an offset.</summary>
    /// <param name="offset">Bytes from the start.</param>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The offset is not within the pages.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    /// <remarks>Linux: get_mempolicy(2).</remarks>
    public NumaPolicy NumaPolicyAt(nuint offset = 0)
    {
        MappingHandle mapping = Acquire(default);
        try
        {
            return mapping.NumaPolicyAt(nameof(NumaPolicyAt), offset);
        }
        finally
        {
            mapping.Release();
        }
    }

    /// <summary>The node of each page of a part. A snapshot: the system may move pages, unless they are held.</summary>
    /// <param name="nodes">
    /// Receives for each page of the part its node, or -1 where no page is present: never touched, swapped out, or the page of zeros.
    /// </param>
    /// <param name="range">The part, rounded outward to whole pages; null for all.</param>
    /// <returns>How many pages are present.</returns>
    /// <exception cref="ArgumentException"><paramref name="nodes"/> has fewer elements than the part has pages.</exception>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    /// <remarks>Linux: move_pages(2), which moves nothing then. Windows: <c>QueryWorkingSetEx</c>.</remarks>
    public nuint CopyNumaNodes(Span<int> nodes, PageRange? range = null)
    {
        MappingHandle mapping = Acquire(default);
        try
        {
            return mapping.CopyNodes(nameof(CopyNumaNodes), range, nodes);
        }
        finally
        {
            mapping.Release();
        }
    }

    /// <summary>How many bytes of a part are on a node now, in whole pages. A snapshot.</summary>
    /// <param name="node">The node's number.</param>
    /// <param name="range">The part, rounded outward to whole pages; null for all.</param>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages, or there is no such node.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    public nuint CountBytesOnNode(int node, PageRange? range = null)
    {
        MappingHandle mapping = Acquire(default);
        try
        {
            return mapping.CountBytesOnNode(nameof(CountBytesOnNode), node, range);
        }
        finally
        {
            mapping.Release();
        }
    }

    /// <summary>Moves the pages of a part that are present to a node: as many as can be, and says what became of the others.</summary>
    /// <param name="node">Where to.</param>
    /// <param name="range">The part, rounded outward to whole pages; null for all.</param>
    /// <param name="includeShared">Also those that other processes have in their memory. It takes a privilege (Linux <c>CAP_SYS_NICE</c>).</param>
    /// <param name="outcomes">Receives what became of each page of the part; empty for the sums only.</param>
    /// <exception cref="ArgumentException"><paramref name="outcomes"/> has some elements, but fewer than the part has pages.</exception>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages, or there is no such node with memory.</exception>
    /// <exception cref="MemoryPagesException">The system refused: no privilege, or it does not move pages. Some may have moved.</exception>
    /// <remarks>
    /// Content and addresses stay, and views may be open: who touches a page that is being moved waits. Physical addresses change. The policy stays
    /// as it is. Linux: move_pages(2) with <c>MPOL_MF_MOVE</c>, or <c>MPOL_MF_MOVE_ALL</c>.
    /// </remarks>
    public NumaMoves MoveToNode(int node, PageRange? range = null, bool includeShared = false, Span<NumaMove> outcomes = default)
    {
        MappingHandle mapping = Acquire(default);
        try
        {
            return mapping.MoveToNode(nameof(MoveToNode), range, node, includeShared, outcomes);
        }
        finally
        {
            mapping.Release();
        }
    }

    /// <summary>As <see cref="MoveToNode"/>, each page to a node of its own: to spread them, or to gather each where it is used.</summary>
    /// <param name="nodes">For each page of the part.</param>
    /// <param name="range">The part, rounded outward to whole pages; null for all.</param>
    /// <param name="includeShared">Also those that other processes have in their memory.</param>
    /// <param name="outcomes">Receives what became of each page of the part; empty for the sums only.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="nodes"/>, or <paramref name="outcomes"/> that has some elements, has fewer than the part has pages.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages, or there is no such node with memory.</exception>
    /// <exception cref="MemoryPagesException">The system refused. Some may have moved.</exception>
    /// <remarks>A transparent huge page moves as one, to the node of the last of its pages.</remarks>
    public NumaMoves MoveToNodes(ReadOnlySpan<int> nodes, PageRange? range = null, bool includeShared = false, Span<NumaMove> outcomes = default)
    {
        MappingHandle mapping = Acquire(default);
        try
        {
            return mapping.MoveToNodes(nameof(MoveToNodes), range, nodes, includeShared, outcomes);
        }
        finally
        {
            mapping.Release();
        }
    }
}

using MemoryPages.Platform;
using MemoryPages.Virtual;

namespace MemoryPages;

/// <content>Which NUMA nodes committed pages are on, are to come from, and move to: as of <see cref="Pages{TProtection}"/>.</content>
public sealed partial class VirtualBuffer
{
    /// <summary>
    /// Says which nodes give the pages of a part that are first touched from now on: see <see cref="Pages{TProtection}.SetNumaPolicy"/>.
    /// </summary>
    /// <param name="policy">Which nodes; <c>default</c> takes back what was said before.</param>
    /// <param name="range">The part, rounded outward to whole pages; null for all.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    /// <remarks>
    /// Decommitting makes it forget, and committing says <see cref="ReserveOptions.NumaPolicy"/> anew: say it of what is committed.
    /// </remarks>
    public void SetNumaPolicy(NumaPolicy policy, PageRange? range = null) => UnderLease(nameof(SetNumaPolicy), range, policy, static (address, length, policy) =>
        MemorySystem.Current.SetNumaPolicy(address, length, policy));

    /// <summary>What was last said of the page at an offset.</summary>
    /// <param name="offset">Bytes from the start.</param>
    /// <exception cref="ArgumentOutOfRangeException">The offset is not within the buffer.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    public NumaPolicy NumaPolicyAt(nuint offset = 0)
    {
        _mapping.Acquire(default);
        try
        {
            return _mapping.NumaPolicyAt(nameof(NumaPolicyAt), offset);
        }
        finally
        {
            _mapping.Release();
        }
    }

    /// <summary>The node of each page of a part: see <see cref="Pages{TProtection}.CopyNumaNodes"/>.</summary>
    /// <param name="nodes">Receives for each page of the part its node, or -1 where no page is present.</param>
    /// <param name="range">The part, rounded outward to whole pages; null for all.</param>
    /// <returns>How many pages are present.</returns>
    /// <exception cref="ArgumentException"><paramref name="nodes"/> has fewer elements than the part has pages.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    public nuint CopyNumaNodes(Span<int> nodes, PageRange? range = null)
    {
        _mapping.Acquire(default);
        try
        {
            return _mapping.CopyNodes(nameof(CopyNumaNodes), range, nodes);
        }
        finally
        {
            _mapping.Release();
        }
    }

    /// <summary>How many bytes of a part are on a node now, in whole pages. A snapshot.</summary>
    /// <param name="node">The node's number.</param>
    /// <param name="range">The part, rounded outward to whole pages; null for all, which is slow for terabytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer, or there is no such node.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    public nuint CountBytesOnNode(int node, PageRange? range = null)
    {
        _mapping.Acquire(default);
        try
        {
            return _mapping.CountBytesOnNode(nameof(CountBytesOnNode), node, range);
        }
        finally
        {
            _mapping.Release();
        }
    }

    /// <summary>Moves the pages of a part that are present to a node: see <see cref="Pages{TProtection}.MoveToNode"/>.</summary>
    /// <param name="node">Where to.</param>
    /// <param name="range">The part, rounded outward to whole pages; null for all, which is slow for terabytes.</param>
    /// <param name="includeShared">Also those that other processes have in their memory. It takes a privilege (Linux <c>CAP_SYS_NICE</c>).</param>
    /// <param name="outcomes">Receives what became of each page of the part; empty for the sums only.</param>
    /// <exception cref="ArgumentException"><paramref name="outcomes"/> has some elements, but fewer than the part has pages.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer, or there is no such node with memory.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    /// <exception cref="MemoryPagesException">The system refused. Some pages may have moved.</exception>
    public NumaMoves MoveToNode(int node, PageRange? range = null, bool includeShared = false, Span<NumaMove> outcomes = default)
    {
        _mapping.Acquire(default);
        try
        {
            return _mapping.MoveToNode(nameof(MoveToNode), range, node, includeShared, outcomes);
        }
        finally
        {
            _mapping.Release();
        }
    }

    /// <summary>As <see cref="MoveToNode"/>, each page to a node of its own: see <see cref="Pages{TProtection}.MoveToNodes"/>.</summary>
    /// <param name="nodes">For each page of the part.</param>
    /// <param name="range">The part, rounded outward to whole pages; null for all.</param>
    /// <param name="includeShared">Also those that other processes have in their memory.</param>
    /// <param name="outcomes">Receives what became of each page of the part; empty for the sums only.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="nodes"/>, or <paramref name="outcomes"/> that has some elements, has fewer than the part has pages.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer, or there is no such node with memory.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    /// <exception cref="MemoryPagesException">The system refused. Some pages may have moved.</exception>
    public NumaMoves MoveToNodes(ReadOnlySpan<int> nodes, PageRange? range = null, bool includeShared = false, Span<NumaMove> outcomes = default)
    {
        _mapping.Acquire(default);
        try
        {
            return _mapping.MoveToNodes(nameof(MoveToNodes), range, nodes, includeShared, outcomes);
        }
        finally
        {
            _mapping.Release();
        }
    }
}

namespace MemoryPages;

/// <summary>What went through a <see cref="CountingAllocator{TAllocator}"/>, at one moment.</summary>
/// <remarks>Bytes are those of the layouts that callers gave, not what the allocator rounded them up to.</remarks>
public readonly record struct AllocatorCounters
{
    /// <summary>Blocks that were allocated and not freed yet.</summary>
    public long LiveBlocks { get; init; }

    /// <summary>Bytes of these.</summary>
    public nint LiveBytes { get; init; }

    /// <summary>The most that <see cref="LiveBytes"/> ever was.</summary>
    public nint PeakBytes { get; init; }

    /// <summary>Blocks that were ever allocated.</summary>
    public long Allocations { get; init; }

    /// <summary>Blocks that were grown or shrunk, each time.</summary>
    public long Resizes { get; init; }

    /// <summary>Blocks that were freed.</summary>
    public long Frees { get; init; }

    /// <summary>Requests, of memory or of a resize, that the allocator refused.</summary>
    public long Refusals { get; init; }
}

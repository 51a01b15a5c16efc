using System.Diagnostics;

namespace MemoryPages;

/// <summary>Counts what goes through it to another allocator: what is live, and what was freed.</summary>
/// <typeparam name="TAllocator">The other allocator.</typeparam>
/// <remarks>
/// Safe on as many threads as the other allocator is; a few interlocked operations a call. It does not own the other allocator. What it counts by are
/// the callers' layouts: a block that is freed with another size than it was asked for with leaves the difference in
/// <see cref="AllocatorCounters.LiveBytes"/>.
/// </remarks>
[DebuggerDisplay("{Counters}")]
public sealed unsafe class CountingAllocator<TAllocator> : IAllocator
    where TAllocator : IAllocator
{
    private readonly TAllocator _allocator;
    private long _allocations;
    private long _resizes;
    private long _frees;
    private long _refusals;
    private long _bytes;
    private long _peak;

    /// <summary>Counts for a struct allocator without state.</summary>
    public CountingAllocator()
        : this(default!)
    {
    }

    /// <summary>Counts for an allocator.</summary>
    /// <param name="allocator">Where memory comes from.</param>
    /// <exception cref="ArgumentNullException"><paramref name="allocator"/> is null.</exception>
    public CountingAllocator(TAllocator allocator)
    {
        ArgumentNullException.ThrowIfNull(allocator);
        _allocator = allocator;
    }

    /// <summary>The counts: each exact, but not all of one instant where other threads are allocating.</summary>
    public AllocatorCounters Counters
    {
        get
        {
            // Frees first: what is live is never counted as negative.
            long frees = Volatile.Read(ref _frees);
            long allocations = Volatile.Read(ref _allocations);
            return new AllocatorCounters
            {
                LiveBlocks = allocations - frees,
                LiveBytes = (nint)Volatile.Read(ref _bytes),
                PeakBytes = (nint)Volatile.Read(ref _peak),
                Allocations = allocations,
                Resizes = Volatile.Read(ref _resizes),
                Frees = frees,
                Refusals = Volatile.Read(ref _refusals),
            };
        }
    }

    /// <inheritdoc/>
    public bool TryAllocate(Layout layout, out AllocatedBlock block) =>
        CountAllocation(_allocator.TryAllocate(layout, out block), layout);

    /// <inheritdoc/>
    public bool TryAllocateZeroed(Layout layout, out AllocatedBlock block) =>
        CountAllocation(_allocator.TryAllocateZeroed(layout, out block), layout);

    /// <inheritdoc/>
    public bool TryGrow(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) =>
        CountResize(_allocator.TryGrow(pointer, layout, newLayout, out block), layout, newLayout);

    /// <inheritdoc/>
    public bool TryGrowZeroed(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) =>
        CountResize(_allocator.TryGrowZeroed(pointer, layout, newLayout, out block), layout, newLayout);

    /// <inheritdoc/>
    public bool TryShrink(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) =>
        CountResize(_allocator.TryShrink(pointer, layout, newLayout, out block), layout, newLayout);

    /// <inheritdoc/>
    public void Free(void* pointer, Layout layout)
    {
        _allocator.Free(pointer, layout);
        CountBytes(-(long)layout.Size);
        Interlocked.Increment(ref _frees);
    }

    /// <inheritdoc/>
    public MemoryPagesException Refusal(string operation, Layout layout) => _allocator.Refusal(operation, layout);

    private bool CountAllocation(bool allocated, Layout layout)
    {
        Interlocked.Increment(ref allocated ? ref _allocations : ref _refusals);
        if (allocated)
        {
            CountBytes((long)layout.Size);
        }

        return allocated;
    }

    private bool CountResize(bool resized, Layout layout, Layout newLayout)
    {
        Interlocked.Increment(ref resized ? ref _resizes : ref _refusals);
        if (resized)
        {
            CountBytes((long)newLayout.Size - (long)layout.Size);
        }

        return resized;
    }

    private void CountBytes(long more)
    {
        long bytes = Interlocked.Add(ref _bytes, more);
        for (long peak = Volatile.Read(ref _peak); bytes > peak;)
        {
            long seen = Interlocked.CompareExchange(ref _peak, bytes, peak);
            if (seen == peak)
            {
                break;
            }

            peak = seen;
        }
    }
}

using System.Diagnostics;

namespace MemoryPages;

/// <summary>Refuses the n-th request for memory, to see what a program does then. For tests.</summary>
/// <typeparam name="TAllocator">Where the memory comes from otherwise.</typeparam>
/// <remarks>
/// <para>
/// Requests are what may fail: allocating, growing and shrinking. Run the code for n from 1 on, until a run in which nothing was refused: then each
/// of its requests has failed once. A <see cref="CountingAllocator{TAllocator}"/> below shows whether anything was lost.
/// </para>
/// <para>Safe on as many threads as the other allocator is, which it does not own. Frees always go through.</para>
/// </remarks>
[DebuggerDisplay("{Requests} requests, {Refused} refused")]
public sealed unsafe class FailingAllocator<TAllocator> : IAllocator
    where TAllocator : IAllocator
{
    private readonly TAllocator _allocator;
    private readonly long _failAt;
    private readonly bool _andAllAfter;
    private long _requests;

    /// <summary>Refuses a request of a struct allocator without state.</summary>
    /// <param name="failAt">Which request is refused: 1 is the first, 0 none.</param>
    /// <param name="andAllAfter">Whether those after it are refused, too: memory that stays short.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="failAt"/> is negative.</exception>
    public FailingAllocator(long failAt, bool andAllAfter = false)
        : this(default!, failAt, andAllAfter)
    {
    }

    /// <summary>Refuses a request of an allocator.</summary>
    /// <param name="allocator">Where the memory comes from otherwise.</param>
    /// <param name="failAt">Which request is refused: 1 is the first, 0 none.</param>
    /// <param name="andAllAfter">Whether those after it are refused, too: memory that stays short.</param>
    /// <exception cref="ArgumentNullException"><paramref name="allocator"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="failAt"/> is negative.</exception>
    public FailingAllocator(TAllocator allocator, long failAt, bool andAllAfter = false)
    {
        ArgumentNullException.ThrowIfNull(allocator);
        ArgumentOutOfRangeException.ThrowIfNegative(failAt);
        _allocator = allocator;
        _failAt = failAt;
        _andAllAfter = andAllAfter;
    }

    /// <summary>How many requests there were, refused ones among them.</summary>
    public long Requests => Volatile.Read(ref _requests);

    /// <summary>How many of them were refused on purpose.</summary>
    public long Refused => _failAt == 0 || Requests < _failAt ? 0 : _andAllAfter ? Requests - _failAt + 1 : 1;

    /// <inheritdoc/>
    public bool TryAllocate(Layout layout, out AllocatedBlock block)
    {
        block = default;
        return Passes() && _allocator.TryAllocate(layout, out block);
    }

    /// <inheritdoc/>
    public bool TryAllocateZeroed(Layout layout, out AllocatedBlock block)
    {
        block = default;
        return Passes() && _allocator.TryAllocateZeroed(layout, out block);
    }

    /// <inheritdoc/>
    public bool TryGrow(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        block = default;
        return Passes() && _allocator.TryGrow(pointer, layout, newLayout, out block);
    }

    /// <inheritdoc/>
    public bool TryGrowZeroed(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        block = default;
        return Passes() && _allocator.TryGrowZeroed(pointer, layout, newLayout, out block);
    }

    /// <inheritdoc/>
    public bool TryShrink(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        block = default;
        return Passes() && _allocator.TryShrink(pointer, layout, newLayout, out block);
    }

    /// <inheritdoc/>
    public void Free(void* pointer, Layout layout) => _allocator.Free(pointer, layout);

    /// <inheritdoc/>
    public MemoryPagesException Refusal(string operation, Layout layout) => Refused != 0
        ? Allocators.Resizing.Refusal(this, operation, layout, $"It refuses request {_failAt}{(_andAllAfter ? " and all after it" : "")} on purpose.")
        : _allocator.Refusal(operation, layout);

    private bool Passes()
    {
        long request = Interlocked.Increment(ref _requests);
        return _failAt == 0 || (_andAllAfter ? request < _failAt : request != _failAt);
    }
}

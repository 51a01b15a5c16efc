using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemoryPages.Allocators;
using MemoryPages.Ownership;

namespace MemoryPages;

/// <summary>Small blocks of 32 sizes, cut from the warm pages of a <see cref="PagePool"/>; each thread has some of each at hand.</summary>
/// <remarks>
/// <para>
/// Blocks up to 8 KiB come in sizes of 16-byte steps up to 128 bytes, and of four to each doubling beyond: at most a fifth is lost. They stand in
/// slabs of 64 KiB, which go back to the page pool when all of their blocks are free, but for one of each size. A thread's own free blocks need
/// neither a lock nor an interlocked operation; they come from the slabs and go back there several at a time, also when the thread ends. What is
/// larger is a block of pages.
/// </para>
/// <para>
/// Safe on all threads. A block may be freed on another thread than it came from. Any alignment: beyond 16 bytes a block takes a power of two.
/// </para>
/// <para>
/// Disposing refuses new blocks and gives everything back that is free; those in use keep their memory until they are freed. A pool that is lost
/// without <see cref="Dispose"/> does the same when it is found: its boxes still end as they should. In hardened mode (<c>MEMORYPAGES_HARDENED=1</c>)
/// threads keep nothing at hand, and a slab whose blocks are all free becomes inaccessible. What finds out a block that is freed twice, or used
/// afterwards, is <c>GuardedAllocator</c>.
/// </para>
/// </remarks>
[Owner, UsableWhenSpent]
[DebuggerDisplay("{LiveBlocks} blocks in {RentedBytes} bytes of pages")]
public sealed unsafe class PoolAllocator : IHandledAllocator, IDisposable
{
    private const nuint SlabSize = 64 << 10; // an eighth of it is the largest class: every class is cut from slabs

    private readonly SlabStore _store;
    private readonly PooledSlabPages _pages;
    private readonly LentHandle _lent = new();

    /// <summary>A pool with pages of its own.</summary>
    public PoolAllocator()
        : this(new PooledSlabPages(new PagePool(new() { Name = nameof(PoolAllocator) }), ownsPages: true))
    {
    }

    /// <summary>A pool on pages that others use, too.</summary>
    /// <param name="pages">
    /// Where slabs and large blocks come from. Not disposed with this pool; when it is disposed, this pool has no more of them.
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="pages"/> is null.</exception>
    public PoolAllocator([Borrows] PagePool pages)
        : this(new PooledSlabPages(pages ?? throw new ArgumentNullException(nameof(pages)), ownsPages: false))
    {
    }

    private PoolAllocator(PooledSlabPages pages)
    {
        _pages = pages;
        _store = new SlabStore(pages, SlabSize, keepsAtHand: true) { Lent = _lent };
    }

    /// <remarks>Lost, it closes as if it were disposed: blocks in use stay, so that no pointer to them becomes stale.</remarks>
    ~PoolAllocator() => Close();

    GCHandle IHandledAllocator.Handle => _lent.For(this);

    /// <summary>Blocks that were allocated and not freed: exact up to what other threads are doing right now.</summary>
    public long LiveBlocks => _store.Live;

    /// <summary>Bytes of pages that slabs and large blocks have, free blocks among them.</summary>
    public nuint RentedBytes => _store.RentedBytes;

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAllocate(Layout layout, out AllocatedBlock block) => _store.TryAllocate(layout, out block);

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public bool TryAllocateZeroed(Layout layout, out AllocatedBlock block) => _store.TryAllocateZeroed(layout, out block);

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public bool TryGrow(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        Resizing.ThrowIfSmaller(layout, newLayout);
        return _store.TryResize(this, pointer, layout, newLayout, zeroed: false, out block);
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public bool TryGrowZeroed(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        Resizing.ThrowIfSmaller(layout, newLayout);
        return _store.TryResize(this, pointer, layout, newLayout, zeroed: true, out block);
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The pool was disposed, and the block would have to move.</exception>
    [UsableWhenSpent]
    public bool TryShrink(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        Resizing.ThrowIfLarger(layout, newLayout);
        return _store.TryResize(this, pointer, layout, newLayout, zeroed: false, out block);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">No large block is there: it was freed before, or is of another allocator.</exception>
    [UsableWhenSpent]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(void* pointer, Layout layout) => _store.Free(pointer, layout);

    /// <summary>
    /// Gives back what is free: the blocks that threads have at hand, the slabs that become empty by it, and the pages, if they are the pool's own.
    /// </summary>
    /// <returns>Bytes of slabs that became free.</returns>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    /// <remarks>
    /// Other threads go on meanwhile, through the slabs. Every processor passes a barrier for it, some microseconds on Linux: membarrier(2).
    /// </remarks>
    public nuint Trim()
    {
        ObjectDisposedException.ThrowIf(_store.IsClosed, this);
        nuint released = _store.Empty(forGood: false);
        _pages.Trim();
        return released;
    }

    /// <summary>Refuses new blocks, and gives back what is free; what is in use when it is freed. Idempotent.</summary>
    public void Dispose()
    {
        Close();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    [UsableWhenSpent]
    public MemoryPagesException Refusal(string operation, Layout layout) => SlabStore.Refusal(operation);

    private void Close()
    {
        // Null if the constructor did not get so far.
        if (_store is not null && _store.TryClose())
        {
            _pages.Close();
            _lent.KeepAlive(this);
            _store.EndLendingOnceEmpty();
        }
    }
}

using MemoryPages.Allocators;

namespace MemoryPages;

/// <summary>Memory that is never paged out: small blocks cut from locked pages, larger ones locked by themselves. The non-paged pool.</summary>
/// <remarks>
/// <para>
/// Touching it is never a page fault that waits for a disk, and what stands in it is never written to a swap file. The kernel may still move its
/// pages to other frames: for devices take physically contiguous memory. A child process does not inherit the lock.
/// </para>
/// <para>
/// Locked memory is scarce: a process without CAP_IPC_LOCK may have <c>RLIMIT_MEMLOCK</c> of it, often 8 MiB. So blocks up to 2 KiB share pages, 16
/// KiB at a time, which are unlocked and given back as soon as all of their blocks are free; what is larger takes whole pages. When the limit is
/// reached the Try forms say false, and the throwing ones say the limit (<see cref="ErrorReason.LockLimit"/>).
/// </para>
/// <para>
/// Has no state of its own: every value of it is the one pool of the process. Safe on all threads. Any alignment. Linux: mlock(2) on mappings of
/// their own.
/// </para>
/// </remarks>
public readonly unsafe struct LockedAllocator : IAllocator
{
    private static readonly SlabStore s_store = new(new LockedSlabPages(), slabSize: 16 << 10, keepsAtHand: false);

    /// <summary>Bytes that are locked for blocks of this allocator, in the whole process.</summary>
    public static nuint LockedBytes => s_store.RentedBytes;

    /// <inheritdoc/>
    public bool TryAllocate(Layout layout, out AllocatedBlock block) => s_store.TryAllocate(layout, out block);

    /// <inheritdoc/>
    public bool TryAllocateZeroed(Layout layout, out AllocatedBlock block) => s_store.TryAllocateZeroed(layout, out block);

    /// <inheritdoc/>
    public bool TryGrow(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        Resizing.ThrowIfSmaller(layout, newLayout);
        return s_store.TryResize(this, pointer, layout, newLayout, zeroed: false, out block);
    }

    /// <inheritdoc/>
    public bool TryGrowZeroed(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        Resizing.ThrowIfSmaller(layout, newLayout);
        return s_store.TryResize(this, pointer, layout, newLayout, zeroed: true, out block);
    }

    /// <inheritdoc/>
    public bool TryShrink(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        Resizing.ThrowIfLarger(layout, newLayout);
        return s_store.TryResize(this, pointer, layout, newLayout, zeroed: false, out block);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">No large block is there: it was freed before, or is of another allocator.</exception>
    public void Free(void* pointer, Layout layout) => s_store.Free(pointer, layout);

    /// <inheritdoc/>
    public MemoryPagesException Refusal(string operation, Layout layout) => SlabStore.Refusal(operation);
}

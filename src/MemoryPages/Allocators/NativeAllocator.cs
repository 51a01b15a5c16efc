using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemoryPages.Allocators;
using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>The native heap, that of <see cref="NativeMemory"/> and of C: what is used where no allocator is named.</summary>
/// <remarks>
/// <para>Has no state: every value of it is the same allocator. Safe on all threads. A block may be freed on another thread than it came from.</para>
/// <para>
/// Linux: malloc(3), calloc(3), realloc(3), free(3); aligned_alloc(3) only beyond the alignment that malloc gives by itself. The heap is told
/// directly, without the exception that <see cref="NativeMemory"/> makes where there is no memory; blocks are the same, and may be freed with
/// <see cref="NativeMemory.Free"/>.
/// </para>
/// </remarks>
public readonly unsafe struct NativeAllocator : IAllocator
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAllocate(Layout layout, out AllocatedBlock block)
    {
        nuint size = SizeFor(layout);
        void* pointer = IsOrdinary(layout)
            ? MemorySystem.Current.HeapAllocate(size)
            : MemorySystem.Current.HeapAllocateAligned(size, layout.Alignment);
        return Given(pointer, size, out block);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAllocateZeroed(Layout layout, out AllocatedBlock block)
    {
        if (!IsOrdinary(layout))
        {
            return TryAllocateAlignedZeroed(layout, out block);
        }

        nuint size = SizeFor(layout);
        void* pointer = MemorySystem.Current.HeapAllocateZeroed(size);
        return Given(pointer, size, out block);
    }

    /// <inheritdoc/>
    public bool TryGrow(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        Resizing.ThrowIfSmaller(layout, newLayout);
        return TryResize(pointer, layout, newLayout, zeroed: false, out block);
    }

    /// <inheritdoc/>
    public bool TryGrowZeroed(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        Resizing.ThrowIfSmaller(layout, newLayout);
        return TryResize(pointer, layout, newLayout, zeroed: true, out block);
    }

    /// <inheritdoc/>
    public bool TryShrink(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        Resizing.ThrowIfLarger(layout, newLayout);
        return TryResize(pointer, layout, newLayout, zeroed: false, out block);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(void* pointer, Layout layout)
    {
        if (IsOrdinary(layout))
        {
            MemorySystem.Current.HeapFree(pointer);
        }
        else
        {
            MemorySystem.Current.HeapFreeAligned(pointer);
        }
    }

    private bool TryResize(void* pointer, Layout layout, Layout newLayout, bool zeroed, out AllocatedBlock block)
    {
        nuint size = SizeFor(newLayout);
        void* resized;
        if (IsOrdinary(layout) && IsOrdinary(newLayout))
        {
            resized = MemorySystem.Current.HeapReallocate(pointer, size);
        }
        else if (layout.Alignment == newLayout.Alignment && SizeFor(layout) == size)
        {
            resized = pointer; // within what it was rounded up to
        }
        else
        {
            return Resizing.TryMove(this, pointer, layout, newLayout, zeroed, out block);
        }

        if (!Given(resized, size, out block))
        {
            return false;
        }

        if (zeroed)
        {
            Resizing.ClearTail(block, layout.Size);
        }

        return true;
    }

    private bool TryAllocateAlignedZeroed(Layout layout, out AllocatedBlock block)
    {
        bool allocated = TryAllocate(layout, out block);
        if (allocated)
        {
            Resizing.ClearTail(block, 0);
        }

        return allocated;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Given(void* pointer, nuint size, out AllocatedBlock block)
    {
        block = pointer == null ? default : new AllocatedBlock(pointer, size);
        return pointer != null;
    }

    /// <summary>Whether malloc aligns enough: that, and nothing else, decides how a block is freed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsOrdinary(Layout layout) => layout.Alignment <= MemorySystem.Current.HeapAlignment;

    /// <summary>
    /// A block is aligned as what fits into it may have to be: so it must not be smaller than its alignment, which makes one of no bytes one, too.
    /// Beyond that alignment it is a multiple of it, as aligned_alloc wants.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint SizeFor(Layout layout)
    {
        nuint size = Math.Max(layout.Size, layout.Alignment);
        return IsOrdinary(layout) ? size : PageSize.AlignUp(size, layout.Alignment);
    }
}

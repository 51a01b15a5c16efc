using System.Runtime.CompilerServices;
using MemoryPages.Allocators;

namespace MemoryPages;

/// <summary>The throwing forms of every allocator's members, and resizing by hand for who writes one.</summary>
/// <remarks>For a struct allocator they are compiled for it alone: they add a comparison.</remarks>
public static unsafe class AllocatorForms
{
    extension<TAllocator>(TAllocator allocator)
        where TAllocator : IAllocator
    {
        /// <summary>Memory of undefined content.</summary>
        /// <param name="layout">Size and alignment.</param>
        /// <returns>The memory, which is the caller's to free.</returns>
        /// <exception cref="MemoryPagesException">There is no memory to be had.</exception>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public AllocatedBlock Allocate(Layout layout)
        {
            if (!allocator.TryAllocate(layout, out AllocatedBlock block))
            {
                throw allocator.Refusal(nameof(Allocate), layout);
            }

            return block;
        }

        /// <summary>Memory whose bytes are zero.</summary>
        /// <param name="layout">Size and alignment.</param>
        /// <returns>The memory, which is the caller's to free.</returns>
        /// <exception cref="MemoryPagesException">There is no memory to be had.</exception>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public AllocatedBlock AllocateZeroed(Layout layout)
        {
            if (!allocator.TryAllocateZeroed(layout, out AllocatedBlock block))
            {
                throw allocator.Refusal(nameof(AllocateZeroed), layout);
            }

            return block;
        }

        /// <summary>Makes a block larger, where it is or elsewhere. The bytes behind the old size are undefined.</summary>
        /// <param name="pointer">The block: only what is returned counts from here on.</param>
        /// <param name="layout">The layout that it was allocated with.</param>
        /// <param name="newLayout">The layout wanted: not smaller.</param>
        /// <returns>The block now.</returns>
        /// <exception cref="MemoryPagesException">There is no memory to be had: the old block is as it was.</exception>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="newLayout"/> is smaller.</exception>
        public AllocatedBlock Grow(void* pointer, Layout layout, Layout newLayout) =>
            allocator.TryGrow(pointer, layout, newLayout, out AllocatedBlock block) ? block : throw allocator.Refusal(nameof(Grow), newLayout);

        /// <summary>As <c>Grow</c>; the bytes behind the old layout's size read zero.</summary>
        /// <param name="pointer">The block: only what is returned counts from here on.</param>
        /// <param name="layout">The layout that it was allocated with.</param>
        /// <param name="newLayout">The layout wanted: not smaller.</param>
        /// <returns>The block now.</returns>
        /// <exception cref="MemoryPagesException">There is no memory to be had: the old block is as it was.</exception>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="newLayout"/> is smaller.</exception>
        public AllocatedBlock GrowZeroed(void* pointer, Layout layout, Layout newLayout) =>
            allocator.TryGrowZeroed(pointer, layout, newLayout, out AllocatedBlock block)
                ? block
                : throw allocator.Refusal(nameof(GrowZeroed), newLayout);

        /// <summary>Makes a block smaller, where it is or elsewhere.</summary>
        /// <param name="pointer">The block: only what is returned counts from here on.</param>
        /// <param name="layout">The layout that it was allocated with.</param>
        /// <param name="newLayout">The layout wanted: not larger.</param>
        /// <returns>The block now.</returns>
        /// <exception cref="MemoryPagesException">It cannot be done: the old block is as it was.</exception>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="newLayout"/> is larger.</exception>
        public AllocatedBlock Shrink(void* pointer, Layout layout, Layout newLayout) =>
            allocator.TryShrink(pointer, layout, newLayout, out AllocatedBlock block) ? block : throw allocator.Refusal(nameof(Shrink), newLayout);

        /// <summary>
        /// Allocates anew, copies what both blocks have room for, and frees the old one: how an allocator of yours may grow and shrink what cannot
        /// stay where it is.
        /// </summary>
        /// <param name="pointer">The block. Where the answer is true, only the new one counts.</param>
        /// <param name="layout">The layout that it was allocated with.</param>
        /// <param name="newLayout">The layout wanted.</param>
        /// <param name="zeroed">Whether the bytes behind the old layout's size are to read zero.</param>
        /// <param name="block">The block now.</param>
        /// <returns>False where there is no memory to be had: the old block is as it was.</returns>
        public bool TryMove(void* pointer, Layout layout, Layout newLayout, bool zeroed, out AllocatedBlock block) =>
            Resizing.TryMove(allocator, pointer, layout, newLayout, zeroed, out block);
    }
}

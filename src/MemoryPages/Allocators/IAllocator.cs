using MemoryPages.Allocators;

namespace MemoryPages;

/// <summary>Where boxes, spans and collections get their memory: allocate, grow, shrink, free, each with size and alignment.</summary>
/// <remarks>
/// <para>
/// Implement it as a struct, and generic code is compiled for it alone: no boxing, no virtual call. A class works too. Nothing here throws for want
/// of memory: the answer is false, and what was there is as it was. The throwing forms are extensions.
/// </para>
/// <para>The contract, which the conformance suite checks:</para>
/// <list type="bullet">
/// <item>A layout of no bytes succeeds with a pointer that is not null, is a multiple of the alignment, and must be freed like any other.</item>
/// <item>Any alignment that is a power of two is kept, also beyond a page, or the answer is false.</item>
/// <item>
/// A block is freed, grown and shrunk through the allocator that gave it (a copy of a struct is the same allocator), with the layout that was asked
/// for last, or one of the same alignment and a size between that and the block's.
/// </item>
/// <item>Growing and shrinking keep the first bytes of the block and may move it; the new alignment may differ. False: nothing has changed.</item>
/// <item>Safe on several threads only where the allocator says so.</item>
/// </list>
/// <para>All members take or give raw pointers, so that who calls them says <c>unsafe</c>: a wrong pointer or layout corrupts memory.</para>
/// </remarks>
public unsafe interface IAllocator
{
    /// <summary>Memory of undefined content.</summary>
    /// <param name="layout">Size and alignment.</param>
    /// <param name="block">The memory.</param>
    /// <returns>False where there is no memory to be had; nothing is thrown for that.</returns>
    bool TryAllocate(Layout layout, out AllocatedBlock block);

    /// <summary>Memory whose bytes are zero, those beyond the layout's size included.</summary>
    /// <param name="layout">Size and alignment.</param>
    /// <param name="block">The memory.</param>
    /// <returns>False where there is no memory to be had.</returns>
    bool TryAllocateZeroed(Layout layout, out AllocatedBlock block);

    /// <summary>Makes a block larger, where it is or elsewhere. The bytes behind the old size are undefined.</summary>
    /// <param name="pointer">The block. Where the answer is true, only the new one counts.</param>
    /// <param name="layout">The layout that it was allocated with.</param>
    /// <param name="newLayout">The layout wanted: not smaller.</param>
    /// <param name="block">The block now.</param>
    /// <returns>False where there is no memory to be had: the old block is as it was.</returns>
    bool TryGrow(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block);

    /// <summary>As <see cref="TryGrow"/>; the bytes behind the old layout's size read zero.</summary>
    /// <param name="pointer">The block. Where the answer is true, only the new one counts.</param>
    /// <param name="layout">The layout that it was allocated with.</param>
    /// <param name="newLayout">The layout wanted: not smaller.</param>
    /// <param name="block">The block now.</param>
    /// <returns>False where there is no memory to be had: the old block is as it was.</returns>
    bool TryGrowZeroed(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block);

    /// <summary>Makes a block smaller, where it is or elsewhere.</summary>
    /// <param name="pointer">The block. Where the answer is true, only the new one counts.</param>
    /// <param name="layout">The layout that it was allocated with.</param>
    /// <param name="newLayout">The layout wanted: not larger.</param>
    /// <param name="block">The block now.</param>
    /// <returns>False where it cannot be done: the old block is as it was.</returns>
    bool TryShrink(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block);

    /// <summary>Gives a block back.</summary>
    /// <param name="pointer">The block.</param>
    /// <param name="layout">The layout that it was allocated with.</param>
    void Free(void* pointer, Layout layout);

    /// <summary>Why a request was refused, for the throwing forms: called after a Try form has said no, on the same thread.</summary>
    /// <param name="operation">What was asked for, for the message: <c>Allocate</c>, <c>Grow</c>.</param>
    /// <param name="layout">The layout that was asked for.</param>
    /// <returns>To be thrown.</returns>
    /// <remarks>Where an allocator does not implement it, the exception says that it has no such memory, and no more.</remarks>
    MemoryPagesException Refusal(string operation, Layout layout) => Resizing.Refusal(this, operation, layout, hint: null);
}

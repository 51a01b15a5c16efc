using MemoryPages.Mapping;

namespace MemoryPages.Allocators;

/// <summary>A block as an object. One that is lost is not freed.</summary>
internal sealed unsafe class AllocatedMemory<T> : PinnableMemory<T>
    where T : unmanaged
{
    private readonly IAllocator _allocator;
    private readonly void* _pointer;
    private readonly Layout _layout;

    private AllocatedMemory(IAllocator allocator, void* pointer, Layout layout, int length)
        : base((nuint)pointer, length)
    {
        _allocator = allocator;
        _pointer = pointer;
        _layout = layout;
    }

    /// <summary>The block is freed if there is no object to be had for it.</summary>
    /// <param name="allocator">Where the block came from.</param>
    /// <param name="block">The block.</param>
    /// <param name="layout">What it was allocated with.</param>
    /// <param name="length">Elements.</param>
    public static AllocatedMemory<T> Own(IAllocator allocator, AllocatedBlock block, Layout layout, int length)
    {
        try
        {
            return new AllocatedMemory<T>(allocator, block.Pointer, layout, length);
        }
        catch (OutOfMemoryException)
        {
            allocator.Free(block.Pointer, layout);
            throw;
        }
    }

    protected override void Release() => _allocator.Free(_pointer, _layout);
}

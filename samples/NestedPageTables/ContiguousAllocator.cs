namespace MemoryPages.Samples.NestedPageTables;

/// <summary>An allocator of one's own: each block is physical memory that lies side by side, for what hardware reads beyond a page.</summary>
/// <remarks>For one thread. Needs to be shown physical addresses (CAP_SYS_ADMIN); without, every request is refused.</remarks>
internal sealed unsafe class ContiguousAllocator : IAllocator
{
    private readonly Dictionary<nuint, PhysicalMemory> _blocks = [];

    /// <summary>Blocks that were not freed.</summary>
    public int LiveBlocks => _blocks.Count;

    public bool TryAllocate(Layout layout, out AllocatedBlock block)
    {
        block = default;
        if (!PhysicalAddress.IsVisible || !PhysicalMemory.TryAllocate(layout.Size, new() { Alignment = layout.Alignment }, out PhysicalMemory? memory))
        {
            return false;
        }

        using (WriteView view = memory.Write())
        {
            fixed (byte* first = view.Span)
            {
                block = new AllocatedBlock(first, memory.Length); // stays there until the memory is disposed, in Free
            }
        }

        _blocks.Add(block.Address, memory);
        return true;
    }

    /// <summary>It is fresh from the system: zero.</summary>
    public bool TryAllocateZeroed(Layout layout, out AllocatedBlock block) => TryAllocate(layout, out block);

    public bool TryGrow(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) =>
        this.TryMove(pointer, layout, newLayout, zeroed: false, out block);

    public bool TryGrowZeroed(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) =>
        this.TryMove(pointer, layout, newLayout, zeroed: true, out block);

    public bool TryShrink(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) =>
        this.TryMove(pointer, layout, newLayout, zeroed: false, out block);

    public void Free(void* pointer, Layout layout)
    {
        if (_blocks.Remove((nuint)pointer, out PhysicalMemory? memory))
        {
            memory.Dispose();
        }
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MemoryPages.Allocators;

/// <summary>What an allocator over a store answers: by the layout alone it is known where a block comes from and goes to.</summary>
internal sealed unsafe partial class SlabStore
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAllocate(Layout layout, out AllocatedBlock block)
    {
        int index = ClassOf(layout);
        if (index == SizeClasses.None)
        {
            return TryTakeLarge(layout, out block, out _);
        }

        ThreadFront? front = ThreadFronts.Find(this);
        nuint address = front is null ? 0 : front.TryTake(index);
        if (address == 0)
        {
            address = TakeSlowly(front, index);
        }

        block = address == 0 ? default : new AllocatedBlock((void*)address, SizeClasses.SizeOf(index));
        return address != 0;
    }

    public bool TryAllocateZeroed(Layout layout, out AllocatedBlock block)
    {
        bool isFresh = false;
        bool allocated = ClassOf(layout) == SizeClasses.None ? TryTakeLarge(layout, out block, out isFresh) : TryAllocate(layout, out block);
        if (allocated && !isFresh)
        {
            NativeMemory.Clear(block.Pointer, block.Size);
        }

        return allocated;
    }

    public bool TryResize<TAllocator>(TAllocator allocator, void* pointer, Layout layout, Layout newLayout, bool zeroed, out AllocatedBlock block)
        where TAllocator : IAllocator
    {
        int index = ClassOf(newLayout);
        nuint length = index == SizeClasses.None ? 0 : SizeClasses.SizeOf(index);
        bool stays = index == ClassOf(layout) && PageSize.IsAligned((nuint)pointer, newLayout.Alignment);
        if (stays && index == SizeClasses.None)
        {
            // Within its pages, unless half of them would be for nothing.
            length = _pages.LengthOf((nuint)pointer);
            stays = newLayout.Size <= length && newLayout.Size >= length / 2;
        }

        if (!stays)
        {
            return Resizing.TryMove(allocator, pointer, layout, newLayout, zeroed, out block);
        }

        block = new AllocatedBlock(pointer, length);
        if (zeroed)
        {
            Resizing.ClearTail(block, layout.Size);
        }

        return true;
    }

    /// <exception cref="InvalidOperationException">No large block is there.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(void* pointer, Layout layout)
    {
        int index = ClassOf(layout);
        if (index == SizeClasses.None)
        {
            PutLarge((nuint)pointer);
            return;
        }

        ThreadFront? front = ThreadFronts.Find(this);
        if (front is null || !front.TryPut(index, (nuint)pointer))
        {
            PutSlowly(front, index, (nuint)pointer);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int ClassOf(Layout layout)
    {
        int index = SizeClasses.Of(layout);
        return index < _classes.Length ? index : SizeClasses.None;
    }
}

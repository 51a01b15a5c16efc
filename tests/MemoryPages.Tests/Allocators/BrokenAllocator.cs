using System.Runtime.InteropServices;

namespace MemoryPages.Tests.Allocators;

internal enum Defect
{
    None,
    NullForNoBytes,
    MisalignsLargeAlignments,
    SameBlockTwice,
    DirtyZeroed,
    DirtyTail,
    GrowingLosesContent,
    GrowingDirty,
    ShrinkingLosesContent,
    KeepsTheOldAlignment,
    RefusalWithABlock,
    RefusalThatAllocates,
    RefusalLosesContent,
    NeverReuses,
    Races,
}

/// <summary>An allocator with one defect, over the heap.</summary>
internal sealed unsafe class BrokenAllocator(Defect defect) : IAllocator
{
    private const nuint Slack = 16; // heap bytes behind each block, so that a defect breaks a promise and not the process
    private AllocatedBlock _last;
    private nuint _given;
    private int _inside;

    private static NativeAllocator Heap => default;

    public bool TryAllocate(Layout layout, out AllocatedBlock block) => TryAllocate(layout, zeroed: false, out block);

    public bool TryAllocateZeroed(Layout layout, out AllocatedBlock block) => TryAllocate(layout, zeroed: true, out block);

    public bool TryGrow(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) =>
        TryResize(pointer, layout, newLayout, zeroed: false, out block) && Spoil(Defect.GrowingLosesContent, block, 0, layout.Size);

    public bool TryGrowZeroed(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        bool grown = TryResize(pointer, layout, newLayout, zeroed: true, out block);
        return grown && Spoil(Defect.GrowingDirty, block, newLayout.Size - 1, newLayout.Size - layout.Size);
    }

    public bool TryShrink(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) =>
        TryResize(pointer, layout, newLayout, zeroed: false, out block)
        && Spoil(Defect.ShrinkingLosesContent, block, newLayout.Size - 1, newLayout.Size);

    public void Free(void* pointer, Layout layout)
    {
        if (defect != Defect.SameBlockTwice)
        {
            Heap.Free(pointer, Padded(layout));
        }
    }

    private bool TryAllocate(Layout layout, bool zeroed, out AllocatedBlock block)
    {
        block = default;
        if (defect == Defect.NullForNoBytes && layout.Size == 0)
        {
            return true;
        }

        if (layout.Size > uint.MaxValue || (defect == Defect.NeverReuses && _given > 64 << 20))
        {
            return Refuse(out block);
        }

        Layout padded = Padded(layout);
        if (defect == Defect.SameBlockTwice && _last.Size >= padded.Size && _last.Address % layout.Alignment == 0 && !zeroed)
        {
            block = new AllocatedBlock(_last.Pointer, layout.Size);
            return true;
        }

        if (defect == Defect.Races && Interlocked.Exchange(ref _inside, 1) != 0)
        {
            return false;
        }

        bool given = zeroed ? Heap.TryAllocateZeroed(padded, out block) : Heap.TryAllocate(padded, out block);
        Thread.SpinWait(defect == Defect.Races ? 50 : 0);
        _inside = 0;
        _given += layout.Size;
        _last = defect == Defect.SameBlockTwice ? block : default;
        block = new AllocatedBlock((byte*)block.Pointer + (defect == Defect.MisalignsLargeAlignments && layout.Alignment > 64 ? 8 : 0), layout.Size);
        if (zeroed)
        {
            Spoil(Defect.DirtyZeroed, block, 0, layout.Size);
            block = new AllocatedBlock(block.Pointer, block.Size + 1);
            Spoil(Defect.DirtyTail, block, block.Size - 1, 1);
        }

        return given;
    }

    private bool TryResize(void* pointer, Layout layout, Layout newLayout, bool zeroed, out AllocatedBlock block)
    {
        if (newLayout.Size > uint.MaxValue)
        {
            if (defect == Defect.RefusalLosesContent)
            {
                *(byte*)pointer = 0;
            }

            return Refuse(out block);
        }

        if (defect == Defect.KeepsTheOldAlignment && newLayout.Alignment > layout.Alignment)
        {
            newLayout = new Layout(newLayout.Size, layout.Alignment);
        }

        return this.TryMove(pointer, layout, newLayout, zeroed, out block);
    }

    private bool Refuse(out AllocatedBlock block)
    {
        if (defect == Defect.RefusalThatAllocates)
        {
            GC.KeepAlive(new object());
        }

        block = defect == Defect.RefusalWithABlock ? new AllocatedBlock((void*)64, 64) : default;
        return false;
    }

    private bool Spoil(Defect when, AllocatedBlock block, nuint offset, nuint bytes)
    {
        if (defect == when && bytes != 0)
        {
            ((byte*)block.Pointer)[offset] ^= 0x5A;
        }

        return true;
    }

    private static Layout Padded(Layout layout) => new(layout.Size + (2 * Slack), layout.Alignment);
}

using MemoryPages.Allocators;
using MemoryPages.Mapping;
using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>Whole pages for each block, straight from the system: a mapping that comes with the block and goes with it.</summary>
/// <remarks>
/// <para>
/// For blocks of many pages, and where memory must go back to the system at once; a small block takes a page and some microseconds. Content is zero
/// without being written. Growing extends the mapping where it stands when the addresses behind it are free, and else moves the pages to other
/// addresses without copying a byte; shrinking gives the pages behind back.
/// </para>
/// <para>
/// Has no state: every value of it is the same allocator. Safe on all threads. Any alignment. In hardened mode (<c>MEMORYPAGES_HARDENED=1</c>) freed
/// addresses stay inaccessible for a while, blocks stand between inaccessible pages, and resizing copies.
/// </para>
/// <para>Linux: mmap(2), munmap(2), mremap(2).</para>
/// </remarks>
public readonly unsafe struct PageAllocator : IAllocator
{
    [ThreadStatic]
    private static SystemError t_refused;

    /// <inheritdoc/>
    public bool TryAllocate(Layout layout, out AllocatedBlock block)
    {
        t_refused = MemorySystem.Current.MapAnonymous(RequestFor(layout), out MappedRange range);
        if (t_refused.Failed)
        {
            block = default;
            if (range.ReservedLength != 0)
            {
                Quarantine.Release(range, keepAddresses: false); // a misplaced first try that could not be unmapped
            }

            return false;
        }

        block = new AllocatedBlock((void*)range.Address, LengthFor(layout));
        return true;
    }

    /// <inheritdoc/>
    public bool TryAllocateZeroed(Layout layout, out AllocatedBlock block) => TryAllocate(layout, out block);

    /// <inheritdoc/>
    public bool TryGrow(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        Resizing.ThrowIfSmaller(layout, newLayout);
        return TryResize(pointer, layout, newLayout, out block);
    }

    /// <inheritdoc/>
    public bool TryGrowZeroed(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        Resizing.ThrowIfSmaller(layout, newLayout);
        nuint old = LengthFor(layout);
        bool grown = TryResize(pointer, layout, newLayout, out block);
        if (grown)
        {
            // The pages behind are fresh; the rest of the last one may have been used.
            Resizing.ClearTail(new AllocatedBlock(block.Pointer, old), layout.Size);
        }

        return grown;
    }

    /// <inheritdoc/>
    public bool TryShrink(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        Resizing.ThrowIfLarger(layout, newLayout);
        return TryResize(pointer, layout, newLayout, out block);
    }

    /// <inheritdoc/>
    public void Free(void* pointer, Layout layout)
    {
        nuint address = (nuint)pointer;
        Quarantine.Release(new MappedRange(address, address - Guard, LengthFor(layout) + (2 * Guard)), Hardening.IsOn);
    }

    /// <inheritdoc/>
    public MemoryPagesException Refusal(string operation, Layout layout) =>
        MappingHandle.Failure(t_refused, operation, null, 0, LengthFor(layout), PageSize.Base);

    private bool TryResize(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        nuint old = LengthFor(layout);
        nuint length = LengthFor(newLayout);
        if ((length != old && Hardening.IsOn) || !PageSize.IsAligned((nuint)pointer, newLayout.Alignment))
        {
            return Resizing.TryMove(this, pointer, layout, newLayout, zeroed: false, out block);
        }

        nuint address = (nuint)pointer;
        if (length < old)
        {
            Quarantine.Release(new MappedRange(address + length, address + length, old - length), keepAddresses: false);
        }
        else if (length > old && !TryExtend(ref address, old, length, newLayout.Alignment))
        {
            block = default;
            return false;
        }

        block = new AllocatedBlock((void*)address, length);
        return true;
    }

    /// <summary>Where it stands, or elsewhere with the pages that it has.</summary>
    private static bool TryExtend(ref nuint address, nuint old, nuint length, nuint alignment)
    {
        nuint pageSize = PageSize.Base;
        if (!MemorySystem.Current.GrowInPlace(address + old, length - old, pageSize).Failed)
        {
            return true;
        }

        var range = new MappedRange(address, address, old);
        t_refused = MemorySystem.Current.Move(range, old, length, guard: 0, Math.Max(alignment, pageSize), out MappedRange moved);
        address = t_refused.Failed ? address : moved.Address;
        return !t_refused.Failed;
    }

    private static AnonymousRequest RequestFor(Layout layout) => new()
    {
        Length = LengthFor(layout),
        Protection = PageProtection.Read | PageProtection.Write,
        PageSize = PageSize.Base,
        Alignment = Math.Max(layout.Alignment, PageSize.Base),
        Guard = Guard,
    };

    /// <summary>At least a page, so that a block of no bytes has an address.</summary>
    private static nuint LengthFor(Layout layout) => PageSize.AlignUp(Math.Max(layout.Size, 1), PageSize.Base);

    /// <summary>Inaccessible bytes on either side. Resizing in place would lose them.</summary>
    private static nuint Guard => Hardening.IsOn ? PageSize.Base : 0;
}

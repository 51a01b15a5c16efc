using MemoryPages.Platform;

namespace MemoryPages.Mapping;

/// <summary>Growing and shrinking. Under exclusive access only: what moves or ends must not be in use.</summary>
internal sealed partial class MappingHandle
{
    /// <summary>Changes the length. On failure content and length are as they were.</summary>
    /// <param name="length">The user's bytes afterwards; not zero.</param>
    /// <param name="mayMove">Whether the address may change where there is no room behind.</param>
    /// <param name="isReadable">Whether the pages can be read now: then it is seen to that a file has what is added.</param>
    /// <remarks>
    /// No descriptor is kept of most files, and no call says how far a mapping's file reaches. So the last page is asked for, once there are
    /// addresses for it. It may have moved by then where it might: it is as it was, elsewhere.
    /// </remarks>
    public SystemError Resize(nuint length, bool mayMove, bool isReadable)
    {
        if (_growth is not null)
        {
            return ResizeWithFile(_growth, length, mayMove);
        }

        MemorySystem system = MemorySystem.Current;
        bool mustBeThere = IsFileBacked && isReadable && _survival is null;
        nuint offset = Address - _range.Address;
        if (length > nuint.MaxValue - offset || !MemoryPages.PageSize.TryAlignUp(length + offset, PageSize, out nuint mapped))
        {
            mapped = MemoryPages.PageSize.AlignDown(nuint.MaxValue, PageSize); // more than any system has: it will say so
        }

        if (mapped > MappedLength && _survival?.PrepareToResize() is { Failed: true } refused)
        {
            return refused;
        }

        _survival?.Suspend();
        try
        {
            nuint before = MappedLength;
            SystemError error = mapped > MappedLength ? Grow(mapped, mayMove) : Shrink(mapped);
            if (!error.Failed && mapped > before && mustBeThere && !system.CanRead(_range.Address + mapped - system.PageSize))
            {
                _ = Shrink(before);
                error = system.BehindEndOfFile;
            }

            if (!error.Failed)
            {
                MappedLength = mapped;
                Length = IsFileBacked ? length : mapped;
            }

            return error;
        }
        finally
        {
            _survival?.Resume(_range.Address, MappedLength, offset + Length);
        }
    }

    private SystemError Grow(nuint mapped, bool mayMove)
    {
        SystemError error = GrowInPlace(mapped);
        return error.Failed && mayMove ? MoveAndGrow(mapped) : error;
    }

    private SystemError GrowInPlace(nuint mapped)
    {
        MemorySystem system = MemorySystem.Current;
        SystemError error = system.GrowInPlace(_range.Address + MappedLength, mapped - MappedLength, system.PageSize);
        if (!error.Failed)
        {
            _range = _range with { ReservedLength = mapped };
            MappedLength = mapped;
        }

        return error;
    }

    /// <summary>Guards, and what <see cref="Shrink"/> left of them, stand right behind the mapping: those always move, with their guards.</summary>
    private SystemError MoveAndGrow(nuint mapped)
    {
        nuint guard = _range.Address - _range.ReservedAddress;
        nuint offset = Address - _range.Address;
        SystemError error = MemorySystem.Current.Move(_range, MappedLength, mapped, guard, Alignment, out MappedRange moved);
        if (!error.Failed)
        {
            _range = moved;
            Address = moved.Address + offset;
            MappedLength = mapped;
        }

        return error;
    }

    private SystemError Shrink(nuint mapped)
    {
        nuint rest = MappedLength - mapped;
        if (rest == 0)
        {
            return SystemError.None;
        }

        // Behind guards the addresses stay reserved: a guard that is larger now.
        bool isGuarded = _range.ReservedLength != MappedLength;
        SystemError error = isGuarded
            ? MemorySystem.Current.Decommit(_range.Address + mapped, rest)
            : MemorySystem.Current.Unmap(_range.Address + mapped, rest);
        if (error.Failed)
        {
            return error;
        }

        MappedLength = mapped;
        if (!isGuarded)
        {
            _range = _range with { ReservedLength = mapped };
        }

        return error;
    }
}

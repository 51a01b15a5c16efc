using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Mapping;

/// <summary>
/// Pages that take their file along: it is as long as they are, and kept open for that. More addresses are mapped than the file has bytes for: so
/// they grow where they stand, and mostly without a call but the file's.
/// </summary>
internal sealed partial class MappingHandle
{
    private FileGrowth? _growth;

    /// <summary>The file, where it is kept open: to give it its length, to ask whether it was cut off, or both. Ends with the mapping.</summary>
    private SafeFileHandle? _kept;

    /// <summary>Bytes into that file where the mapping begins.</summary>
    private long _keptOffset;

    /// <summary>Whether the file gets the length of these pages.</summary>
    public bool GivesLength => _growth is not null;

    /// <summary>Makes a file at least so long and maps all of it to read and write.</summary>
    /// <param name="file">
    /// Its handle is disposed with the mapping; still the caller's to dispose, and the file as long as it was, where there is none.
    /// </param>
    /// <param name="length">Bytes.</param>
    /// <param name="survives">Whether the pages are to survive that somebody else cuts it off.</param>
    /// <param name="name">The file's path where it is known.</param>
    /// <param name="mapping">The owner, or null.</param>
    public static SystemError TryMapGrowing(FileGrowth file, nuint length, bool survives, string? name, out MappingHandle? mapping)
    {
        MemorySystem system = MemorySystem.Current;
        mapping = null;
        nuint whole = Math.Max(length, (nuint)file.Length);
        if (!system.FilesGrowUnderMappings)
        {
            return TryMapGrown(file, whole, name, out mapping); // such a system lets nobody cut off what is mapped: there is nothing to survive
        }

        nuint least = MapsAtLeast(whole);
        SystemError error = MapWithRoom(file, least, system.RoomToGrow(file.Handle, least), out MappedRange range);
        if (error.Failed)
        {
            return error;
        }

        MappingHandle mapped = Own(range, 0, whole, range.ReservedLength, system.PageSize, system.PageSize, Backing.SharedFile, name);
        try
        {
            error = file.Extend(0, (long)whole, out long before);
            if (!error.Failed && survives)
            {
                error = FileSurvival.TryBegin(
                    RequestFor(file, least) with { SurviveTruncation = true }, file.Handle, range.Address, whole, out mapped._survival);
                if (error.Failed)
                {
                    file.CutBack(before, (long)whole);
                }
            }

            if (!error.Failed)
            {
                (mapped._growth, mapped._kept) = (file, file.Handle);
                mapping = mapped;
            }
        }
        finally
        {
            if (mapping is null)
            {
                mapped.CloseOnceIdle();
            }
        }

        return error;
    }

    /// <summary>Writes changed pages of a file, as far as the level says.</summary>
    public SystemError Flush(nuint address, nuint length, FlushLevel level) => Backing != Backing.SharedFile ? SystemError.None
        : _growth is null ? FlushAlone(address, length, level)
        : _growth.Flush(address, length, level, (long)(address - MappedAddress));

    /// <summary>Gives the space of whole pages back to the file system.</summary>
    public SystemError PunchHole(nuint address, nuint length) => _kept is null
        ? MemorySystem.Current.PunchHole(address, length)
        : MemorySystem.Current.PunchHole(address, length, _kept, _keptOffset + (long)(address - MappedAddress));

    /// <summary>Without the room, where the process may not have that many addresses.</summary>
    private static SystemError MapWithRoom(FileGrowth file, nuint mapped, nuint room, out MappedRange range)
    {
        SystemError error = MemorySystem.Current.MapFile(RequestFor(file, mapped + room), out range);
        return error.Failed && room != 0 ? MapWithRoom(file, mapped, room: 0, out range) : error;
    }

    private static FileRequest RequestFor(FileGrowth file, nuint mapped) => new()
    {
        File = file.Handle,
        Offset = 0,
        Length = mapped,
        PageSize = MemorySystem.Current.PageSize,
        Protection = PageProtection.Read | PageProtection.Write,
        Backing = Backing.SharedFile,
    };

    /// <summary>
    /// Whole pages; one for nothing, so that an empty file has a place to grow at. What cannot be rounded up no system has addresses for.
    /// </summary>
    private static nuint MapsAtLeast(nuint length)
    {
        nuint pageSize = MemorySystem.Current.PageSize;
        return MemoryPages.PageSize.TryAlignUp(Math.Max(length, 1), pageSize, out nuint mapped)
            ? mapped
            : MemoryPages.PageSize.AlignDown(length, pageSize);
    }

    /// <summary>
    /// What can be refused without having changed anything comes first. Growing: addresses where the pages stand (if the file is refused afterwards
    /// they are room for another time), the file, and the move, which undoes the file if it fails. Shrinking: the file is all; its addresses stay.
    /// </summary>
    /// <remarks>
    /// Where the file may be cut off by others, it is shown again before all of that, and both ways: zeros must not stay in what becomes room, to be
    /// met when it is grown into.
    /// </remarks>
    private SystemError ResizeWithFile(FileGrowth file, nuint length, bool mayMove)
    {
        if (_survival?.PrepareToResize() is { Failed: true } refused)
        {
            return refused;
        }

        _survival?.Suspend();
        try
        {
            return ResizeBoth(file, length, mayMove);
        }
        finally
        {
            _survival?.Resume(_range.Address, MapsAtLeast(Length), Length);
        }
    }

    private SystemError ResizeBoth(FileGrowth file, nuint length, bool mayMove)
    {
        nuint mapped = MapsAtLeast(length);
        if (!MemorySystem.Current.FilesGrowUnderMappings)
        {
            return ResizeByMappingAnew(file, length, mapped, mayMove);
        }

        SystemError noPlace = mapped > MappedLength ? GrowInPlace(mapped) : SystemError.None;
        if (noPlace.Failed && !mayMove)
        {
            return noPlace;
        }

        SystemError error = noPlace.Failed ? FindRoom(mapped) : SystemError.None;
        if (error.Failed)
        {
            return error;
        }

        long before = 0;
        error = length < Length ? file.Shorten((long)Length, (long)length) : file.Extend((long)Length, (long)length, out before);
        if (!error.Failed && noPlace.Failed)
        {
            error = MoveWithRoom(file, mapped);
            if (error.Failed)
            {
                file.CutBack(before, (long)length);
            }
        }

        if (!error.Failed)
        {
            Length = length;
        }

        return error;
    }

    /// <summary>Nothing pointed to it: addresses that are kept out of use for a while need not be terabytes.</summary>
    private void GiveRoomBack()
    {
        nuint used = MapsAtLeast(Length);
        if (used < MappedLength)
        {
            nuint end = _range.Address + used;
            Quarantine.Release(new MappedRange(end, end, MappedLength - used), keepAddresses: false);
            _range = _range with { ReservedLength = used };
            MappedLength = used;
        }
    }

    private SystemError MoveWithRoom(FileGrowth file, nuint mapped)
    {
        nuint room = MemorySystem.Current.RoomToGrow(file.Handle, mapped);
        SystemError error = MoveAndGrow(mapped + room);
        return error.Failed && room != 0 ? MoveAndGrow(mapped) : error;
    }

    /// <summary>A file in memory would fill all of it for a length that no program has addresses for, before the mapping is refused.</summary>
    private static SystemError FindRoom(nuint mapped)
    {
        SystemError error = MemorySystem.Current.Reserve(new() { Length = mapped, Alignment = MemorySystem.Current.PageSize }, out MappedRange room);
        if (!error.Failed)
        {
            Quarantine.Release(room, keepAddresses: false);
        }

        return error;
    }
}

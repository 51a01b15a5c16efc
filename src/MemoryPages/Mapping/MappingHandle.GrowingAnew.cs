using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Mapping;

/// <summary>
/// Pages that take their file along, where the system maps no more than a file has: the file grows first, and is mapped anew. And files that are kept
/// for what the system does with them only.
/// </summary>
internal sealed partial class MappingHandle
{
    /// <summary>As <see cref="TryMapGrowing"/>. Nothing is mapped of an empty file.</summary>
    private static SystemError TryMapGrown(FileGrowth file, nuint whole, string? name, out MappingHandle? mapping)
    {
        mapping = null;
        nuint mapped = whole == 0 ? 0 : MapsAtLeast(whole);
        SystemError error = whole == 0 ? SystemError.None : FindRoom(mapped);
        if (error.Failed)
        {
            return error;
        }

        error = file.Extend(0, (long)whole, out long before);
        MappedRange range = default;
        if (!error.Failed && mapped != 0)
        {
            error = MapWithRoom(file, mapped, room: 0, out range);
            if (error.Failed)
            {
                file.CutBack(before, (long)whole);
            }
        }

        if (!error.Failed)
        {
            nuint pageSize = MemorySystem.Current.PageSize;
            mapping = Own(range, 0, whole, mapped, pageSize, pageSize, Backing.SharedFile, name);
            (mapping._growth, mapping._kept) = (file, file.Handle);
        }

        return error;
    }

    /// <summary>
    /// A file that is mapped is not made shorter by such a system: it says so. Growing, the old mapping stays until the longer one is there, so that
    /// a failure leaves it, and the file, as they were.
    /// </summary>
    private SystemError ResizeByMappingAnew(FileGrowth file, nuint length, nuint mapped, bool mayMove)
    {
        if (length <= Length)
        {
            SystemError refused = length == Length ? SystemError.None : file.Shorten((long)Length, (long)length);
            Length = refused.Failed ? Length : length;
            return refused;
        }

        if (mapped > MappedLength)
        {
            SystemError error = mayMove || MappedLength == 0
                ? FindRoom(mapped)
                : MemorySystem.Current.GrowInPlace(_range.Address + MappedLength, mapped - MappedLength, PageSize);
            if (error.Failed)
            {
                return error;
            }
        }

        SystemError grown = file.Extend((long)Length, (long)length, out long before);
        if (!grown.Failed && mapped > MappedLength)
        {
            grown = MapAnew(file, mapped);
            if (grown.Failed)
            {
                file.CutBack(before, (long)length);
            }
        }

        Length = grown.Failed ? Length : length;
        return grown;
    }

    private SystemError MapAnew(FileGrowth file, nuint mapped)
    {
        const PageProtection Mapped = PageProtection.Read | PageProtection.Write;
        MemorySystem system = MemorySystem.Current;
        PageProtection current = MappedLength == 0 ? Mapped : system.Regions(_range.Address, 1)[0].Protection;
        SystemError error = MapWithRoom(file, mapped, room: 0, out MappedRange longer);
        if (!error.Failed && current != Mapped)
        {
            error = system.Protect(longer.Address, mapped, current);
            if (error.Failed)
            {
                Quarantine.Release(longer, keepAddresses: false);
            }
        }

        if (!error.Failed)
        {
            if (MappedLength != 0)
            {
                Quarantine.Release(_range, keepAddresses: false);
            }

            (_range, Address, MappedLength) = (longer, longer.Address, mapped);
        }

        return error;
    }

    private static SystemError KeepToFlush(in FileRequest wish, out SafeFileHandle? file)
    {
        file = null;
        bool isFlushed = MemorySystem.Current.FlushNeedsFile && wish.Backing == Backing.SharedFile && (wish.Protection & PageProtection.Write) != 0;
        return isFlushed ? MemorySystem.Current.Duplicate(wish.File, out file) : SystemError.None;
    }

    private SystemError FlushAlone(nuint address, nuint length, FlushLevel level) => _kept is not null && MemorySystem.Current.FlushNeedsFile
        ? MemorySystem.Current.Flush(address, length, level, _kept, _keptOffset + (long)(address - MappedAddress))
        : MemorySystem.Current.Flush(address, length, level);
}

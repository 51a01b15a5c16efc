using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Mapping;

/// <summary>How an owner comes to its range: no memory without an owner, no owner without memory, on any path.</summary>
internal sealed partial class MappingHandle
{
    /// <summary>Maps memory without a file. Allocates no managed object when it fails.</summary>
    /// <param name="request">What is wished. Its guard is this method's to set.</param>
    /// <param name="populate">Make every page present; the failure of that is the failure of the whole.</param>
    /// <param name="name">The user's name for it.</param>
    /// <param name="mapping">The owner, or null.</param>
    public static SystemError TryAllocate(in AnonymousRequest request, bool populate, string? name, out MappingHandle? mapping)
    {
        mapping = null;
        MemorySystem system = MemorySystem.Current;
        SystemError error = system.MapAnonymous(request, out MappedRange range);
        if (error.Failed)
        {
            if (range.ReservedLength != 0)
            {
                Quarantine.Release(range, keepAddresses: false); // misplaced and not unmapped, or without the policy that was wished
            }

            return error;
        }

        if (populate)
        {
            error = system.Populate(range.Address, request.Length, request.PageSize, (request.Protection & PageProtection.Write) != 0);
            if (error.Failed)
            {
                Quarantine.Release(range, keepAddresses: false);
                return error;
            }
        }

        if (name is not null)
        {
            system.SetName(range.Address, request.Length, name);
        }

        mapping = Own(range, 0, request.Length, request.Length, request.PageSize, request.Alignment, Backing.Memory, name);
        return SystemError.None;
    }

    /// <summary>Maps a part of a file.</summary>
    /// <param name="wish">What is wished. Neither offset nor length need be aligned: what is asked of the system is this, rounded outward.</param>
    /// <param name="populate">Read all of it into memory; the failure of that is the failure of the whole.</param>
    /// <param name="name">The file's path where it is known.</param>
    /// <param name="mapping">The owner, or null.</param>
    public static SystemError TryMapFile(in FileRequest wish, bool populate, string? name, out MappingHandle? mapping)
    {
        MemorySystem system = MemorySystem.Current;
        mapping = null;
        if (wish.Length == 0)
        {
            mapping = Own(default, 0, 0, 0, wish.PageSize, wish.PageSize, wish.Backing, name);
            return SurviveAsWished(wish, ref mapping);
        }

        nuint granularity = Math.Max(wish.PageSize, system.AllocationGranularity);
        nuint delta = (nuint)wish.Offset & (granularity - 1);
        if (wish.Length > nuint.MaxValue - delta || !MemoryPages.PageSize.TryAlignUp(wish.Length + delta, wish.PageSize, out nuint mappedLength))
        {
            mappedLength = MemoryPages.PageSize.AlignDown(nuint.MaxValue, wish.PageSize); // more than any system has: it will say so
        }

        FileRequest request = wish with { Offset = wish.Offset - (long)delta, Length = mappedLength };
        SystemError error = KeepToFlush(wish, out SafeFileHandle? flushed);
        if (error.Failed)
        {
            return error;
        }

        error = system.MapFile(request, out MappedRange range);
        if (!error.Failed && populate)
        {
            error = system.Populate(range.Address, mappedLength, wish.PageSize, forWriting: false);
            if (error.Failed)
            {
                Quarantine.Release(range, keepAddresses: false);
            }
        }

        if (error.Failed)
        {
            flushed?.Dispose();
            return error;
        }

        mapping = Own(range, delta, wish.Length, mappedLength, wish.PageSize, granularity, wish.Backing, name);
        (mapping._kept, mapping._keptOffset) = (flushed, request.Offset);
        return SurviveAsWished(request, ref mapping);
    }

    /// <summary>Takes addresses without memory. Allocates no managed object when it fails.</summary>
    public static SystemError TryReserve(in ReserveRequest request, string? name, out MappingHandle? mapping)
    {
        mapping = null;
        SystemError error = MemorySystem.Current.Reserve(request, out MappedRange range);
        if (!error.Failed)
        {
            if (name is not null)
            {
                MemorySystem.Current.SetName(range.Address, request.Length, name);
            }

            nuint pageSize = MemorySystem.Current.PageSize;
            mapping = Own(range, 0, request.Length, request.Length, pageSize, request.Alignment, Backing.Memory, name);
        }

        return error;
    }

    /// <summary>
    /// Maps memory twice in a row. The user's bytes are the first half; the range, which ends as one, is both. Allocates no managed object when it
    /// fails.
    /// </summary>
    public static SystemError TryMapMirrored(nuint length, string? name, out MappingHandle? mapping)
    {
        mapping = null;
        MemorySystem system = MemorySystem.Current;
        SystemError error = system.MapMirrored(length, name, out MappedRange range);
        if (!error.Failed)
        {
            mapping = Own(range, 0, length, range.ReservedLength, system.PageSize, system.PageSize, Backing.SharedFile, name);
        }

        return error;
    }

    private static MappingHandle Own(
        MappedRange range, nuint offset, nuint length, nuint mappedLength, nuint pageSize, nuint alignment, Backing backing, string? name)
    {
        try
        {
            return new MappingHandle(range, offset, length, mappedLength, pageSize, alignment, backing, name);
        }
        catch (OutOfMemoryException)
        {
            if (mappedLength != 0)
            {
                _ = MemorySystem.Current.Unmap(range.ReservedAddress, range.ReservedLength);
            }

            throw;
        }
    }
}

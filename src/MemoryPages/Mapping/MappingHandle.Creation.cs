using MemoryPages.Platform;

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
                Quarantine.Release(range, keepAddresses: false); // a misplaced first try that could not be unmapped
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

        mapping = Own(range, 0, request.Length, request.Length, request.PageSize, request.Alignment, isFileBacked: false, name);
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
        nuint delta = (nuint)wish.Offset & (system.AllocationGranularity - 1);
        nuint mappedLength = wish.Length == 0 ? 0 : MemoryPages.PageSize.AlignUp(wish.Length + delta, system.PageSize);
        MappedRange range = default;
        mapping = null;
        FileRequest request = new() { File = wish.File, Offset = wish.Offset - (long)delta, Length = mappedLength, Protection = wish.Protection };
        if (mappedLength != 0)
        {
            SystemError error = system.MapFile(request, out range);
            if (!error.Failed && populate)
            {
                error = system.Populate(range.Address, mappedLength, system.PageSize, forWriting: false);
                if (error.Failed)
                {
                    Quarantine.Release(range, keepAddresses: false);
                }
            }

            if (error.Failed)
            {
                return error;
            }
        }

        mapping = Own(range, mappedLength == 0 ? 0 : delta, wish.Length, mappedLength, system.PageSize, system.AllocationGranularity, isFileBacked: true, name);
        SystemError refused = wish.SurviveTruncation ? mapping.Survive(request) : SystemError.None;
        if (refused.Failed)
        {
            mapping.CloseOnceIdle();
            mapping = null;
        }

        return refused;
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
            mapping = Own(range, 0, request.Length, request.Length, pageSize, request.Alignment, isFileBacked: false, name);
        }

        return error;
    }

    /// <summary>Maps memory twice in a row. The user's bytes are the first half; the range, which ends as one, is both. Allocates no managed object when it fails.</summary>
    public static SystemError TryMapMirrored(nuint length, string? name, out MappingHandle? mapping)
    {
        mapping = null;
        MemorySystem system = MemorySystem.Current;
        SystemError error = system.MapMirrored(length, name, out MappedRange range);
        if (!error.Failed)
        {
            mapping = Own(range, 0, length, range.ReservedLength, system.PageSize, system.PageSize, isFileBacked: true, name);
        }

        return error;
    }

    private static MappingHandle Own(
        MappedRange range, nuint offset, nuint length, nuint mappedLength, nuint pageSize, nuint alignment, bool isFileBacked, string? name)
    {
        try
        {
            return new MappingHandle(range, offset, length, mappedLength, pageSize, alignment, isFileBacked, name);
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

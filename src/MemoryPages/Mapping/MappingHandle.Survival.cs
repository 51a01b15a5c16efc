using MemoryPages.Platform;

namespace MemoryPages.Mapping;

/// <summary>Mappings of files that may shrink, and access that reports instead of ending the process.</summary>
internal sealed partial class MappingHandle
{
    private FileSurvival? _survival;

    /// <exception cref="InvalidOperationException">The pages were not mapped to survive truncation.</exception>
    public FileSurvival Survival => _survival ?? throw new InvalidOperationException(
        "What became of the file is known of pages that were mapped with FileMapOptions.SurviveTruncation: these were not.");

    /// <summary>Copies out what is there, and reports how much that was.</summary>
    public SystemError CopyOut(nuint offset, Span<byte> destination, out int copied) => _survival is null
        ? MemorySystem.Current.CopyOut(Address + offset, destination, out copied)
        : _survival.CopyOut(Address + offset, destination, out copied);

    /// <summary>Copies in as far as there is something to hold it, and reports how far that was.</summary>
    public SystemError CopyIn(nuint offset, ReadOnlySpan<byte> source, out int copied) => _survival is null
        ? MemorySystem.Current.CopyIn(Address + offset, source, out copied)
        : _survival.CopyIn(Address + offset, source, out copied);

    /// <summary>The leading part of the range that is there, to whole pages.</summary>
    public PageRange Probe(PageRange range)
    {
        ThrowIfOutside(range);
        nuint start = Address + range.Offset;
        nuint end = range.Length == 0 ? start : _survival is null ? EndOfReadable(start, range.Length) : _survival.EndOfFile();
        return new PageRange(range.Offset, Math.Min(range.Length, end > start ? end - start : 0));
    }

    /// <summary>Shows the file again where zeros replaced it. Under exclusive access.</summary>
    public SystemError Refresh() => Survival.Refresh();

    /// <summary>The last step of mapping a file; if it fails nothing is left of the mapping.</summary>
    private static SystemError SurviveAsWished(in FileRequest request, ref MappingHandle? mapping)
    {
        if (!request.SurviveTruncation)
        {
            return SystemError.None;
        }

        MappingHandle mapped = mapping!;
        nuint length = mapped.Address - mapped.MappedAddress + mapped.Length;
        SystemError error = request.Length == 0 || mapped._kept is not null
            ? SystemError.None
            : MemorySystem.Current.Duplicate(request.File, out mapped._kept);
        if (!error.Failed)
        {
            error = FileSurvival.TryBegin(request, mapped._kept, mapped.MappedAddress, length, out mapped._survival);
        }

        if (error.Failed)
        {
            mapped.CloseOnceIdle();
            mapping = null;
        }

        return error;
    }

    /// <summary>Gives a part another protection, known also to what survives; nothing has changed when it fails.</summary>
    private SystemError EnterPart(nuint address, nuint length, PageProtection current, PageProtection wished, out SurvivingRange part)
    {
        part = default;
        SystemError error = _survival is null || length == 0 ? SystemError.None : _survival.BeginPart(address, length, wished, out part);
        if (!error.Failed)
        {
            error = ChangeProtection(address, length, current, wished);
            if (error.Failed)
            {
                FileSurvival.EndPart(part);
            }
        }

        return error;
    }

    /// <summary>
    /// Where the first page begins that cannot be read. What a file backs is its first part, so halving finds the border: thirty questions for a
    /// terabyte, and no more of it read in than the system reads ahead at thirty places.
    /// </summary>
    private static nuint EndOfReadable(nuint start, nuint length)
    {
        MemorySystem system = MemorySystem.Current;
        nuint pageSize = system.PageSize;
        nuint there = MemoryPages.PageSize.AlignDown(start, pageSize);
        nuint last = MemoryPages.PageSize.AlignDown(start + length - 1, pageSize);
        if (!system.CanRead(there))
        {
            return there;
        }

        if (system.CanRead(last))
        {
            return last + pageSize;
        }

        nuint missing = last;
        while (missing - there > pageSize)
        {
            nuint middle = there + MemoryPages.PageSize.AlignDown((missing - there) / 2, pageSize);
            if (system.CanRead(middle))
            {
                there = middle;
            }
            else
            {
                missing = middle;
            }
        }

        return missing;
    }
}

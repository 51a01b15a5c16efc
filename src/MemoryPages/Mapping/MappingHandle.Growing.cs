using MemoryPages.Platform;

namespace MemoryPages.Mapping;

/// <summary>Pages that take their file along: it is as long as they are, and kept open for that.</summary>
internal sealed partial class MappingHandle
{
    private KeptFile? _file;

    /// <summary>Whether the file gets the length of these pages.</summary>
    public bool GivesLength => _file is not null;

    /// <summary>
    /// Makes a file at least so long and maps all of it to read and write. On failure the file is as long as it was, and still the caller's to dispose.
    /// </summary>
    public static SystemError TryMapGrowing(KeptFile file, nuint length, string? name, out MappingHandle? mapping)
    {
        mapping = null;
        SystemError error = Extend(file, 0, length, out long before);
        if (error.Failed)
        {
            return error;
        }

        try
        {
            FileRequest request = RequestFor(file, (nuint)file.Length);
            error = TryMapFile(request, populate: false, name, out mapping);
        }
        finally
        {
            if (mapping is null)
            {
                file.CutBack(before, (long)length);
            }
        }

        if (mapping is not null)
        {
            mapping._file = file;
        }

        return error;
    }

    /// <summary>Writes changed pages of a file, as far as the level says.</summary>
    public SystemError Flush(nuint address, nuint length, FlushLevel level) => !IsFileBacked ? SystemError.None
        : _file is null ? MemorySystem.Current.Flush(address, length, level)
        : _file.Flush(address, length, level, (long)(address - MappedAddress));

    private static FileRequest RequestFor(KeptFile file, nuint length) =>
        new() { File = file.Handle, Offset = 0, Length = length, Protection = PageProtection.Read | PageProtection.Write };

    private static SystemError Extend(KeptFile file, nuint from, nuint to, out long before)
    {
        // A length that no program has addresses for: a file in memory would fill all of it before the mapping is refused.
        SystemError error = to > from && (file.Space == FileSpace.Allocated || to > long.MaxValue) ? FindRoom(to - from) : SystemError.None;
        if (error.Failed)
        {
            before = 0;
            return error;
        }

        return file.Extend((long)from, (long)to, out before);
    }

    private static SystemError FindRoom(nuint length)
    {
        MemorySystem system = MemorySystem.Current;
        nuint whole = MemoryPages.PageSize.TryAlignUp(length, system.PageSize, out nuint aligned) ? aligned : MemoryPages.PageSize.AlignDown(length, system.PageSize);
        SystemError error = system.Reserve(new() { Length = whole, Alignment = system.PageSize }, out MappedRange room);
        if (!error.Failed)
        {
            Quarantine.Release(room, keepAddresses: false);
        }

        return error;
    }

    /// <summary>
    /// Growing, the file goes first, since pages behind its end have nothing behind them; if the pages cannot follow, it goes back. Shrinking, the file
    /// goes first too: it can be refused, while giving addresses back cannot.
    /// </summary>
    private SystemError ResizeWithFile(KeptFile file, nuint length, nuint mapped, bool mayMove)
    {
        if (length < Length)
        {
            SystemError refused = file.Shorten((long)Length, (long)length);
            if (!refused.Failed && mapped != MappedLength)
            {
                nuint end = _range.Address + mapped;
                Quarantine.Release(new MappedRange(end, end, MappedLength - mapped), keepAddresses: _spansEscaped || Hardening.IsOn);
                _range = _range with { ReservedLength = mapped };
            }

            return refused;
        }

        SystemError error = Extend(file, Length, length, out long before);
        if (error.Failed || mapped == MappedLength)
        {
            return error;
        }

        error = MappedLength == 0 ? MapFirst(file, mapped) : Grow(mapped, mayMove);
        if (error.Failed)
        {
            file.CutBack(before, (long)length);
        }

        return error;
    }

    /// <summary>An empty file had no pages.</summary>
    private SystemError MapFirst(KeptFile file, nuint mapped)
    {
        SystemError error = MemorySystem.Current.MapFile(RequestFor(file, mapped), out MappedRange range);
        if (!error.Failed)
        {
            _range = range;
            Address = range.Address;
        }

        return error;
    }
}

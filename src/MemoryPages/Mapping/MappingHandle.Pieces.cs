using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Mapping;

/// <summary>A part of a file in memory, to be mapped beside others.</summary>
internal readonly record struct MappedPiece(SafeFileHandle File, long Offset, nuint Length);

/// <summary>Ranges put together from parts of files in memory, in an order of choice.</summary>
internal sealed partial class MappingHandle
{
    private IDisposable? _heldUntilEnd;

    /// <summary>Maps the pieces side by side, shared, to read and write. Allocates no managed object when it fails.</summary>
    /// <param name="pieces">What to map: each offset and length a multiple of the page size.</param>
    /// <param name="pageSize">The page that all of the files are made of.</param>
    /// <param name="alignment">What the address is a multiple of: at least the page size.</param>
    /// <param name="name">The user's name for it.</param>
    /// <param name="mapping">The owner, or null.</param>
    public static SystemError TryMapPieces(
        ReadOnlySpan<MappedPiece> pieces, nuint pageSize, nuint alignment, string? name, out MappingHandle? mapping)
    {
        mapping = null;
        nuint length = 0;
        foreach (MappedPiece piece in pieces)
        {
            length += piece.Length;
        }

        MemorySystem system = MemorySystem.Current;
        SystemError error = system.Reserve(new ReserveRequest { Length = length, Alignment = alignment }, out MappedRange range);
        if (error.Failed)
        {
            return error;
        }

        nuint place = range.Address;
        foreach (MappedPiece piece in pieces)
        {
            error = system.MapFile(
                new FileRequest
                {
                    File = piece.File,
                    Address = place,
                    Offset = piece.Offset,
                    Length = piece.Length,
                    PageSize = pageSize,
                    Protection = PageProtection.Read | PageProtection.Write,
                    Backing = Backing.SharedFile,
                },
                out _);
            if (error.Failed)
            {
                Quarantine.Release(range, keepAddresses: false);
                return error;
            }

            place += piece.Length;
        }

        mapping = Own(range, 0, length, length, pageSize, alignment, Backing.SharedFile, name);
        return SystemError.None;
    }

    /// <summary>Disposes this when the range is no more, on whatever path it ends. Once, before anybody else knows of the range.</summary>
    public void HoldUntilEnd(IDisposable held) => _heldUntilEnd = held;
}

using System.Diagnostics;
using System.Runtime.CompilerServices;
using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Physical;
using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>Where memory of this process is in the machine: of any pages, as they were found when they were looked at last.</summary>
/// <remarks>
/// <para>
/// Nothing is held by it: the next moment pages can be moved, swapped or given back. <see cref="Verify"/> tells whether they were,
/// <see cref="Refresh"/> looks them up anew. Memory for devices is <see cref="PhysicalMemory"/>.
/// </para>
/// <para>
/// A page has an address only while it is in memory and is this process's alone, or shared on purpose. A page that is there in common until somebody
/// writes (the page of zeros that untouched memory reads; what a forked process has too) is refused: a device that wrote to it would write into
/// everybody's.
/// </para>
/// <para>Safe to use from any thread. Linux: <c>/proc/self/pagemap</c> (proc(5)), for <c>CAP_SYS_ADMIN</c>; opened once.</para>
/// </remarks>
[DebuggerDisplay("{Length} bytes")]
public sealed class PhysicalMap
{
    private readonly MappingHandle? _mapping;
    private readonly nuint _address;
    private readonly FrameTable _frames;

    private PhysicalMap(MappingHandle? mapping, nuint address, nuint length)
    {
        _mapping = mapping;
        _address = address;
        Length = length;
        _frames = new FrameTable(address, length);
        Refresh();
    }

    /// <summary>The number of bytes.</summary>
    public nuint Length { get; }

    /// <summary>
    /// Neighbouring frames as one, in the order of the bytes. Pages without an address are left out: <see cref="IsComplete"/> tells.
    /// </summary>
    public IReadOnlyList<PhysicalSegment> Segments => _frames.Segments;

    /// <summary>Whether every page had an address of its own.</summary>
    public bool IsComplete => _frames.FirstWithout() is null;

    /// <summary>Whether every page had an address, and each the one behind that of the page before.</summary>
    public bool IsContiguous => IsComplete && _frames.IsOneRun;

    /// <summary>Looks up where pages are.</summary>
    /// <typeparam name="TProtection">Their protection.</typeparam>
    /// <param name="pages">The pages: prefaulted and locked, or some may have no address.</param>
    /// <param name="range">The part; not rounded. Null for all.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages.</exception>
    /// <exception cref="MemoryPagesException">The process is not shown physical addresses.</exception>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    public static PhysicalMap Of<TProtection>([Borrows] Pages<TProtection> pages, PageRange? range = null)
        where TProtection : struct, IProtection
    {
        ArgumentNullException.ThrowIfNull(pages);
        MappingHandle mapping = pages.Acquire(default);
        try
        {
            PageRange part = range ?? mapping.Whole;
            mapping.ThrowIfOutside(part);
            return new PhysicalMap(mapping, mapping.Address + part.Offset, part.Length);
        }
        finally
        {
            mapping.Release();
        }
    }

    /// <summary>
    /// Looks up where memory is that somebody else has: a native library's, a pinned array. Reads nothing of it, so any address will do.
    /// </summary>
    /// <param name="address">The first byte, as this process addresses it.</param>
    /// <param name="length">Bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bytes reach beyond the last address.</exception>
    /// <exception cref="MemoryPagesException">The process is not shown physical addresses.</exception>
    public static PhysicalMap OfAddresses(nuint address, nuint length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, nuint.MaxValue - address);
        return new PhysicalMap(null, address, length);
    }

    /// <summary>The physical address of a byte.</summary>
    /// <param name="offset">Bytes from the start.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such byte.</exception>
    /// <exception cref="InvalidOperationException">Its page had no address of its own when it was looked up last: the message says why.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PhysicalAddress AddressOf(nuint offset) =>
        TryAddressOf(offset, out PhysicalAddress address) ? address : ThrowWithout(offset);

    /// <summary>As <see cref="AddressOf"/>; false where the page had no address.</summary>
    /// <param name="offset">Bytes from the start.</param>
    /// <param name="address">The address.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such byte.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAddressOf(nuint offset, out PhysicalAddress address)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offset, Length);
        bool found = _frames.TryAddressOf(offset, out ulong value);
        address = found ? new PhysicalAddress(value) : default;
        return found;
    }

    /// <summary>Whether every page is where it was: also one that had no address has none now.</summary>
    /// <exception cref="MemoryPagesException">The process is not shown physical addresses any more.</exception>
    /// <exception cref="ObjectDisposedException">The pages have ended.</exception>
    public bool Verify()
    {
        bool isUnchanged = false;
        Look(nameof(Verify), () => _frames.Verify(out isUnchanged));
        return isUnchanged;
    }

    /// <summary>Looks all pages up anew.</summary>
    /// <exception cref="MemoryPagesException">The process is not shown physical addresses any more: what was known stays.</exception>
    /// <exception cref="ObjectDisposedException">The pages have ended.</exception>
    public void Refresh() => Look(nameof(Refresh), _frames.Refresh);

    private void Look(string operation, Func<SystemError> look)
    {
        SystemError error;
        _mapping?.Acquire(default); // the addresses could be a stranger's else
        try
        {
            error = look();
        }
        finally
        {
            _mapping?.Release();
        }

        if (error.Failed)
        {
            throw MappingHandle.Failure(error, operation, _mapping?.Name, _address, Length, PageSize.Base);
        }
    }

    private PhysicalAddress ThrowWithout(nuint offset) => throw new InvalidOperationException(
        _frames.TryAddressOf(offset, out ulong instead) || instead == PhysicalFrame.Absent
            ? $"The page at offset {offset} was not in memory: prefault and lock it, then Refresh."
            : $"The page at offset {offset} is shared until somebody writes to it, and has no frame of its own: write to it (Prefault for writing), then Refresh.");
}

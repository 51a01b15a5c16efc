using System.Diagnostics;
using System.Runtime.CompilerServices;
using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Physical;
using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>Memory whose place in the machine is known: for devices that read and write it by physical address.</summary>
/// <remarks>
/// <para>
/// The pages lie side by side in the machine, unless <see cref="PhysicalMemoryOptions.Scattered"/> allows otherwise, and that was verified frame by
/// frame when they had been made to stay. <see cref="Hold"/> says what keeps them there. All members may be used from any thread.
/// </para>
/// <para>
/// It is not <c>Pages</c>: what discards, resizes or unlocks would move the memory away under the device. It has views, and is mapped until the last
/// of them ends. A device must have stopped using it before that: no system call can see to it.
/// </para>
/// <para>
/// A child process shares it: same frames, on both sides. Linux: a memory file (memfd_create(2)), which is what lets pages be chosen by their frames,
/// and <c>/proc/self/pagemap</c>, which shows them to <c>CAP_SYS_ADMIN</c> only.
/// </para>
/// </remarks>
[Owner]
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public sealed partial class PhysicalMemory : IDisposable
{
    private readonly MappingHandle _mapping;
    private readonly FrameTable _frames;

    private PhysicalMemory(MappingHandle mapping, FrameTable frames, PhysicalHold hold, int? node)
    {
        _mapping = mapping;
        _frames = frames;
        Hold = hold;
        Node = node;
    }

    /// <summary>The length in bytes: whole pages of the kind that is used.</summary>
    [UsableWhenSpent]
    public nuint Length => _mapping.Length;

    /// <summary>The size in bytes of the page that it is made of.</summary>
    [UsableWhenSpent]
    public nuint PageSize => _mapping.PageSize;

    /// <summary>What keeps it where it is, until it ends.</summary>
    [UsableWhenSpent]
    public PhysicalHold Hold { get; }

    /// <summary>The NUMA node that was asked for, and verified; null where none was.</summary>
    [UsableWhenSpent]
    public int? Node { get; }

    /// <summary>The number of open views. For diagnosis.</summary>
    [UsableWhenSpent]
    public long LeaseCount => _mapping.Leases;

    /// <summary>The first byte's physical address.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public PhysicalAddress Address => AddressOf(0);

    /// <summary>
    /// Where it is, in the order of its bytes: neighbouring frames are one segment, none crosses the boundary that was asked for. What a device is
    /// given, one entry each.
    /// </summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public IReadOnlyList<PhysicalSegment> Segments
    {
        get
        {
            ThrowIfClosed();
            return _frames.Segments;
        }
    }

    private string DebuggerDisplay => _mapping.IsClosed ? "disposed" : $"{Length:N0} bytes at {Address}, {Segments.Count} segments, {Hold}";

    /// <summary>The physical address of a byte, as it was found when the memory was made, or by the last <see cref="RefreshAddresses"/>.</summary>
    /// <param name="offset">Bytes from the start.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such byte.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    /// <remarks>A look into a table: no system call.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PhysicalAddress AddressOf(nuint offset)
    {
        if (offset >= _mapping.Length || _mapping.IsClosed || !_frames.TryAddressOf(offset, out ulong address))
        {
            return ThrowNoAddress(offset);
        }

        return new PhysicalAddress(address);
    }

    /// <summary>
    /// Whether every page is still where it was found: false where something has moved one, and addresses that were told to a device are wrong.
    /// </summary>
    /// <exception cref="MemoryPagesException">The process is not shown physical addresses any more.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public bool VerifyAddresses()
    {
        using var lease = new Lease(_mapping);
        SystemError error = _frames.Verify(out bool isUnchanged);
        return error.Failed ? throw Failure(error, nameof(VerifyAddresses)) : isUnchanged;
    }

    /// <summary>Looks up all addresses anew. Memory that was moved may lie in several segments afterwards.</summary>
    /// <exception cref="MemoryPagesException">The process is not shown physical addresses any more: what was known stays.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public void RefreshAddresses()
    {
        using var lease = new Lease(_mapping);
        SystemError error = _frames.Refresh();
        if (error.Failed)
        {
            throw Failure(error, nameof(RefreshAddresses));
        }
    }

    /// <summary>A lease to read all of it. Use it with <c>using</c>.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public ReadView Read() => new(View(_mapping.Whole));

    /// <summary>A lease to read a part. Use it with <c>using</c>.</summary>
    /// <param name="range">The bytes; not rounded.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the memory.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public ReadView Read(PageRange range) => new(View(range));

    /// <summary>A lease to read and write all of it. Use it with <c>using</c>.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public WriteView Write() => new(View(_mapping.Whole));

    /// <summary>A lease to read and write a part. Use it with <c>using</c>.</summary>
    /// <param name="range">The bytes; not rounded.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the memory.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public WriteView Write(PageRange range) => new(View(range));

    /// <summary>
    /// Refuses new use, and gives the memory back when the last view ends, which is now if none is open; then the pool of huge pages is as it was
    /// before. Idempotent.
    /// </summary>
    /// <remarks>The frames may be anybody's then: stop the device first.</remarks>
    public void Dispose() => _mapping.CloseOnceIdle();

    /// <summary>The range, for what maps it for a device.</summary>
    internal MappingHandle Mapping => _mapping;

    private PageView View(PageRange range)
    {
        _mapping.ThrowIfOutside(range);
        _mapping.Acquire(range);
        return new PageView(_mapping, _mapping.Address + range.Offset, range.Length);
    }

    private void ThrowIfClosed() => ObjectDisposedException.ThrowIf(_mapping.IsClosed, this);

    private PhysicalAddress ThrowNoAddress(nuint offset)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offset, Length);
        ThrowIfClosed();
        throw new InvalidOperationException($"No page was found at offset {offset} when the addresses were looked up last.");
    }

    private MemoryPagesException Failure(SystemError error, string operation) => _mapping.Failure(error, operation, _mapping.Address, _mapping.Length);

    /// <summary>Holds off the end of the range.</summary>
    private readonly ref struct Lease : IDisposable
    {
        private readonly MappingHandle _mapping;

        public Lease(MappingHandle mapping)
        {
            mapping.Acquire(default);
            _mapping = mapping;
        }

        public void Dispose() => _mapping.Release();
    }
}

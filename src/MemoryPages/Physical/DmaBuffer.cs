using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using MemoryPages.Ownership;

namespace MemoryPages;

/// <summary>
/// Memory that a device can use, and where the device finds it: the same whether an IOMMU translates, the addresses are physical, or a driver of the
/// kernel has the device.
/// </summary>
/// <remarks>
/// Safe to use from any thread. What the device does to the bytes while a view is open nobody holds off: that is the driver's protocol.
/// </remarks>
[Owner]
[SuppressMessage("Design", "CA1063:Implement IDisposable Correctly", Justification = "Nobody outside derives from it, and there is no finalizer.")]
[DebuggerDisplay("{Length} bytes at {Address}")]
public abstract partial class DmaBuffer : IDisposable
{
    private protected DmaBuffer(string reason) => Reason = reason;

    /// <summary>Bytes.</summary>
    public abstract nuint Length { get; }

    /// <summary>Where the device finds the first byte.</summary>
    public IoAddress Address => AddressOf(0);

    /// <summary>All of it as the device finds it: the scatter list. One segment where it is contiguous to the device.</summary>
    public abstract IReadOnlyList<DmaSegment> Segments { get; }

    /// <summary>Why it is the kind of memory that it is, for people.</summary>
    [UsableWhenSpent]
    public string Reason { get; }

    /// <summary>Where the device finds a byte.</summary>
    /// <param name="offset">Bytes from the first.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such byte.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    public abstract IoAddress AddressOf(nuint offset);

    /// <summary>A lease to read. Use it with <c>using</c>.</summary>
    /// <param name="range">The bytes; null for all.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    public abstract ReadView Read(PageRange? range = null);

    /// <summary>A lease to read and write. Use it with <c>using</c>.</summary>
    /// <param name="range">The bytes; null for all.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    public abstract WriteView Write(PageRange? range = null);

    /// <summary>
    /// Takes the memory away from the device where an IOMMU can, and gives it back when the last view ends. Stop the device's use of it first.
    /// Idempotent.
    /// </summary>
    public abstract void Dispose();
}

/// <summary>A part of memory as a device finds it.</summary>
/// <param name="Address">Where it begins.</param>
/// <param name="Length">Bytes.</param>
public readonly record struct DmaSegment(IoAddress Address, nuint Length);

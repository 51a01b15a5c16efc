using System.Diagnostics;
using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Physical;
using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>Pages that a device behind an IOMMU can use, until this is disposed.</summary>
[Owner, UsableWhenSpent]
[DebuggerDisplay("{Length} bytes at {Address}")]
public sealed class DmaMapping : IDisposable
{
    private readonly IoSpace _space;
    private readonly MappingHandle _mapping;
    private readonly string _device;

    /// <param name="space">Where it is mapped.</param>
    /// <param name="mapping">The memory, leased already; this ends that lease.</param>
    /// <param name="address">Where the device finds it.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="device">The device's address on the bus, for messages.</param>
    internal DmaMapping(IoSpace space, MappingHandle mapping, IoAddress address, nuint length, string device)
    {
        _space = space;
        _device = device;
        _mapping = mapping;
        Address = address;
        Length = length;
    }

    /// <summary>Where the device finds the first byte.</summary>
    public IoAddress Address { get; }

    /// <summary>Bytes: whole pages.</summary>
    public nuint Length { get; }

    /// <summary>Where the device finds a byte.</summary>
    /// <param name="offset">Bytes from the first of the mapped ones.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such byte.</exception>
    public IoAddress AddressOf(nuint offset)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offset, Length);
        return Address + offset;
    }

    /// <summary>Takes the pages away from the device: what it sends there is dropped from now on. Nothing where that was done before.</summary>
    /// <exception cref="MemoryPagesException">The system refused: the device may still use the pages, and they stay leased.</exception>
    public void Unmap()
    {
        SystemError error = _space.Unmap(this);
        if (error.Failed)
        {
            throw new MemoryPagesException(
                error, new FailedOperation(nameof(Unmap), _device, _mapping.Address, Length, PageSize.Base) { Device = _device });
        }
    }

    /// <summary>As <see cref="Unmap"/>, without an exception where it fails.</summary>
    public void Dispose() => _space.Unmap(this);

    /// <summary>The device cannot reach the memory any more.</summary>
    internal void EndLease() => _mapping.Release();
}

using System.Diagnostics.CodeAnalysis;
using MemoryPages.Mapping;
using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Physical;

/// <summary>A space of IO addresses, the devices in it, and what is mapped for them: for all alike. Ends with the last device.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "It ends when the last device leaves it, and nobody else may end it.")]
internal sealed class IoSpace
{
    private readonly IoSpaceFiles _files = new();
    private readonly Lock _changing = new();
    private readonly List<DmaMapping> _mappings = [];
    private IoAddressSpace _addresses = new([], 0);
    private int _devices;
    private bool _isClosed;

    public IReadOnlyList<IoAddressRange> Ranges => _addresses.Ranges;

    /// <summary>Opens a device in it. Where that fails the devices that are in it stay; without any it ends.</summary>
    /// <exception cref="ObjectDisposedException">The last device has left it.</exception>
    public SystemError Enter(string address, int group, DmaWay way, SafeFileHandle device, out DmaDeviceFacts facts)
    {
        lock (_changing)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(DmaDevice));
            MemorySystem system = MemorySystem.Current;
            SystemError error = system.OpenDmaDevice(address, group, way, _files, device, out facts);
            if (!error.Failed)
            {
                error = system.QueryIoSpace(_files, out IoSpaceFacts space);
                if (!error.Failed)
                {
                    _addresses = AddressesOf(space);
                    _devices++;
                    return error;
                }

                device.Dispose();
            }

            CloseIfEmpty();
            return error;
        }
    }

    /// <summary>
    /// Closes a device, which does nothing any more. With the last one all mappings end first: registers that are still mapped hold the device's file
    /// open, and it the space.
    /// </summary>
    public void Leave(SafeFileHandle device)
    {
        lock (_changing)
        {
            _devices--;
            if (_devices == 0)
            {
                UnmapAll();
            }

            device.Dispose();
            CloseIfEmpty();
        }
    }

    /// <summary>Maps memory for its devices.</summary>
    /// <param name="memory">Whose it is, leased: the lease is the mapping's from then on.</param>
    /// <param name="address">The first byte.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="wished">Where; null for any place.</param>
    /// <param name="maxAddress">The last address, where any place will do.</param>
    /// <param name="mayWrite">Whether devices may write to it.</param>
    /// <param name="device">The device's address on the bus, for messages.</param>
    /// <exception cref="MemoryPagesException">The system refused, and nothing has changed.</exception>
    public DmaMapping Map(MappingHandle memory, nuint address, nuint length, IoAddress? wished, ulong maxAddress, bool mayWrite, string device)
    {
        lock (_changing)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(DmaDevice));
            _mappings.EnsureCapacity(_mappings.Count + 1); // before anything is done that would have to be undone
            IoAddress place = wished ?? _addresses.Find(length, maxAddress) ?? throw new InvalidOperationException(
                $"No {length} IO addresses in a row are free up to 0x{maxAddress:x}: {_mappings.Count} mappings are in use.");
            var mapping = new DmaMapping(this, memory, place, length, device);
            SystemError error = MemorySystem.Current.MapForDevices(_files, address, length, place.Value, mayWrite);
            if (error.Failed)
            {
                throw new MemoryPagesException(error, new FailedOperation(nameof(Map), device, address, length, PageSize.Base)
                {
                    Device = device, Because = _addresses.Explain(place, length) ?? ExplainOverlap(place, length),
                });
            }

            _mappings.Add(mapping);
            _addresses.Take(place, length);
            return mapping;
        }
    }

    /// <summary>Nothing where it was unmapped before, or the space's end did it.</summary>
    public SystemError Unmap(DmaMapping mapping)
    {
        lock (_changing)
        {
            if (!_mappings.Contains(mapping))
            {
                return SystemError.None;
            }

            SystemError error = MemorySystem.Current.UnmapForDevices(_files, mapping.Address.Value, mapping.Length);
            if (!error.Failed)
            {
                _mappings.Remove(mapping);
                _addresses.GiveBack(mapping.Address, mapping.Length);
                mapping.EndLease();
            }

            return error;
        }
    }

    /// <summary>What could not be unmapped stays leased: a device may reach it for as long as registers keep the space.</summary>
    private void UnmapAll()
    {
        foreach (DmaMapping mapping in _mappings)
        {
            if (!MemorySystem.Current.UnmapForDevices(_files, mapping.Address.Value, mapping.Length).Failed)
            {
                mapping.EndLease();
            }
        }

        _mappings.Clear();
    }

    private void CloseIfEmpty()
    {
        if (_devices == 0)
        {
            _isClosed = true;
            _files.Dispose();
        }
    }

    private IoAddressSpace AddressesOf(IoSpaceFacts space)
    {
        var addresses = new IoAddressSpace(space.Ranges, space.PageSizes);
        foreach (DmaMapping mapping in _mappings)
        {
            addresses.Take(mapping.Address, mapping.Length);
        }

        return addresses;
    }

    private string? ExplainOverlap(IoAddress place, ulong length) => _mappings.Find(other => place < other.Address + other.Length && other.Address < place + length) is { } mapped
        ? $"{length} bytes at IO address {place} overlap the {mapped.Length} bytes that are mapped at {mapped.Address}."
        : null;
}

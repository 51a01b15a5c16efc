using MemoryPages.Mapping;
using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Physical;

/// <summary>A device behind an IOMMU: its group, its space of IO addresses, and itself, each a file.</summary>
internal sealed class VfioDevice : DmaDevice
{
    /// <summary>The driver of the kernel that lends devices to programs.</summary>
    public const string Driver = "vfio-pci";

    private readonly SafeFileHandle _space = new();
    private readonly SafeFileHandle _group = new();
    private readonly SafeFileHandle _device = new();
    private readonly Lock _changing = new();
    private readonly List<DmaMapping> _mappings = [];
    private IoAddressSpace? _addresses;
    private PciConfiguration? _configuration;
    private bool _canReset;
    private bool _isClosed;

    private VfioDevice(string address, PciFacts facts, int group)
        : base(address, $"IO addresses, which the IOMMU translates: group {group} is lent by {Driver}.")
    {
        Resources = facts.Resources;
    }

    public override bool IsTranslated => true;

    public override bool CanReset => _canReset;

    public override IReadOnlyList<PciResource> Resources { get; }

    public override IReadOnlyList<IoAddressRange> IoAddresses => _addresses!.Ranges;

    public override PciConfiguration Configuration => _configuration!;

    public static VfioDevice OpenDevice(string address)
    {
        PciFacts facts = PciDevice.QueryFacts(address, nameof(OpenVfio));
        int group = facts.IommuGroup ?? throw new NotSupportedException(
            $"No IOMMU looks after {address}: boot with intel_iommu=on (or amd_iommu=on), after switching VT-d (AMD-Vi) on in the firmware. "
            + "Without one, OpenPhysical gives it physical addresses.");
        var device = new VfioDevice(address, facts, group);
        SystemError error = device.Open(group);
        if (error.Failed)
        {
            device.Dispose();
            throw PciDevice.Failure(error, nameof(OpenVfio), address);
        }

        return device;
    }

    public override DeviceRegisters MapResource(int index)
    {
        PciResource resource = PciDevice.ResourceOf(Resources, index, Address);
        SystemError error = MemorySystem.Current.QueryDmaRegion(_device, index, out DmaRegion region);
        if (error.Failed)
        {
            throw PciDevice.Failure(error, nameof(MapResource), Address);
        }

        if (!region.CanBeMapped)
        {
            throw new NotSupportedException($"VFIO does not map region {index} of {Address}: it shares its page with something else ({resource.Length} bytes).");
        }

        Configuration.EnableMemory();
        return DeviceRegisters.Map(_device, new PageRange((nuint)region.Offset, (nuint)region.Length), $"{Address} resource {index}");
    }

    public override void Reset()
    {
        if (!CanReset)
        {
            throw new NotSupportedException($"{Address} has no reset of its own (FLR), nor any other that concerns it alone.");
        }

        SystemError error = MemorySystem.Current.ResetDevice(_device);
        if (error.Failed)
        {
            throw PciDevice.Failure(error, nameof(Reset), Address);
        }
    }

    public override DmaBuffer Allocate(nuint length, ulong maxAddress = ulong.MaxValue)
    {
        Pages<ReadWrite> pages = Pages.Allocate(length, new() { HugePages = HugePages.Transparent });
        DmaMapping? mapping = null;
        try
        {
            mapping = Map(pages, null, null, maxAddress);
            return new TranslatedBuffer(pages, mapping, Reason);
        }
        finally
        {
            if (mapping is null)
            {
                pages.Dispose();
            }
        }
    }

    public override void Dispose()
    {
        lock (_changing)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
            if (!_device.IsInvalid)
            {
                StopDevice();
            }

            foreach (DmaMapping mapping in _mappings)
            {
                if (!MemorySystem.Current.UnmapForDevices(_space, mapping.Address.Value, mapping.Length).Failed)
                {
                    mapping.EndLease();
                }
            }

            _mappings.Clear();
            _device.Dispose();
            _group.Dispose();
            _space.Dispose();
        }
    }

    /// <summary>Nothing where it was unmapped before, or its device's end did it.</summary>
    public SystemError Unmap(DmaMapping mapping)
    {
        lock (_changing)
        {
            if (!_mappings.Contains(mapping))
            {
                return SystemError.None;
            }

            SystemError error = MemorySystem.Current.UnmapForDevices(_space, mapping.Address.Value, mapping.Length);
            if (!error.Failed)
            {
                _mappings.Remove(mapping);
                _addresses!.GiveBack(mapping.Address, mapping.Length);
                mapping.EndLease();
            }

            return error;
        }
    }

    private protected override DmaMapping Map<TProtection>(Pages<TProtection> pages, IoAddress? ioAddress, PageRange? range, ulong maxAddress, bool mayWrite)
    {
        ArgumentNullException.ThrowIfNull(pages);
        MappingHandle memory = pages.Acquire(range ?? new PageRange(0, nuint.MaxValue));
        DmaMapping? mapping = null;
        try
        {
            (nuint address, nuint length) = WholePages(memory, range);
            mapping = Map(memory, address, length, ioAddress, maxAddress, mayWrite);
            return mapping;
        }
        finally
        {
            if (mapping is null)
            {
                memory.Release();
            }
        }
    }

    /// <summary>A device is given whole pages, and nothing beside what was said: the rest of a page could be anybody's.</summary>
    private static (nuint Address, nuint Length) WholePages(MappingHandle memory, PageRange? range)
    {
        PageRange wished = range ?? memory.Whole;
        memory.ThrowIfOutside(wished);
        (nuint address, nuint length) = memory.Outward(wished, PageSize.Base);
        return length != 0 && (range is null || (address == memory.Address + wished.Offset && length == wished.Length))
            ? (address, length)
            : throw new ArgumentException($"A device is given whole pages: offset and length must be multiples of {PageSize.Base}, and the length not 0.", nameof(range));
    }

    private DmaMapping Map(MappingHandle memory, nuint address, nuint length, IoAddress? wished, ulong maxAddress, bool mayWrite)
    {
        lock (_changing)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(DmaDevice));
            _mappings.EnsureCapacity(_mappings.Count + 1); // before anything is done that would have to be undone
            IoAddress place = wished ?? _addresses!.Find(length, maxAddress) ?? throw new InvalidOperationException(
                $"No {length} IO addresses in a row are free up to 0x{maxAddress:x}: {_mappings.Count} mappings are in use.");
            var mapping = new DmaMapping(this, memory, place, length);
            SystemError error = MemorySystem.Current.MapForDevices(_space, address, length, place.Value, mayWrite);
            if (error.Failed)
            {
                throw new MemoryPagesException(error, new FailedOperation(nameof(Map), Address, address, length, PageSize.Base)
                {
                    Device = Address, Because = _addresses!.Explain(place, length) ?? ExplainOverlap(place, length),
                });
            }

            _mappings.Add(mapping);
            _addresses!.Take(place, length);
            return mapping;
        }
    }

    private string? ExplainOverlap(IoAddress place, ulong length) => _mappings.Find(other => place < other.Address + other.Length && other.Address < place + length) is { } mapped
        ? $"{length} bytes at IO address {place} overlap the {mapped.Length} bytes that are mapped at {mapped.Address}."
        : null;

    private SystemError Open(int group)
    {
        MemorySystem system = MemorySystem.Current;
        SystemError error = system.OpenIoSpace(group, _space, _group);
        if (!error.Failed)
        {
            error = system.QueryIoSpace(_space, out IoSpaceFacts facts);
            _addresses = error.Failed ? null : new IoAddressSpace(facts.Ranges, facts.PageSizes);
        }

        if (!error.Failed)
        {
            error = system.OpenDmaDevice(_group, Address, _device, out _canReset);
        }

        if (!error.Failed)
        {
            error = system.QueryDmaRegion(_device, DmaRegion.Configuration, out DmaRegion region);
            _configuration = new PciConfiguration(_device, region.Offset, (int)region.Length, Address);
        }

        return error;
    }

    /// <summary>Takes from the device what it was allowed. If that fails it is gone from the bus, and so are its accesses.</summary>
    private void StopDevice()
    {
        try
        {
            _configuration?.Restore();
        }
        catch (MemoryPagesException)
        {
            // Unmapping stops it all the same.
        }
    }
}

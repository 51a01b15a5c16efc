using MemoryPages.Mapping;
using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Physical;

/// <summary>A device behind an IOMMU, in a space of IO addresses that is its own or shared with others.</summary>
internal sealed class VfioDevice : DmaDevice
{
    /// <summary>The driver of the kernel that lends devices to programs.</summary>
    public const string Driver = "vfio-pci";

    private readonly IoSpace _space;
    private readonly SafeFileHandle _device;
    private int _ended;

    private VfioDevice(string address, PciFacts facts, IoSpace space, SafeFileHandle device, PciConfiguration configuration, DmaDeviceFacts opened)
        : base(address, $"IO addresses, which the IOMMU translates: {opened.Way}.")
    {
        _space = space;
        _device = device;
        Resources = facts.Resources;
        Configuration = configuration;
        CanReset = opened.CanReset;
    }

    public override bool IsTranslated => true;

    public override bool CanReset { get; }

    public override IReadOnlyList<PciResource> Resources { get; }

    public override IReadOnlyList<IoAddressRange> IoAddresses => _space.Ranges;

    public override PciConfiguration Configuration { get; }

    /// <param name="address">Where it is, normalized.</param>
    /// <param name="beside">In whose space of IO addresses; null for one of its own.</param>
    /// <param name="way">How.</param>
    public static VfioDevice OpenDevice(string address, VfioDevice? beside = null, DmaWay way = DmaWay.Best)
    {
        PciFacts facts = PciDevice.QueryFacts(address, nameof(OpenVfio));
        int group = facts.IommuGroup ?? throw new NotSupportedException(
            $"No IOMMU looks after {address}: boot with intel_iommu=on (or amd_iommu=on), after switching VT-d (AMD-Vi) on in the firmware. "
            + "Without one, OpenPhysical gives it physical addresses.");
        IoSpace space = beside?._space ?? new IoSpace();
        var device = new SafeFileHandle();
        SystemError error = space.Enter(address, group, way, device, out DmaDeviceFacts opened);
        DmaRegion region = default;
        if (!error.Failed)
        {
            error = MemorySystem.Current.QueryDmaRegion(device, DmaRegion.Configuration, out region);
            if (error.Failed)
            {
                space.Leave(device);
            }
        }

        return error.Failed
            ? throw PciDevice.Failure(error, nameof(OpenVfio), address)
            : new VfioDevice(address, facts, space, device, new PciConfiguration(device, region.Offset, (int)region.Length, address), opened);
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
            return new TranslatedBuffer(pages, mapping, $"Pages from anywhere, in a row to the device, since an IOMMU translates for it ({Address}).");
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
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            StopDevice();
            _space.Leave(_device);
        }
    }

    private protected override DmaMapping Map<TProtection>(Pages<TProtection> pages, IoAddress? ioAddress, PageRange? range, ulong maxAddress, bool mayWrite)
    {
        ArgumentNullException.ThrowIfNull(pages);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _ended) != 0, typeof(DmaDevice));
        MappingHandle memory = pages.Acquire(range ?? new PageRange(0, nuint.MaxValue));
        DmaMapping? mapping = null;
        try
        {
            (nuint address, nuint length) = WholePages(memory, range);
            mapping = _space.Map(memory, address, length, ioAddress, maxAddress, mayWrite, Address);
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

    /// <summary>Takes from the device what it was allowed. If that fails it is gone from the bus, and so are its accesses.</summary>
    private void StopDevice()
    {
        try
        {
            Configuration.Restore();
        }
        catch (MemoryPagesException)
        {
            // Unmapping stops it all the same.
        }
    }
}

namespace MemoryPages.Physical;

/// <summary>A device that takes physical addresses: no IOMMU stands between it and memory.</summary>
internal sealed class PhysicalDevice : DmaDevice
{
    private readonly PciDevice _device;

    /// <param name="device">This object's own from here on.</param>
    private PhysicalDevice(PciDevice device)
        : base(device.Address, $"Physical addresses: {(device.IommuGroupType is { } type ? $"the IOMMU passes them through (iommu_group/type says '{type}')" : "no IOMMU looks after it")}.") =>
        _device = device;

    public override bool IsTranslated => false;

    public override IReadOnlyList<PciResource> Resources => _device.Resources;

    public override PciConfiguration Configuration => _device.Configuration;

    public override IReadOnlyList<IoAddressRange> IoAddresses => throw NotTranslated();

    public override bool CanReset => false;

    public static PhysicalDevice OpenDevice(string address)
    {
        PciDevice device = PciDevice.Open(address);
        if (device.WhyNoPhysicalAddresses is { } reason)
        {
            device.Dispose();
            throw new NotSupportedException(reason);
        }

        return new PhysicalDevice(device);
    }

    public override DeviceRegisters MapResource(int index) => _device.MapResource(index);

    public override void Reset() => throw new NotSupportedException($"{Address} is reset through VFIO only, or as root: echo 1 > /sys/bus/pci/devices/{Address}/reset.");

    public override DmaBuffer Allocate(nuint length, ulong maxAddress = ulong.MaxValue)
    {
        PhysicalMemory memory = PhysicalMemory.Allocate(length, new() { MaxAddress = maxAddress == ulong.MaxValue ? 0 : maxAddress, Node = _device.NumaNode });
        return new PhysicalBuffer(memory, $"{Reason} The memory is a row of pages of {memory.PageSize:N0} bytes; what keeps it there: {memory.Hold}.");
    }

    public override void Dispose() => _device.Dispose();

    private protected override DmaMapping Map<TProtection>(Pages<TProtection> pages, IoAddress? ioAddress, PageRange? range, ulong maxAddress, bool mayWrite) =>
        throw NotTranslated();

    private NotSupportedException NotTranslated() => new(
        $"Nothing translates addresses for {Address}, and ordinary pages may be moved under a physical one: Allocate makes memory for it that stays in place.");
}

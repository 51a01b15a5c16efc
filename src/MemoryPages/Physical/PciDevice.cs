using System.Diagnostics;
using System.Globalization;
using MemoryPages.Ownership;
using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages;

/// <summary>A device on the PCI bus: what it is, its registers, its configuration, who drives it.</summary>
/// <remarks>
/// <para>Everyone may look at a device. To map its registers or change its configuration takes a privilege: root, on Linux.</para>
/// <para>
/// What it is allowed to do here (<see cref="EnableBusMaster"/>) ends with this object. Safe to use from any thread. Linux: sysfs,
/// <c>/sys/bus/pci</c>.
/// </para>
/// </remarks>
[Owner]
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public sealed class PciDevice : IDisposable
{
    /// <summary>Drivers of the kernel that do nothing with a device but let programs have it.</summary>
    private static readonly string[] s_lenders = ["vfio-pci", "uio_pci_generic", "igb_uio", "pci-stub"];

    private readonly SafeFileHandle _file;

    private PciDevice(string address, SafeFileHandle file, PciFacts facts)
    {
        _file = file;
        Address = address;
        VendorId = facts.Vendor;
        DeviceId = facts.Device;
        ClassCode = facts.Class;
        Resources = facts.Resources;
        Configuration = new PciConfiguration(file, 0, (int)RandomAccess.GetLength(file), address);
    }

    /// <summary>Where it is: domain, bus, device and function, as <c>lspci -D</c> shows it: <c>0000:00:04.0</c>.</summary>
    [UsableWhenSpent]
    public string Address { get; }

    /// <summary>Who made it, by the number that the PCI SIG gave out.</summary>
    [UsableWhenSpent]
    public ushort VendorId { get; }

    /// <summary>What it is, by its maker's numbers.</summary>
    [UsableWhenSpent]
    public ushort DeviceId { get; }

    /// <summary>What kind it is: class, subclass and programming interface, eight bits each.</summary>
    [UsableWhenSpent]
    public uint ClassCode { get; }

    /// <summary>The regions that it has, in order of their numbers.</summary>
    [UsableWhenSpent]
    public IReadOnlyList<PciResource> Resources { get; }

    /// <summary>Its configuration space.</summary>
    public PciConfiguration Configuration { get; }

    /// <summary>The name of the driver that has it, asked now; null where none has.</summary>
    [UsableWhenSpent]
    public string? Driver => Facts.Driver.Name;

    /// <summary>The number of its IOMMU group: devices that cannot be kept apart from each other. Null where no IOMMU looks after it.</summary>
    [UsableWhenSpent]
    public int? IommuGroup => Facts.IommuGroup;

    /// <summary>How the IOMMU treats its group, in the kernel's word: <c>DMA</c>, <c>DMA-FQ</c>, <c>identity</c>… Null without a group.</summary>
    [UsableWhenSpent]
    public string? IommuGroupType => Facts.IommuGroupType;

    /// <summary>The node of memory that it is nearest to; null where the system does not know.</summary>
    [UsableWhenSpent]
    public int? NumaNode => Facts.NumaNode;

    /// <summary>
    /// Why it must not be given physical addresses: an IOMMU translates what it sends, and drops what it does not know, without a word to anybody.
    /// Null where physical addresses are what it takes.
    /// </summary>
    [UsableWhenSpent]
    public string? WhyNoPhysicalAddresses => Facts.IommuGroupType is null or "identity"
        ? null
        : $"{Address} is behind an IOMMU that translates its addresses (iommu_group/type says '{Facts.IommuGroupType}'): what it sent to a physical address would be dropped "
            + "silently. Map memory for it with DmaDevice.OpenVfio, or boot with iommu=pt (type 'identity').";

    private PciFacts Facts => QueryFacts(Address, nameof(PciDevice));

    private string DebuggerDisplay => $"{Address} {VendorId:x4}:{DeviceId:x4}{(_file.IsClosed ? ", disposed" : "")}";

    /// <summary>The addresses of the devices of a kind, in order.</summary>
    /// <param name="vendorId">Whose.</param>
    /// <param name="deviceId">Which; null for all of that maker's.</param>
    public static IReadOnlyList<string> Find(ushort vendorId, ushort? deviceId = null)
    {
        var found = new List<string>();
        foreach (string address in MemorySystem.Current.PciDevices)
        {
            if (!MemorySystem.Current.QueryPciDevice(address, out PciFacts facts).Failed && facts.Vendor == vendorId && (deviceId ?? facts.Device) == facts.Device)
            {
                found.Add(address);
            }
        }

        return found;
    }

    /// <summary>Opens a device.</summary>
    /// <param name="address">Where it is: <c>0000:00:04.0</c>, or without the domain where that is 0.</param>
    /// <exception cref="FormatException">That is no address.</exception>
    /// <exception cref="FileNotFoundException">There is no device at that address.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    /// <remarks>Its configuration is opened for writing where this process may, else to read.</remarks>
    public static PciDevice Open(string address)
    {
        string normal = Normalize(address);
        PciFacts facts = QueryFacts(normal, nameof(Open));
        var file = new SafeFileHandle();
        SystemError error = MemorySystem.Current.OpenPciConfiguration(normal, forWriting: true, file);
        if (error.Failed)
        {
            error = MemorySystem.Current.OpenPciConfiguration(normal, forWriting: false, file);
        }

        return error.Failed ? throw Failure(error, nameof(Open), normal) : new PciDevice(normal, file, facts);
    }

    /// <summary>Maps a region of registers.</summary>
    /// <param name="index">The region's number.</param>
    /// <exception cref="ArgumentException">The device has no such region, or it is not memory.</exception>
    /// <exception cref="InvalidOperationException">A driver of the kernel works with the device.</exception>
    /// <exception cref="MemoryPagesException">The system refused: a privilege is missing, or the kernel is locked down.</exception>
    /// <exception cref="ObjectDisposedException">The device was disposed.</exception>
    /// <remarks>The device is made to answer at its addresses, for as long as this object lives. Linux: <c>resourceN</c> in sysfs.</remarks>
    [return: Owned]
    public DeviceRegisters MapResource(int index)
    {
        PciResource resource = ResourceOf(Resources, index, Address);
        if (Driver is { } driver && !s_lenders.Contains(driver))
        {
            throw new InvalidOperationException(
                $"The kernel's driver '{driver}' works with {Address}: two drivers at once confuse a device. Take it away first, with Bind or "
                + $"echo {Address} > /sys/bus/pci/devices/{Address}/driver/unbind.");
        }

        var file = new SafeFileHandle();
        using (file)
        {
            SystemError error = MemorySystem.Current.OpenPciResource(Address, index, file);
            if (error.Failed)
            {
                throw Failure(error, nameof(MapResource), Address);
            }

            Configuration.EnableMemory();
            nuint within = (nuint)resource.Start & (PageSize.Base - 1); // a region may be less than a page, and lie anywhere in one
            return DeviceRegisters.Map(file, new PageRange(within, (nuint)resource.Length), $"{Address} resource {index}");
        }
    }

    /// <summary>Lets the device read and write memory by itself (DMA), until this object is disposed; then it may what it might before.</summary>
    /// <exception cref="MemoryPagesException">The system refused: a privilege is missing.</exception>
    /// <exception cref="ObjectDisposedException">The device was disposed.</exception>
    public void EnableBusMaster() => Configuration.EnableBusMaster();

    /// <summary>Gives the device to another driver, or to none, until the result is disposed.</summary>
    /// <param name="driver">The driver's name, for example <c>vfio-pci</c>; null for none.</param>
    /// <exception cref="MemoryPagesException">
    /// The system refused: there is no such driver (is its module loaded?), it does not take the device, or a privilege is missing.
    /// </exception>
    /// <remarks>
    /// What works on the old driver stops working: a network interface, a disk. Linux: <c>driver_override</c>, <c>unbind</c> and <c>drivers_probe</c>
    /// in sysfs.
    /// </remarks>
    [return: Owned]
    public PciDriverBinding Bind(string? driver)
    {
        PciDriverState before = Facts.Driver;
        SystemError error = MemorySystem.Current.SetPciDriver(Address, driver, before);
        return error.Failed ? throw Failure(error, nameof(Bind), Address) : new PciDriverBinding(Address, driver, before);
    }

    /// <summary>Takes back what was allowed to the device here. Its registers that are mapped stay so. Idempotent.</summary>
    public void Dispose()
    {
        if (!_file.IsClosed)
        {
            Configuration.Restore();
            _file.Dispose();
        }
    }

    /// <exception cref="FormatException">That is no address.</exception>
    internal static string Normalize(string address)
    {
        ArgumentException.ThrowIfNullOrEmpty(address);
        string full = address.Count(c => c == ':') == 1 ? "0000:" + address : address;
        return full.Split(':', '.') is [{ Length: >= 4 }, { Length: 2 }, { Length: 2 }, { Length: 1 }] parts && full[^2] == '.'
            && parts.All(part => uint.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _))
            ? full.ToLowerInvariant()
            : throw new FormatException($"'{address}' is no address of a PCI device: domain:bus:device.function in hexadecimal, as in 0000:00:04.0.");
    }

    internal static PciFacts QueryFacts(string address, string operation)
    {
        SystemError error = MemorySystem.Current.QueryPciDevice(address, out PciFacts facts);
        if (error.Failed)
        {
            MemoryPagesException failure = Failure(error, operation, address);
            throw failure.Reason == ErrorReason.NotFound ? new FileNotFoundException(failure.Message, address, failure) : failure;
        }

        return facts;
    }

    internal static PciResource ResourceOf(IReadOnlyList<PciResource> resources, int index, string address)
    {
        PciResource resource = resources.FirstOrDefault(resource => resource.Index == index);
        return resource.IsMemory
            ? resource
            : throw new ArgumentException(
                $"{address} has no memory as its region {index}: it has {string.Join(", ", resources.Where(r => r.IsMemory).Select(r => r.Index))}.", nameof(index));
    }

    internal static MemoryPagesException Failure(SystemError error, string operation, string address) =>
        new(error, new FailedOperation(operation, address, 0, 0, PageSize.Base) { Device = address });
}

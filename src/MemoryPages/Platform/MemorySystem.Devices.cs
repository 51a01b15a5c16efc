using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform;

/// <content>Devices on the PCI bus: what they are, who drives them, their configuration. A system that says nothing here shows none.</content>
internal abstract partial class MemorySystem
{
    /// <summary>The addresses of all devices, as the system writes them, in order. Empty where it shows none.</summary>
    public virtual IReadOnlyList<string> PciDevices => [];

    /// <summary>What a device is, asked now. An error where there is none at this address.</summary>
    public virtual SystemError QueryPciDevice(string address, out PciFacts facts)
    {
        facts = PciFacts.None;
        return Absent;
    }

    public virtual SystemError OpenPciConfiguration(string address, bool forWriting, SafeFileHandle file) => Absent;

    /// <summary>Opens one of the regions that the device's registers lie in, to be mapped.</summary>
    public virtual SystemError OpenPciResource(string address, int index, SafeFileHandle file) => Absent;

    /// <summary>
    /// Gives the device to the driver of that name and no other, or with null to none; what drove it lets it go. On failure it is put back, as
    /// <see cref="RestorePciDriver"/> does.
    /// </summary>
    public virtual SystemError SetPciDriver(string address, string? driver, in PciDriverState before) => Absent;

    /// <summary>Puts back who drives the device, as far as that driver takes it. Waits while a program has it open.</summary>
    public virtual SystemError RestorePciDriver(string address, in PciDriverState before) => Absent;

    /// <summary>Reads from a device's file in one call; no byte count but all of them is a success.</summary>
    public virtual SystemError ReadDevice(SafeFileHandle file, long offset, Span<byte> destination) => Absent;

    /// <summary>Writes to a device's file in one call.</summary>
    public virtual SystemError WriteDevice(SafeFileHandle file, long offset, ReadOnlySpan<byte> source) => Absent;
}

/// <summary>What the system says of a PCI device.</summary>
internal sealed record PciFacts
{
    public static PciFacts None { get; } = new();

    public ushort Vendor { get; init; }

    public ushort Device { get; init; }

    /// <summary>Class, subclass and programming interface, eight bits each.</summary>
    public uint Class { get; init; }

    public PciDriverState Driver { get; init; }

    /// <summary>The group of devices that an IOMMU cannot tell apart, or null where no IOMMU looks after it.</summary>
    public int? IommuGroup { get; init; }

    /// <summary>How the group's addresses are translated, in the system's word; null without a group.</summary>
    public string? IommuGroupType { get; init; }

    /// <summary>The node of memory that it is nearest to, or null where that is not known.</summary>
    public int? NumaNode { get; init; }

    public IReadOnlyList<PciResource> Resources { get; init; } = [];
}

/// <summary>Who drives a PCI device.</summary>
/// <param name="Name">The driver that has it, or null.</param>
/// <param name="Only">The only driver that may have it, where somebody said so; else null.</param>
internal readonly record struct PciDriverState(string? Name, string? Only);

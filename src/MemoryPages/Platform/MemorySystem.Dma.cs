using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform;

/// <content>Memory for devices behind an IOMMU, which programs drive. A system that says nothing here has none.</content>
/// <remarks>What opens a file is given a handle without a descriptor, which stays so, or is closed, when it fails.</remarks>
internal abstract partial class MemorySystem
{
    /// <summary>
    /// Opens a device, in a space of IO addresses: where that is not open, in a new one with nothing in it. On failure an open space is as before; a
    /// new one may be open in part, and is to be disposed.
    /// </summary>
    /// <param name="address">Where the device is on the bus.</param>
    /// <param name="group">Its IOMMU group.</param>
    /// <param name="way">How. Devices of one space are had in the same way.</param>
    /// <param name="space">The space.</param>
    /// <param name="device">The device's file, from then on.</param>
    /// <param name="facts">What came of it.</param>
    public virtual SystemError OpenDmaDevice(string address, int group, DmaWay way, IoSpaceFiles space, SafeFileHandle device, out DmaDeviceFacts facts)
    {
        facts = default;
        return Absent;
    }

    /// <summary>What the space takes, which every device in it may make less.</summary>
    public virtual SystemError QueryIoSpace(IoSpaceFiles space, out IoSpaceFacts facts)
    {
        facts = default;
        return Absent;
    }

    /// <summary>
    /// Where a region of a device lies in its file. The configuration space is a region too: <see cref="DmaRegion.Configuration"/>.
    /// </summary>
    public virtual SystemError QueryDmaRegion(SafeFileHandle device, int index, out DmaRegion region)
    {
        region = default;
        return Absent;
    }

    /// <summary>Lets the devices of the space reach memory, which stays where it is from here on.</summary>
    public virtual SystemError MapForDevices(IoSpaceFiles space, nuint address, nuint length, ulong ioAddress, bool mayWrite) => Absent;

    /// <summary>Ends what <see cref="MapForDevices"/> began, of exactly that range.</summary>
    public virtual SystemError UnmapForDevices(IoSpaceFiles space, ulong ioAddress, nuint length) => Absent;

    public virtual SystemError ResetDevice(SafeFileHandle device) => Absent;
}

/// <summary>What a space of IO addresses can take.</summary>
/// <param name="PageSizes">The sizes of the IOMMU's pages, one bit each.</param>
/// <param name="Ranges">The addresses that may be used, in order.</param>
internal readonly record struct IoSpaceFacts(ulong PageSizes, IReadOnlyList<IoAddressRange> Ranges);

/// <summary>How a system lends a device to a program.</summary>
internal enum DmaWay
{
    /// <summary>The best that it offers.</summary>
    Best,

    /// <summary>The device itself is lent, and put into a space of IO addresses.</summary>
    Device,

    /// <summary>All devices of its group are lent, and the group is put into a space of IO addresses.</summary>
    Group,
}

/// <summary>A device that was opened.</summary>
/// <param name="CanReset">Whether it can be reset alone.</param>
/// <param name="Way">How it was had, and why so, for people.</param>
internal readonly record struct DmaDeviceFacts(bool CanReset, string Way);

/// <summary>A region of a device in the device's file.</summary>
internal readonly record struct DmaRegion(long Offset, ulong Length, bool CanBeMapped)
{
    /// <summary>The region that is the configuration space of a PCI device.</summary>
    public const int Configuration = 7;
}

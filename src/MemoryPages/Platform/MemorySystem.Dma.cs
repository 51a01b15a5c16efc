using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform;

/// <content>Memory for devices behind an IOMMU, which programs drive.</content>
/// <remarks>Members that open something are given a handle without a descriptor, which stays so when they fail.</remarks>
internal abstract partial class MemorySystem
{
    /// <summary>Opens the addresses of a group of devices: a space of IO addresses with nothing in it.</summary>
    public abstract SystemError OpenIoSpace(int group, SafeFileHandle space, SafeFileHandle groupFile);

    public abstract SystemError QueryIoSpace(SafeFileHandle space, out IoSpaceFacts facts);

    /// <summary>Opens a device of the group.</summary>
    public abstract SystemError OpenDmaDevice(SafeFileHandle group, string address, SafeFileHandle device, out bool canReset);

    /// <summary>Where a region of a device lies in its file. The configuration space is a region too: <see cref="DmaRegion.Configuration"/>.</summary>
    public abstract SystemError QueryDmaRegion(SafeFileHandle device, int index, out DmaRegion region);

    /// <summary>Lets the devices of the space reach memory, which stays where it is from here on.</summary>
    public abstract SystemError MapForDevices(SafeFileHandle space, nuint address, nuint length, ulong ioAddress, bool mayWrite);

    /// <summary>Ends what <see cref="MapForDevices"/> began, of exactly that range.</summary>
    public abstract SystemError UnmapForDevices(SafeFileHandle space, ulong ioAddress, nuint length);

    public abstract SystemError ResetDevice(SafeFileHandle device);
}

/// <summary>What a space of IO addresses can take.</summary>
/// <param name="PageSizes">The sizes of the IOMMU's pages, one bit each.</param>
/// <param name="Ranges">The addresses that may be used, in order.</param>
/// <param name="MappingsLeft">How many mappings may still be made.</param>
internal readonly record struct IoSpaceFacts(ulong PageSizes, IReadOnlyList<IoAddressRange> Ranges, uint MappingsLeft);

/// <summary>A region of a device in the device's file.</summary>
internal readonly record struct DmaRegion(long Offset, ulong Length, bool CanBeMapped)
{
    /// <summary>The region that is the configuration space of a PCI device.</summary>
    public const int Configuration = 7;
}

using MemoryPages.Platform.Linux.Native;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Platform.Linux.Native.DeviceCalls;
using static MemoryPages.Platform.Linux.Native.VfioCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>Devices behind an IOMMU: by iommufd where the kernel offers it to this process, else by VFIO's groups and containers.</summary>
/// <remarks>
/// Documentation/driver-api/vfio.rst and Documentation/userspace-api/iommufd.rst of the kernel. A device's own file is the same either way.
/// </remarks>
internal sealed unsafe partial class LinuxMemorySystem
{
    public override SystemError OpenDmaDevice(string address, int group, DmaWay way, IoSpaceFiles space, SafeFileHandle device, out DmaDeviceFacts facts)
    {
        facts = default;
        bool isOfGroups = IsOfGroups(space);
        SystemError refused = way == DmaWay.Group || isOfGroups ? Absent : OpenByIommufd(address, space, device);
        SystemError error = refused;
        if (refused.Failed && way != DmaWay.Device && (isOfGroups || (!space.IsOpen && (way == DmaWay.Group || IsNotOffered(refused)))))
        {
            error = OpenByGroup(address, group, space, device);
        }

        if (error.Failed)
        {
            return error;
        }

        var info = new DeviceInfo { Size = (uint)sizeof(DeviceInfo) };
        if (ioctl(device, VFIO_DEVICE_GET_INFO, &info) != 0)
        {
            error = Errno.Last(nameof(VFIO_DEVICE_GET_INFO));
            device.Close();
            return error;
        }

        facts = new DmaDeviceFacts((info.Flags & VFIO_DEVICE_FLAGS_RESET) != 0, !refused.Failed
            ? $"the device itself is lent by vfio-pci, with addresses of iommufd (group {group})"
            : $"group {group} is lent by vfio-pci" + (way == DmaWay.Best && !isOfGroups ? $" ({WhyNoIommufd(refused)})" : ""));
        return SystemError.None;
    }

    public override SystemError QueryIoSpace(IoSpaceFiles space, out IoSpaceFacts facts) =>
        IsOfGroups(space) ? QueryContainer(space.Space, out facts) : QueryIommufd(space, out facts);

    public override SystemError QueryDmaRegion(SafeFileHandle device, int index, out DmaRegion region)
    {
        var info = new RegionInfo { Size = (uint)sizeof(RegionInfo), Index = (uint)index };
        if (ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &info) != 0)
        {
            region = default;
            return Errno.Last(nameof(VFIO_DEVICE_GET_REGION_INFO));
        }

        region = new DmaRegion((long)info.Offset, info.Length, (info.Flags & VFIO_REGION_INFO_FLAG_MMAP) != 0);
        return SystemError.None;
    }

    public override SystemError MapForDevices(IoSpaceFiles space, nuint address, nuint length, ulong ioAddress, bool mayWrite) => IsOfGroups(space)
        ? MapInContainer(space.Space, address, length, ioAddress, mayWrite)
        : MapByIommufd(space, address, length, ioAddress, mayWrite);

    public override SystemError UnmapForDevices(IoSpaceFiles space, ulong ioAddress, nuint length) => IsOfGroups(space)
        ? UnmapInContainer(space.Space, ioAddress, length)
        : UnmapByIommufd(space, ioAddress, length);

    public override SystemError ResetDevice(SafeFileHandle device)
    {
        return ioctl(device, VFIO_DEVICE_RESET, null) == 0 ? SystemError.None : Errno.Last(nameof(VFIO_DEVICE_RESET));
    }

    /// <summary>A space of iommufd has a number.</summary>
    private static bool IsOfGroups(IoSpaceFiles space) => space is { IsOpen: true, Number: 0 };
}

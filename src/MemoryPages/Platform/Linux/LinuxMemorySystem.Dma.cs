using System.Runtime.InteropServices;
using System.Text;
using MemoryPages.Platform.Linux.Native;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Platform.Linux.Native.VfioCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>VFIO: containers are spaces of IO addresses, groups are devices that an IOMMU cannot tell apart.</summary>
/// <remarks>Documentation/driver-api/vfio.rst of the kernel.</remarks>
internal sealed unsafe partial class LinuxMemorySystem
{
    /// <summary>More than the kernel tells of an IOMMU: a range is 16 bytes, and there are few.</summary>
    private const int MostIommuInfo = 16 * 1024;

    public override SystemError OpenIoSpace(int group, SafeFileHandle space, SafeFileHandle groupFile)
    {
        SystemError error = OpenFile($"/dev/vfio/{group}", forWriting: true, groupFile);
        if (!error.Failed)
        {
            error = OpenFile("/dev/vfio/vfio", forWriting: true, space);
        }

        if (!error.Failed)
        {
            error = Join(groupFile, space);
        }

        if (error.Failed)
        {
            groupFile.Close();
            space.Close();
        }

        return error;
    }

    public override SystemError QueryIoSpace(SafeFileHandle space, out IoSpaceFacts facts)
    {
        byte* buffer = stackalloc byte[MostIommuInfo];
        new Span<byte>(buffer, MostIommuInfo).Clear();
        var info = (IommuInfo*)buffer;
        info->Size = MostIommuInfo;
        facts = default;
        if (ioctl(space, VFIO_IOMMU_GET_INFO, info) != 0)
        {
            return Errno.Last(nameof(VFIO_IOMMU_GET_INFO));
        }

        // What an older kernel does not tell: its smallest pages, and all addresses that 39 bits can say.
        ulong pageSizes = (info->Flags & VFIO_IOMMU_INFO_PGSIZES) != 0 ? info->PageSizes : PageSize;
        IReadOnlyList<IoAddressRange> ranges = [new(0ul, (1ul << 39) - 1)];
        uint left = uint.MaxValue;
        uint next = (info->Flags & VFIO_IOMMU_INFO_CAPS) != 0 ? info->Capabilities : 0;
        while (next != 0 && next <= MostIommuInfo - sizeof(Capability))
        {
            var capability = (Capability*)(buffer + next);
            if (capability->Id == VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE)
            {
                int count = (int)Math.Min(capability->Count, (MostIommuInfo - next - sizeof(Capability)) / sizeof(AddressRange));
                ranges = [.. new ReadOnlySpan<AddressRange>(capability + 1, count).ToArray().Select(range => new IoAddressRange(range.First, range.Last))];
            }
            else if (capability->Id == VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL)
            {
                left = capability->Count;
            }

            next = capability->Next;
        }

        facts = new IoSpaceFacts(pageSizes, ranges, left);
        return SystemError.None;
    }

    public override SystemError OpenDmaDevice(SafeFileHandle group, string address, SafeFileHandle device, out bool canReset)
    {
        canReset = false;
        fixed (byte* name = Encoding.ASCII.GetBytes(address + '\0'))
        {
            int descriptor = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, name);
            if (descriptor < 0)
            {
                return Errno.Last(nameof(VFIO_GROUP_GET_DEVICE_FD));
            }

            Marshal.InitHandle(device, descriptor);
        }

        var info = new DeviceInfo { Size = (uint)sizeof(DeviceInfo) };
        if (ioctl(device, VFIO_DEVICE_GET_INFO, &info) != 0)
        {
            SystemError error = Errno.Last(nameof(VFIO_DEVICE_GET_INFO));
            device.Close();
            return error;
        }

        canReset = (info.Flags & VFIO_DEVICE_FLAGS_RESET) != 0;
        return SystemError.None;
    }

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

    public override SystemError MapForDevices(SafeFileHandle space, nuint address, nuint length, ulong ioAddress, bool mayWrite)
    {
        var map = new DmaMap
        {
            Size = (uint)sizeof(DmaMap), Flags = VFIO_DMA_MAP_FLAG_READ | (mayWrite ? VFIO_DMA_MAP_FLAG_WRITE : 0),
            Address = address, IoAddress = ioAddress, Length = length,
        };
        return ioctl(space, VFIO_IOMMU_MAP_DMA, &map) == 0 ? SystemError.None : Errno.Last(nameof(VFIO_IOMMU_MAP_DMA));
    }

    public override SystemError UnmapForDevices(SafeFileHandle space, ulong ioAddress, nuint length)
    {
        var unmap = new DmaUnmap { Size = (uint)sizeof(DmaUnmap), IoAddress = ioAddress, Length = length };
        return ioctl(space, VFIO_IOMMU_UNMAP_DMA, &unmap) != 0 ? Errno.Last(nameof(VFIO_IOMMU_UNMAP_DMA))
            : unmap.Length == length ? SystemError.None
            : new SystemError(nameof(VFIO_IOMMU_UNMAP_DMA), Errno.ENOENT); // the kernel takes an empty place for unmapped
    }

    public override SystemError ResetDevice(SafeFileHandle device)
    {
        return ioctl(device, VFIO_DEVICE_RESET, null) == 0 ? SystemError.None : Errno.Last(nameof(VFIO_DEVICE_RESET));
    }

    /// <summary>Puts a group into an empty container.</summary>
    private static SystemError Join(SafeFileHandle group, SafeFileHandle space)
    {
        var status = new GroupStatus { Size = (uint)sizeof(GroupStatus) };
        if (ioctl(group, VFIO_GROUP_GET_STATUS, &status) != 0)
        {
            return Errno.Last(nameof(VFIO_GROUP_GET_STATUS));
        }

        if ((status.Flags & VFIO_GROUP_FLAGS_VIABLE) == 0)
        {
            return new SystemError(nameof(VFIO_GROUP_GET_STATUS), Errno.EBUSY);
        }

        using var held = new HeldDescriptor(space);
        int descriptor = held.Number;
        if (ioctl(group, VFIO_GROUP_SET_CONTAINER, &descriptor) != 0)
        {
            return Errno.Last(nameof(VFIO_GROUP_SET_CONTAINER));
        }

        return ioctl(space, VFIO_SET_IOMMU, (void*)VFIO_TYPE1v2_IOMMU) == 0 ? SystemError.None : Errno.Last(nameof(VFIO_SET_IOMMU));
    }
}

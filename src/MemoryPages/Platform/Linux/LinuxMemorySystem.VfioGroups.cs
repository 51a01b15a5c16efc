using System.Runtime.InteropServices;
using System.Text;
using MemoryPages.Platform.Linux.Native;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Platform.Linux.Native.DeviceCalls;
using static MemoryPages.Platform.Linux.Native.VfioCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>VFIO's older way: containers are spaces of IO addresses, groups are devices that an IOMMU cannot tell apart.</summary>
internal sealed unsafe partial class LinuxMemorySystem
{
    /// <summary>More than the kernel tells of an IOMMU: a range is 16 bytes, and there are few.</summary>
    private const int MostIommuInfo = 16 * 1024;

    private SystemError OpenByGroup(string address, int group, IoSpaceFiles space, SafeFileHandle device)
    {
        if (space.GroupFile(group) is { } open)
        {
            return OpenOfGroup(open, address, device);
        }

        var groupFile = new SafeFileHandle();
        var container = new SafeFileHandle();
        bool isNew = !space.IsOpen;
        SystemError error = OpenFile($"/dev/vfio/{group}", forWriting: true, groupFile);
        if (!error.Failed && isNew)
        {
            error = OpenFile("/dev/vfio/vfio", forWriting: true, container);
        }

        if (!error.Failed)
        {
            error = Join(groupFile, isNew ? container : space.Space, isNew);
        }

        if (!error.Failed)
        {
            error = OpenOfGroup(groupFile, address, device);
        }

        if (error.Failed)
        {
            groupFile.Dispose();
            container.Dispose();
            return error;
        }

        space.Own(group, groupFile);
        if (isNew)
        {
            space.Own(container, number: 0);
        }

        return SystemError.None;
    }

    /// <summary>Puts a group into a container. What kind of addresses that has is settled with the first.</summary>
    private static SystemError Join(SafeFileHandle group, SafeFileHandle container, bool isFirst)
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

        using var held = new HeldDescriptor(container);
        int descriptor = held.Number;
        if (ioctl(group, VFIO_GROUP_SET_CONTAINER, &descriptor) != 0)
        {
            return Errno.Last(nameof(VFIO_GROUP_SET_CONTAINER));
        }

        return !isFirst || ioctl(container, VFIO_SET_IOMMU, (void*)VFIO_TYPE1v2_IOMMU) == 0 ? SystemError.None : Errno.Last(nameof(VFIO_SET_IOMMU));
    }

    private static SystemError OpenOfGroup(SafeFileHandle group, string address, SafeFileHandle device)
    {
        fixed (byte* name = Encoding.ASCII.GetBytes(address + '\0'))
        {
            int descriptor = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, name);
            if (descriptor < 0)
            {
                return Errno.Last(nameof(VFIO_GROUP_GET_DEVICE_FD));
            }

            Marshal.InitHandle(device, descriptor);
            return SystemError.None;
        }
    }

    private SystemError QueryContainer(SafeFileHandle container, out IoSpaceFacts facts)
    {
        byte* buffer = stackalloc byte[MostIommuInfo];
        new Span<byte>(buffer, MostIommuInfo).Clear();
        var info = (IommuInfo*)buffer;
        info->Size = MostIommuInfo;
        facts = default;
        if (ioctl(container, VFIO_IOMMU_GET_INFO, info) != 0)
        {
            return Errno.Last(nameof(VFIO_IOMMU_GET_INFO));
        }

        // What an older kernel does not tell: its smallest pages, and all addresses that 39 bits can say.
        ulong pageSizes = (info->Flags & VFIO_IOMMU_INFO_PGSIZES) != 0 ? info->PageSizes : PageSize;
        IReadOnlyList<IoAddressRange> ranges = [new(0ul, (1ul << 39) - 1)];
        uint next = (info->Flags & VFIO_IOMMU_INFO_CAPS) != 0 ? info->Capabilities : 0;
        while (next != 0 && next <= MostIommuInfo - sizeof(Capability))
        {
            var capability = (Capability*)(buffer + next);
            if (capability->Id == VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE)
            {
                int count = (int)Math.Min(capability->Count, (MostIommuInfo - next - sizeof(Capability)) / sizeof(AddressRange));
                ranges = ToRanges(new ReadOnlySpan<AddressRange>(capability + 1, count));
            }

            next = capability->Next;
        }

        facts = new IoSpaceFacts(pageSizes, ranges);
        return SystemError.None;
    }

    private static SystemError MapInContainer(SafeFileHandle container, nuint address, nuint length, ulong ioAddress, bool mayWrite)
    {
        var map = new DmaMap
        {
            Size = (uint)sizeof(DmaMap), Flags = VFIO_DMA_MAP_FLAG_READ | (mayWrite ? VFIO_DMA_MAP_FLAG_WRITE : 0),
            Address = address, IoAddress = ioAddress, Length = length,
        };
        return ioctl(container, VFIO_IOMMU_MAP_DMA, &map) == 0 ? SystemError.None : Errno.Last(nameof(VFIO_IOMMU_MAP_DMA));
    }

    private static SystemError UnmapInContainer(SafeFileHandle container, ulong ioAddress, nuint length)
    {
        var unmap = new DmaUnmap { Size = (uint)sizeof(DmaUnmap), IoAddress = ioAddress, Length = length };
        return ioctl(container, VFIO_IOMMU_UNMAP_DMA, &unmap) != 0 ? Errno.Last(nameof(VFIO_IOMMU_UNMAP_DMA))
            : unmap.Length == length ? SystemError.None
            : new SystemError(nameof(VFIO_IOMMU_UNMAP_DMA), Errno.ENOENT); // the kernel takes an empty place for unmapped
    }

    private static IReadOnlyList<IoAddressRange> ToRanges(ReadOnlySpan<AddressRange> ranges) =>
        [.. ranges.ToArray().Select(range => new IoAddressRange(range.First, range.Last))];
}

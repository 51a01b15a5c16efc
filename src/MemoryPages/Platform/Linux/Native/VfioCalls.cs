namespace MemoryPages.Platform.Linux.Native;

/// <summary>The requests of VFIO: a device in the hands of a program, behind an IOMMU.</summary>
/// <remarks>
/// Constants and structures: linux/vfio.h; the same on all processors. Each structure begins with its own length, by which the kernel tells versions
/// apart; with less room than it needs it says how much that is.
/// </remarks>
internal static class VfioCalls
{
    public const nuint VFIO_GET_API_VERSION = 0x3B64;
    public const nuint VFIO_CHECK_EXTENSION = 0x3B65;
    public const nuint VFIO_SET_IOMMU = 0x3B66;
    public const nuint VFIO_GROUP_GET_STATUS = 0x3B67;
    public const nuint VFIO_GROUP_SET_CONTAINER = 0x3B68;
    public const nuint VFIO_GROUP_GET_DEVICE_FD = 0x3B6A;
    public const nuint VFIO_DEVICE_GET_INFO = 0x3B6B;
    public const nuint VFIO_DEVICE_GET_REGION_INFO = 0x3B6C;
    public const nuint VFIO_DEVICE_RESET = 0x3B6F;
    public const nuint VFIO_IOMMU_GET_INFO = 0x3B70;
    public const nuint VFIO_IOMMU_MAP_DMA = 0x3B71;
    public const nuint VFIO_IOMMU_UNMAP_DMA = 0x3B72;

    /// <summary>The only version there has been.</summary>
    public const int VFIO_API_VERSION = 0;

    /// <summary>Mappings are unmapped whole, as they were mapped.</summary>
    public const int VFIO_TYPE1v2_IOMMU = 3;

    public const uint VFIO_GROUP_FLAGS_VIABLE = 1;
    public const uint VFIO_DEVICE_FLAGS_RESET = 1;
    public const uint VFIO_REGION_INFO_FLAG_MMAP = 4;
    public const uint VFIO_IOMMU_INFO_PGSIZES = 1;
    public const uint VFIO_IOMMU_INFO_CAPS = 2;
    public const uint VFIO_DMA_MAP_FLAG_READ = 1;
    public const uint VFIO_DMA_MAP_FLAG_WRITE = 2;

    public const int VFIO_PCI_CONFIG_REGION_INDEX = 7;

    public const ushort VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE = 1;

    /// <summary>struct vfio_group_status.</summary>
    public struct GroupStatus
    {
        public uint Size;
        public uint Flags;
    }

    /// <summary>struct vfio_device_info.</summary>
    public struct DeviceInfo
    {
        public uint Size;
        public uint Flags;
        public uint Regions;
        public uint Interrupts;
        public uint Capabilities;
        public uint Padding;
    }

    /// <summary>struct vfio_region_info.</summary>
    public struct RegionInfo
    {
        public uint Size;
        public uint Flags;
        public uint Index;
        public uint Capabilities;
        public ulong Length;
        public ulong Offset;
    }

    /// <summary>struct vfio_iommu_type1_info. The capabilities stand behind it, each by its offset from here.</summary>
    public struct IommuInfo
    {
        public uint Size;
        public uint Flags;
        public ulong PageSizes;
        public uint Capabilities;
        public uint Padding;
    }

    /// <summary>struct vfio_info_cap_header, and the word behind it: a count of ranges.</summary>
    public struct Capability
    {
        public ushort Id;
        public ushort Version;
        public uint Next;
        public uint Count;
        public uint Padding;
    }

    /// <summary>struct vfio_iova_range: both ends are of it.</summary>
    public struct AddressRange
    {
        public ulong First;
        public ulong Last;
    }

    /// <summary>struct vfio_iommu_type1_dma_map.</summary>
    public struct DmaMap
    {
        public uint Size;
        public uint Flags;
        public ulong Address;
        public ulong IoAddress;
        public ulong Length;
    }

    /// <summary>struct vfio_iommu_type1_dma_unmap. The kernel writes to the length how many bytes it unmapped.</summary>
    public struct DmaUnmap
    {
        public uint Size;
        public uint Flags;
        public ulong IoAddress;
        public ulong Length;
    }
}

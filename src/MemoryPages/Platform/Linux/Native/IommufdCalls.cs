namespace MemoryPages.Platform.Linux.Native;

/// <summary>The requests of iommufd, which hands out spaces of IO addresses, and those by which a VFIO device is put into one.</summary>
/// <remarks>
/// Constants and structures: linux/iommufd.h, linux/vfio.h; the same on all processors. Each structure begins with its own length: the
/// kernel takes shorter ones for older ones.
/// </remarks>
internal static class IommufdCalls
{
    public const nuint IOMMU_IOAS_ALLOC = 0x3B81;
    public const nuint IOMMU_IOAS_IOVA_RANGES = 0x3B84;
    public const nuint IOMMU_IOAS_MAP = 0x3B85;
    public const nuint IOMMU_IOAS_UNMAP = 0x3B86;
    public const nuint VFIO_DEVICE_BIND_IOMMUFD = 0x3B76;
    public const nuint VFIO_DEVICE_ATTACH_IOMMUFD_PT = 0x3B77;

    public const uint IOMMU_IOAS_MAP_FIXED_IOVA = 1;
    public const uint IOMMU_IOAS_MAP_WRITEABLE = 2;
    public const uint IOMMU_IOAS_MAP_READABLE = 4;

    /// <summary>struct vfio_device_bind_iommufd.</summary>
    public struct DeviceBind
    {
        public uint Size;
        public uint Flags;
        public int Iommufd;
        public uint Device;
    }

    /// <summary>struct vfio_device_attach_iommufd_pt.</summary>
    public struct DeviceAttach
    {
        public uint Size;
        public uint Flags;
        public uint Space;
    }

    /// <summary>struct iommu_ioas_alloc. The kernel writes the number of the new space.</summary>
    public struct SpaceAllocate
    {
        public uint Size;
        public uint Flags;
        public uint Space;
    }

    /// <summary>
    /// struct iommu_ioas_iova_ranges. The ranges are <see cref="VfioCalls.AddressRange"/>s; with too little room for them the kernel says how many
    /// there are (EMSGSIZE).
    /// </summary>
    public struct SpaceRanges
    {
        public uint Size;
        public uint Space;
        public uint Count;
        public uint Reserved;
        public ulong Ranges;
        public ulong Alignment;
    }

    /// <summary>struct iommu_ioas_map.</summary>
    public struct SpaceMap
    {
        public uint Size;
        public uint Flags;
        public uint Space;
        public uint Reserved;
        public ulong Address;
        public ulong Length;
        public ulong IoAddress;
    }

    /// <summary>struct iommu_ioas_unmap.</summary>
    public struct SpaceUnmap
    {
        public uint Size;
        public uint Space;
        public ulong IoAddress;
        public ulong Length;
    }
}

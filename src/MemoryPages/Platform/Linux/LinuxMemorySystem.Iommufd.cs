using MemoryPages.Platform.Linux.Native;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Platform.Linux.Native.DeviceCalls;
using static MemoryPages.Platform.Linux.Native.IommufdCalls;
using static MemoryPages.Platform.Linux.Native.VfioCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>
/// iommufd, VFIO's newer way: spaces of IO addresses are objects of /dev/iommu, and each device has a file of its own, /dev/vfio/devices/vfioN.
/// </summary>
internal sealed unsafe partial class LinuxMemorySystem
{
    private const string Iommufd = "/dev/iommu";

    private SystemError OpenByIommufd(string address, IoSpaceFiles space, SafeFileHandle device)
    {
        bool isNew = !space.IsOpen;
        SafeFileHandle iommu = isNew ? new SafeFileHandle() : space.Space;
        uint number = space.Number;
        SystemError error = FindDeviceFile(address, out string file);
        if (!error.Failed && isNew)
        {
            error = OpenFile(Iommufd, forWriting: true, iommu);
        }

        if (!error.Failed)
        {
            error = OpenFile(file, forWriting: true, device);
        }

        if (!error.Failed && isNew)
        {
            error = AllocateSpace(iommu, out number);
        }

        if (!error.Failed)
        {
            error = Attach(device, iommu, number);
        }

        if (!error.Failed && isNew)
        {
            space.Own(iommu, number);
        }
        else if (error.Failed)
        {
            CloseOpened(isNew ? iommu : null, device);
        }

        return error;
    }

    /// <summary>A handle that was never opened stays usable, for the other way.</summary>
    private static void CloseOpened(SafeFileHandle? iommu, SafeFileHandle device)
    {
        if (!device.IsInvalid)
        {
            device.Close();
        }

        iommu?.Dispose();
    }

    /// <summary>What says that the kernel has no iommufd, or that it is not for this user; all else is a reason to refuse.</summary>
    private static bool IsNotOffered(SystemError error) =>
        error.Call == "open" && error.Code is Errno.ENOENT or Errno.ENODEV or Errno.ENXIO or Errno.EACCES or Errno.EPERM;

    private static string WhyNoIommufd(SystemError refused) => refused.Code is Errno.EACCES or Errno.EPERM
        ? $"iommufd is not open to this user: {Iommufd}, /dev/vfio/devices"
        : File.Exists(Iommufd) ? "the kernel's VFIO has no device files for iommufd" : "the kernel has no iommufd, or its module is not loaded: modprobe iommufd";

    /// <summary>There is none where the kernel makes none, or nothing lends the device to programs.</summary>
    private static SystemError FindDeviceFile(string address, out string file)
    {
        file = "";
        try
        {
            file = $"/dev/vfio/devices/{Path.GetFileName(Directory.EnumerateFileSystemEntries($"{PciFolder(address)}/vfio-dev").First())}";
            return SystemError.None;
        }
        catch (Exception missing) when (missing is DirectoryNotFoundException or InvalidOperationException)
        {
            return new SystemError("open", Errno.ENOENT);
        }
        catch (IOException refused)
        {
            return new SystemError("open", refused.HResult); // of the framework's error it is the system's number
        }
    }

    private static SystemError AllocateSpace(SafeFileHandle iommu, out uint number)
    {
        var allocate = new SpaceAllocate { Size = (uint)sizeof(SpaceAllocate) };
        bool allocated = ioctl(iommu, IOMMU_IOAS_ALLOC, &allocate) == 0;
        SystemError error = allocated ? SystemError.None : Errno.Last(nameof(IOMMU_IOAS_ALLOC));
        number = allocate.Space;
        return error;
    }

    /// <summary>The device stays in the space until its file is closed.</summary>
    private static SystemError Attach(SafeFileHandle device, SafeFileHandle iommu, uint number)
    {
        using var held = new HeldDescriptor(iommu);
        var bind = new DeviceBind { Size = (uint)sizeof(DeviceBind), Iommufd = held.Number };
        if (ioctl(device, VFIO_DEVICE_BIND_IOMMUFD, &bind) != 0)
        {
            return Errno.Last(nameof(VFIO_DEVICE_BIND_IOMMUFD));
        }

        var attach = new DeviceAttach { Size = (uint)sizeof(DeviceAttach), Space = number };
        return ioctl(device, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach) == 0 ? SystemError.None : Errno.Last(nameof(VFIO_DEVICE_ATTACH_IOMMUFD_PT));
    }

    /// <remarks>
    /// The sizes of the IOMMU's pages are not told, but for the smallest; those of the processor are what they are in practice, and a wrong guess
    /// only aligns too well.
    /// </remarks>
    private static SystemError QueryIommufd(IoSpaceFiles space, out IoSpaceFacts facts)
    {
        facts = default;
        var ranges = new AddressRange[16];
        while (true)
        {
            fixed (AddressRange* first = ranges)
            {
                var query = new SpaceRanges { Size = (uint)sizeof(SpaceRanges), Space = space.Number, Count = (uint)ranges.Length, Ranges = (ulong)first };
                SystemError error = ioctl(space.Space, IOMMU_IOAS_IOVA_RANGES, &query) == 0 ? SystemError.None : Errno.Last(nameof(IOMMU_IOAS_IOVA_RANGES));
                if (error.Code == Errno.EMSGSIZE && query.Count > ranges.Length)
                {
                    ranges = new AddressRange[query.Count];
                }
                else
                {
                    facts = error.Failed ? default : new IoSpaceFacts(
                        query.Alignment | MemoryPages.PageSize.Huge.ToArray().Aggregate(0ul, static (sizes, size) => sizes | size), ToRanges(ranges.AsSpan(0, (int)query.Count)));
                    return error;
                }
            }
        }
    }

    private static SystemError MapByIommufd(IoSpaceFiles space, nuint address, nuint length, ulong ioAddress, bool mayWrite)
    {
        var map = new SpaceMap
        {
            Size = (uint)sizeof(SpaceMap), Flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE | (mayWrite ? IOMMU_IOAS_MAP_WRITEABLE : 0),
            Space = space.Number, Address = address, Length = length, IoAddress = ioAddress,
        };
        return ioctl(space.Space, IOMMU_IOAS_MAP, &map) == 0 ? SystemError.None : Errno.Last(nameof(IOMMU_IOAS_MAP));
    }

    private static SystemError UnmapByIommufd(IoSpaceFiles space, ulong ioAddress, nuint length)
    {
        var unmap = new SpaceUnmap { Size = (uint)sizeof(SpaceUnmap), Space = space.Number, IoAddress = ioAddress, Length = length };
        return ioctl(space.Space, IOMMU_IOAS_UNMAP, &unmap) == 0 ? SystemError.None : Errno.Last(nameof(IOMMU_IOAS_UNMAP));
    }
}

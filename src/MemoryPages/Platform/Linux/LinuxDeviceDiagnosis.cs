using MemoryPages.Platform.Linux.Native;

namespace MemoryPages.Platform.Linux;

/// <summary>What errors mean of devices.</summary>
internal static class LinuxDeviceDiagnosis
{
    private const string OpenAlready = "A program has the device, or another of its IOMMU group, open already: a group is lent to one at a time, which opens its second device beside "
        + "the first (DmaDevice.OpenVfio).";

    /// <returns>Null where it is nothing of a device's own.</returns>
    public static Diagnosis? Of(SystemError error, in FailedOperation operation) => (error.Call, error.Code) switch
    {
        ("driver_override", Errno.ENOENT) => new(ErrorReason.NotFound,
            "The kernel has no PCI driver of that name: load its module (modprobe vfio-pci)."),
        ("drivers_probe", Errno.ENODEV or Errno.EINVAL) => new(ErrorReason.NotSupported,
            "The driver did not take the device: vfio-pci takes devices behind an IOMMU only. The kernel log says more."),
        ("driver_override" or "unbind" or "drivers_probe", Errno.EACCES or Errno.EPERM) => new(ErrorReason.AccessDenied,
            "Only root may give a device to another driver."),
        ("open", Errno.ENOENT) when operation.Name is "OpenVfio" => NotLent(operation),
        ("open", Errno.EACCES or Errno.EPERM) when operation.Name is "OpenVfio" => new(ErrorReason.AccessDenied,
            $"Only root may open it, and the user whom root gave the group to: chown USER /dev/vfio/{Facts(operation)?.IommuGroup}, or /dev/iommu and its file in /dev/vfio/devices."),
        ("open", Errno.EBUSY) => new(ErrorReason.Busy, OpenAlready),
        ("open" or nameof(VfioCalls.VFIO_GROUP_GET_DEVICE_FD), Errno.EMFILE) => LinuxDiagnosis.TooManyFiles(),
        (nameof(VfioCalls.VFIO_GROUP_GET_STATUS), Errno.EBUSY) => new(ErrorReason.Busy, GroupInUse(operation)),
        (nameof(IommufdCalls.VFIO_DEVICE_BIND_IOMMUFD), Errno.EBUSY or Errno.EINVAL) => new(ErrorReason.Busy, GroupInUse(operation)),
        (nameof(IommufdCalls.VFIO_DEVICE_BIND_IOMMUFD), Errno.EPERM) when Neighbours(operation).Any() => new(ErrorReason.Busy, GroupInUse(operation)),
        (nameof(IommufdCalls.VFIO_DEVICE_ATTACH_IOMMUFD_PT), Errno.EBUSY or Errno.EINVAL) => new(ErrorReason.Busy,
            "The device shares its IOMMU group with others that have other IO addresses, or these IO addresses do not fit it."),
        (nameof(VfioCalls.VFIO_GROUP_GET_DEVICE_FD), Errno.ENODEV) => NotLent(operation),
        (nameof(VfioCalls.VFIO_SET_IOMMU) or nameof(IommufdCalls.VFIO_DEVICE_BIND_IOMMUFD), Errno.EPERM) => new(ErrorReason.NotSupported, "The machine does not translate interrupts, without which a device could send any: "
            + "switch interrupt remapping on in the firmware. The kernel log says more."),
        (nameof(VfioCalls.VFIO_SET_IOMMU), Errno.ENODEV) => new(ErrorReason.NotSupported, "The kernel has no VFIO for this IOMMU: modprobe vfio_iommu_type1."),
        (nameof(VfioCalls.VFIO_IOMMU_MAP_DMA) or nameof(IommufdCalls.IOMMU_IOAS_MAP), Errno.EEXIST) => new(ErrorReason.AlreadyExists, operation.Because ?? "The IO addresses are in use."),
        (nameof(VfioCalls.VFIO_IOMMU_MAP_DMA) or nameof(IommufdCalls.IOMMU_IOAS_MAP), Errno.EINVAL or Errno.EOVERFLOW) => new(ErrorReason.NotSupported,
            operation.Because ?? "The IOMMU takes neither this IO address nor this length: both must be multiples of its pages."),
        (nameof(VfioCalls.VFIO_IOMMU_MAP_DMA), Errno.ENOMEM) => LinuxDiagnosis.LockLimit(operation) ?? LinuxDiagnosis.OutOfMemory(),
        (nameof(IommufdCalls.IOMMU_IOAS_MAP), Errno.ENOMEM) => PinLimit(operation) ?? LinuxDiagnosis.OutOfMemory(),
        (nameof(VfioCalls.VFIO_IOMMU_MAP_DMA) or nameof(IommufdCalls.IOMMU_IOAS_MAP), Errno.EFAULT) => new(ErrorReason.Unbacked,
            "A page has nothing behind it (the file is shorter than the mapping, a guard is installed), or may not be written, or its kind of memory cannot be held in place."),
        (nameof(VfioCalls.VFIO_IOMMU_MAP_DMA), Errno.ENOSPC) => new(ErrorReason.TooManyMappings,
            "The kernel keeps no more mappings for devices: raise dma_entry_limit of the module vfio_iommu_type1, or map in larger pieces."),
        ("open", Errno.ENOENT) when operation.Name is "MapResource" => new(ErrorReason.NotFound, "The kernel offers no file for this region of the device."),
        ("open", Errno.ENOENT) => new(ErrorReason.NotFound, "There is no PCI device at this address: lspci -D lists them."),
        ("open", Errno.EACCES or Errno.EPERM) => new(ErrorReason.AccessDenied, "Only root may open it, and not where the kernel is locked down "
            + "(/sys/kernel/security/lockdown)."),
        ("pread", Errno.EACCES) => new(ErrorReason.AccessDenied,
            "Without the capability CAP_SYS_ADMIN the kernel shows the first 64 bytes of a device's configuration only."),
        ("pwrite", Errno.ESPIPE or Errno.EBADF or Errno.EACCES or Errno.EPERM) => new(ErrorReason.AccessDenied, // the first: a file of the kernel that is open to read only
            "Only root may change a device's configuration, and not where the kernel is locked down (/sys/kernel/security/lockdown)."),
        _ => null,
    };

    /// <summary>A driver of the kernel has a device that the IOMMU cannot tell from this one; or else a program has one.</summary>
    private static string GroupInUse(in FailedOperation operation)
    {
        foreach ((string address, string driver) in Neighbours(operation))
        {
            if (driver is not ("vfio-pci" or "pci-stub"))
            {
                return $"The kernel's driver '{driver}' has {address}, which is of the same IOMMU group: the IOMMU cannot tell them apart. Give all of "
                    + $"/sys/kernel/iommu_groups/{Facts(operation)?.IommuGroup}/devices to vfio-pci, or to no driver (PciDevice.Bind).";
            }
        }

        return OpenAlready;
    }

    /// <summary>Who drives the other devices of the group, but for bridges, which stand in nobody's way.</summary>
    private static IEnumerable<(string Address, string Driver)> Neighbours(FailedOperation operation)
    {
        string devices = $"/sys/kernel/iommu_groups/{Facts(operation)?.IommuGroup}/devices";
        foreach (string path in Directory.Exists(devices) ? Directory.EnumerateFileSystemEntries(devices) : [])
        {
            string address = Path.GetFileName(path);
            if (address != operation.Device && !MemorySystem.Current.QueryPciDevice(address, out PciFacts facts).Failed && facts.Driver.Name is { } driver and not "pcieport")
            {
                yield return (address, driver);
            }
        }
    }

    /// <summary>iommufd counts what it holds for the user, whatever the process is allowed to lock.</summary>
    private static Diagnosis? PinLimit(in FailedOperation operation) => LinuxLimits.Fits(operation.Length, LinuxLimits.PinnedUsed, LinuxLimits.Locked) ? null
        : new(ErrorReason.LockLimit, LinuxDiagnosis.Text($"{operation.Length:N0} bytes are to be held for a device; the process holds {LinuxLimits.PinnedUsed:N0} already, and all of this ")
            + LinuxDiagnosis.Text($"user's processes together may hold {LinuxLimits.Locked:N0}: raise RLIMIT_MEMLOCK (ulimit -l in kilobytes, memlock in limits.conf, LimitMEMLOCK= of a service)."));

    private static Diagnosis NotLent(in FailedOperation operation)
    {
        if (!File.Exists("/dev/vfio/vfio"))
        {
            return new(ErrorReason.NotSupported, "The kernel has no VFIO, or its module is not loaded: modprobe vfio-pci.");
        }

        return Facts(operation)?.Driver.Name is { } driver and not "vfio-pci"
            ? new(ErrorReason.Busy, $"The kernel's driver '{driver}' has it: PciDevice.Bind(\"vfio-pci\") takes it away for a while.")
            : new(ErrorReason.NotFound, "It is not lent to programs: give it to the driver vfio-pci with PciDevice.Bind(\"vfio-pci\").");
    }

    private static PciFacts? Facts(in FailedOperation operation) =>
        operation.Device is { } address && !MemorySystem.Current.QueryPciDevice(address, out PciFacts facts).Failed ? facts : null;
}

using MemoryPages.Platform.Linux.Native;

namespace MemoryPages.Platform.Linux;

/// <summary>What errors mean of devices.</summary>
internal static class LinuxDeviceDiagnosis
{
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
            $"Only root may open it, and the user whom root gave the group to: chown USER /dev/vfio/{Facts(operation)?.IommuGroup}."),
        ("open", Errno.EBUSY) => new(ErrorReason.Busy, "Another program has the device's IOMMU group open, or this one has it already: it is lent to one at a time."),
        ("open" or nameof(VfioCalls.VFIO_GROUP_GET_DEVICE_FD), Errno.EMFILE) => LinuxDiagnosis.TooManyFiles(),
        (nameof(VfioCalls.VFIO_GROUP_GET_STATUS), Errno.EBUSY) => new(ErrorReason.Busy, "Another device of its IOMMU group has a driver of the kernel, and the IOMMU cannot tell "
            + $"them apart: give all of /sys/kernel/iommu_groups/{Facts(operation)?.IommuGroup}/devices to vfio-pci, or to no driver."),
        (nameof(VfioCalls.VFIO_GROUP_GET_DEVICE_FD), Errno.ENODEV) => NotLent(operation),
        (nameof(VfioCalls.VFIO_SET_IOMMU), Errno.EPERM) => new(ErrorReason.NotSupported, "The machine does not translate interrupts, without which a device could send any: "
            + "switch interrupt remapping on in the firmware. The kernel log says more."),
        (nameof(VfioCalls.VFIO_SET_IOMMU), Errno.ENODEV) => new(ErrorReason.NotSupported, "The kernel has no VFIO for this IOMMU: modprobe vfio_iommu_type1."),
        (nameof(VfioCalls.VFIO_IOMMU_MAP_DMA), Errno.EEXIST) => new(ErrorReason.AlreadyExists, operation.Because ?? "The IO addresses are in use."),
        (nameof(VfioCalls.VFIO_IOMMU_MAP_DMA), Errno.EINVAL) => new(ErrorReason.NotSupported,
            operation.Because ?? "The IOMMU takes neither this IO address nor this length: both must be multiples of its pages."),
        (nameof(VfioCalls.VFIO_IOMMU_MAP_DMA), Errno.ENOMEM) => LinuxDiagnosis.LockLimit(operation) ?? LinuxDiagnosis.OutOfMemory(),
        (nameof(VfioCalls.VFIO_IOMMU_MAP_DMA), Errno.EFAULT) => new(ErrorReason.Unbacked,
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

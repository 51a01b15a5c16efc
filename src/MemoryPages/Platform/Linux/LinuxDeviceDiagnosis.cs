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
        ("open", Errno.ENOENT) when operation.Name is "MapResource" => new(ErrorReason.NotFound, "The kernel offers no file for this region of the device."),
        ("open", Errno.ENOENT) => new(ErrorReason.NotFound, "There is no PCI device at this address: lspci -D lists them."),
        ("open", Errno.EACCES or Errno.EPERM) => new(ErrorReason.AccessDenied, "Only root may open it, and not where the kernel is locked down "
            + "(/sys/kernel/security/lockdown)."),
        ("pread", Errno.EACCES) => new(ErrorReason.AccessDenied,
            "Without the capability CAP_SYS_ADMIN the kernel shows the first 64 bytes of a device's configuration only."),
        ("pwrite", Errno.EBADF or Errno.EACCES or Errno.EPERM) => new(ErrorReason.AccessDenied,
            "Only root may change a device's configuration, and not where the kernel is locked down (/sys/kernel/security/lockdown)."),
        _ => null,
    };
}

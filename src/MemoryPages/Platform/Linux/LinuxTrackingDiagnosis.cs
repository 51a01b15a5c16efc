using MemoryPages.Platform.Linux.Native;
using static MemoryPages.Platform.Linux.Native.PageScanCalls;
using static MemoryPages.Platform.Linux.Native.UserFaultCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>What errors mean of tracking writes.</summary>
internal static class LinuxTrackingDiagnosis
{
    /// <returns>Null where it is none of these.</returns>
    public static Diagnosis? Of(SystemError error) => (error.Call, error.Code) switch
    {
        (nameof(UFFDIO_API), Errno.EINVAL) or (nameof(PAGEMAP_SCAN), Errno.ENOTTY) => new(ErrorReason.NotSupported,
            "The kernel does not remember which pages were written: that takes Linux 6.7, built with CONFIG_PTE_MARKER_UFFD_WP."),
        ("userfaultfd", Errno.ENOSYS) => new(ErrorReason.NotSupported,
            "The kernel was built without CONFIG_USERFAULTFD, or a sandbox hides userfaultfd(2)."),
        ("userfaultfd", Errno.EPERM) => new(ErrorReason.AccessDenied,
            "A sandbox forbids userfaultfd(2), as containers do by default. It takes no privilege: a seccomp profile that lets it through is enough."),
        ("userfaultfd", Errno.EMFILE) => LinuxDiagnosis.TooManyFiles(),
        ("userfaultfd", Errno.ENFILE) => LinuxDiagnosis.TooManyFilesOfTheSystem(),
        (nameof(UFFDIO_REGISTER), Errno.EBUSY) => new(ErrorReason.Busy,
            "Writes to some of these pages are tracked already, or another part of this process handles their faults: one at a time."),
        (nameof(UFFDIO_REGISTER), Errno.EINVAL) => new(ErrorReason.NotSupported, "The kernel does not track writes to memory of this kind."),
        (nameof(PAGEMAP_SCAN), Errno.EPERM) => new(ErrorReason.Other,
            "A part of the pages was mapped anew behind this library's back, and what was written there is not known."),
        _ => null,
    };
}

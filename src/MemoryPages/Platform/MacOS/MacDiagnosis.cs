using MemoryPages.Platform.MacOS.Native;

namespace MemoryPages.Platform.MacOS;

/// <summary>Turns an error number into what a person can act on.</summary>
internal static class MacDiagnosis
{
    public static Diagnosis Of(SystemError error, in FailedOperation operation) => (error.Call, error.Code) switch
    {
        (_, Errno.ENOTSUP) => new(ErrorReason.NotSupported, WhyNot(error, operation)),
        ("open", Errno.ENOENT or Errno.ENOTDIR) => new(ErrorReason.NotFound, "There is no such file."),
        ("open", Errno.EACCES or Errno.EPERM) => new(ErrorReason.AccessDenied,
            "Its permissions do not let this user in, or macOS asks for consent: System Settings, Privacy & Security."),
        (_, Errno.EMFILE) => new(ErrorReason.Other,
            "The process has as many files open as it may: raise the limit (ulimit -n; launchctl limit maxfiles)."),
        (_, Errno.ENFILE) => new(ErrorReason.Other, "The whole system has as many files open as it may (sysctl kern.maxfiles)."),
        ("mmap", Errno.ENODEV) => new(ErrorReason.NotSupported,
            "What is behind this path cannot be mapped, only files and shared memory can: read it instead."),
        ("mmap", Errno.EINVAL) when operation.PageSize > PageSize.Base => NoSuperpages(operation),
        ("mmap", Errno.ENOMEM) when operation.PageSize > PageSize.Base => new(ErrorReason.NoHugePages,
            "The system could not find that many superpages: each wants physical memory in one piece, which gets rare some time after the start of "
            + "the machine. Allocate them early, or allow ordinary pages with HugePagePolicy.Prefer."),
        ("munlock", _) when operation.PageSize > PageSize.Base => new(ErrorReason.NotSupported,
            "Superpages are in memory for as long as they exist."),
        ("mmap" or "mprotect" or "mach_vm_remap", Errno.EPERM or Errno.EACCES) => NotAllowed(operation),
        ("mlock", Errno.EAGAIN) => new(ErrorReason.LockLimit,
            "So much may not be locked: the least of ulimit -l, sysctl vm.user_wire_limit, and for all programs together vm.global_user_wire_limit."),
        ("mlock", Errno.EPERM) => new(ErrorReason.AccessDenied, "Pages that can be neither read nor written cannot be locked."),
        ("mlock" or "mach_vm_read_overwrite" or "mmap", Errno.ENOMEM or Errno.EFAULT) when operation.Backing != Backing.Memory =>
            new(ErrorReason.Unbacked, "A page of the range has nothing behind it: the file is shorter than the mapping."),
        ("mach_vm_read_overwrite", Errno.EFAULT) => new(ErrorReason.Unbacked, "A page of the range may not be accessed that way."),
        ("mach_vm_allocate", Errno.ENOMEM) => new(ErrorReason.AddressSpaceLimit,
            "There is no room behind the pages: mayMove lets them have another address."),
        ("mmap", Errno.ENOMEM) when operation.Reach != 0 => new(ErrorReason.AddressSpaceLimit,
            "So many free bytes do not lie within that reach: ask for fewer bytes or a longer reach. macOS keeps the first 4 GiB of a program free."),
        ("mmap", Errno.ENOMEM) => new(ErrorReason.AddressSpaceLimit, "There are not so many addresses free (ulimit -v)."),
        ("madvise", Errno.EINVAL) => new(ErrorReason.NotSupported, "The kernel does not give this advice for this kind of memory."),
        ("madvise", Errno.EPERM) => new(ErrorReason.AccessDenied, "Only pages that can be written can be offered, or zeroed at their end."),
        ("ftruncate", Errno.EINVAL) => new(ErrorReason.NotSupported, "macOS gives shared memory its length once, when it is made: make another."),
        ("fcntl", Errno.EBADF or Errno.EPERM) => new(ErrorReason.AccessDenied, "The handle must be a file's, and open for writing."),
        (_, Errno.ENOSPC) => new(ErrorReason.NoSpace, "The volume is full: make room (the system frees purgeable space when it likes)."),
        (_, Errno.EDQUOT) => new(ErrorReason.NoSpace, "The quota on this volume is used up."),
        (_, Errno.EFBIG) => new(ErrorReason.FileSizeLimit, "The file may not be that long: ulimit -f, or the file system's own limit."),
        (_, Errno.EROFS) => new(ErrorReason.AccessDenied, "The volume is mounted read-only."),
        (_, Errno.EEXIST) => new(ErrorReason.AlreadyExists, null),
        (_, Errno.EIO) => new(ErrorReason.InputOutput, "The device behind the file failed. What was changed since the last flush may be lost."),
        (_, Errno.EOPNOTSUPP or Errno.ENOSYS) => new(ErrorReason.NotSupported, "This file system, or this version of macOS, does not have it."),
        (_, Errno.ENOMEM) => new(ErrorReason.OutOfMemory, "The system has no memory left for it."),
        (_, Errno.EACCES or Errno.EPERM) => new(ErrorReason.AccessDenied, null),
        _ => new(ErrorReason.Other, null),
    };

    private static Diagnosis NoSuperpages(in FailedOperation operation) => new(ErrorReason.NoHugePages, FormattableString.Invariant(
        $"There are no pages of {operation.PageSize:N0} bytes: macOS has superpages of 2 MiB on Intel's processors, and none on Apple's."));

    private static Diagnosis NotAllowed(in FailedOperation operation) => new(ErrorReason.AccessDenied,
        (operation.Wished & PageProtection.Execute) != 0
        ? "This process may not run memory that is not signed: with the hardened runtime the program needs the entitlement "
            + "com.apple.security.cs.allow-unsigned-executable-memory; files, a signature."
        : operation.Backing != Backing.Memory
        ? "The file must be open for what is asked: shared pages that are written take a handle that is open for writing."
        : "The kernel does not allow this protection here.");

    /// <summary>Why macOS cannot do it, or this floor does not: one sentence for each place that says so.</summary>
    private static string WhyNot(SystemError error, in FailedOperation operation) => (operation.Name, error.Call) switch
    {
        (_, "pthread_jit_write_protect_np") =>
            "On Apple's processors no memory is both written and run, but what MAP_JIT maps for programs that switch between the two thread by "
                + "thread, which managed code cannot: the switch would take its own code away.",
        ("Discard", _) => "macOS does not forget copies of a file's pages: map the file anew.",
        ("Lock", _) => "macOS locks pages now or not at all: LockMode.OnFault has no equivalent.",
        ("Remove", _) => "F_PUNCHHOLE takes the file, which only pages that write to it keep: map it with MapShared.",
        ("Advise" or "DangerousAdvise", _) => "macOS has no call for this advice; IsSupported tells beforehand.",
        (_, "mach_vm_allocate" or "mach_vm_remap") =>
            "Pages of a file are neither made longer nor moved without it, and superpages not moved: map the file anew, or with a length "
                + "(MapShared), to grow.",
        (_, "shm_open" or "shm_unlink") =>
            "Shared memory of macOS has no seals and no huge pages, and a name for it would be seen before its memory is there: make it without, and "
                + "let child processes inherit it; or map a file.",
        (_, "fileport_makefd") => "macOS shows no descriptors of other processes: let a child process inherit it.",
        (_, "sendmsg" or "recvmsg") => "Sending shared memory through a socket is not written for macOS: let a child process inherit it.",
        (_, "fcntl") => "F_PREALLOCATE takes space behind the end of a file only: a hole before it stays one. Use FileSpace.Sparse.",
        (_, "mincore") => "macOS tells which pages of a mapping are in memory, and nothing of a file that is not mapped.",
        (_, "macOS") => "macOS shows programs no frames, nodes or devices.",
        (_, "mmap") => "There are no huge pages of that size here.",
        (_, "mprotect") => "macOS has no call that fixes a protection for good.",
        _ => "macOS does not have this for this kind of memory, or this file system does not.",
    };
}

using System.Globalization;
using MemoryPages.Platform.Linux.Native;

namespace MemoryPages.Platform.Linux;

/// <summary>
/// Turns an error number into what a person can act on. One number means many things (ENOMEM alone: five), so the limits that could have been
/// hit are looked up now: this runs only when an exception is about to be thrown.
/// </summary>
internal static class LinuxDiagnosis
{
    internal const string OrdinaryPages = ", or allow ordinary pages with HugePagePolicy.Prefer";

    public static Diagnosis Of(SystemError error, in FailedOperation operation) =>
        LinuxPhysicalDiagnosis.Of(error, operation)
        ?? LinuxDmaBufferDiagnosis.Of(error, operation)
        ?? LinuxTrackingDiagnosis.Of(error)
        ?? (operation.Device is not null ? LinuxDeviceDiagnosis.Of(error, operation)
            : operation.Backing == Backing.Memory ? LinuxSharingDiagnosis.Of(error, operation)
            : LinuxFileDiagnosis.Of(error, operation))
        ?? LinuxStorageDiagnosis.Of(error, operation)
        ?? OfMemory(error, operation);

    internal static Diagnosis TooManyFiles() =>
        new(ErrorReason.Other, "The process has as many files open as it may: raise RLIMIT_NOFILE (ulimit -n).");

    internal static Diagnosis TooManyFilesOfTheSystem() =>
        new(ErrorReason.Other, "The whole system has as many files open as it may; as root: raise fs.file-max with sysctl.");

    private static Diagnosis OfMemory(SystemError error, in FailedOperation operation)
    {
        bool huge = operation.PageSize > MemorySystem.Current.PageSize;
        return (error.Call, error.Code) switch
        {
            (_, Errno.EPERM) when operation.IsSealed => new(ErrorReason.Sealed,
                "The pages are sealed (Seal): mapping and protection stay as they are for the life of the process."),
            ("mmap", Errno.ENOMEM or Errno.EINVAL) when huge => NoHugePages(operation, OrdinaryPages),
            ("mmap", Errno.ENOMEM) when operation.Reach != 0 && MappingLimit() is null => NoGapNear(operation),
            ("mremap", Errno.EINVAL) when huge => new(ErrorReason.NotSupported, "Explicit huge pages cannot be resized: allocate anew and copy."),
            ("mremap", Errno.EINVAL) when operation.Length >= LinuxAddressSpace.End => TooManyAddresses(),
            ("mmap" or "mremap", Errno.ENOMEM) => NoAddressSpace(error, operation),
            ("mlock" or "mlock2", Errno.ENOMEM) => MappingLimit() ?? LockLimit(operation)
                ?? new(ErrorReason.Unbacked, "Not every page could be made resident: one has nothing behind it, as where a file is shorter than the mapping."),
            ("mlock" or "mlock2", Errno.EPERM) => LockLimit(operation)
                ?? new(ErrorReason.AccessDenied, "The process may not lock memory: it needs the capability CAP_IPC_LOCK, or a sandbox forbids it."),
            ("mlock" or "mlock2", Errno.EAGAIN) => MappingLimit() ?? new(ErrorReason.OutOfMemory, "Not every page could be made resident; no memory was left for it."),
            ("madvise" or "process_vm_readv" or "futex", Errno.EFAULT) => Unbacked(operation, huge),
            ("madvise", Errno.EHWPOISON) => new(ErrorReason.InputOutput, "A page of the range is marked as broken memory."),
            ("madvise", Errno.ENOMEM) => MappingLimit() ?? Unmapped(),
            (_, Errno.ENOMEM) => MappingLimit() ?? OutOfMemory(),
            ("mmap", Errno.EACCES or Errno.EPERM) => new(ErrorReason.AccessDenied,
                "This process may not have executable memory, or not of this kind (PR_SET_MDWE, SELinux, a sandbox)."),
            ("mprotect", Errno.EACCES) => new(ErrorReason.AccessDenied,
                "This process may not make written pages executable (PR_SET_MDWE, SELinux): a dual-mapped CodeHeap does not have to."),
            ("mseal", Errno.ENOSYS) => new(ErrorReason.NotSupported, "The kernel cannot seal: it is older than Linux 6.10, has 32 bits, or a sandbox hides the call."),
            ("mremap", Errno.EAGAIN) => LockLimit(operation) ?? OutOfMemory(),
            ("madvise", Errno.EAGAIN) => MappingLimit() ?? new(ErrorReason.OutOfMemory, "A resource of the kernel was short; another attempt may succeed."),
            ("madvise", Errno.EINVAL) => new(ErrorReason.NotSupported,
                "The kernel does not know this advice, or does not give it for this kind of memory (locked, shared, file or huge pages)."),
            ("madvise", Errno.EPERM) => new(ErrorReason.AccessDenied, "The advice needs the capability CAP_SYS_ADMIN, or the range is sealed."),
            ("sigaction", Errno.EBUSY) => new(ErrorReason.Other, "Another part of this process has put its handler for SIGBUS over this library's once more, "
                + "after the library went over it: without SurviveTruncation the file can be mapped."),
            (_, Errno.EPERM) => new(ErrorReason.AccessDenied, "The range is sealed, or a privilege is missing."),
            (_, Errno.EACCES) => new(ErrorReason.AccessDenied, null),
            (_, Errno.ENOSYS) => new(ErrorReason.NotSupported, "The running kernel does not have this call, or a sandbox hides it."),
            _ => new(ErrorReason.Other, null),
        };
    }

    /// <param name="operation">What failed.</param>
    /// <param name="fallback">What else the program could wish; null where there is nothing else.</param>
    internal static Diagnosis NoHugePages(in FailedOperation operation, string? fallback)
    {
        nuint size = operation.PageSize;
        if (!MemorySystem.Current.HugePageSizes.Contains(size))
        {
            string offered = string.Join(", ", MemorySystem.Current.HugePageSizes.ToArray().Select(Size));
            return new(ErrorReason.NoHugePages,
                $"This system has no huge pages of {Size(size)}; it offers {(offered.Length == 0 ? "none" : offered)}.");
        }

        long free = LinuxHugePages.Counter(size, "free_hugepages");
        long reserved = LinuxHugePages.Counter(size, "resv_hugepages");
        long total = LinuxHugePages.Counter(size, "nr_hugepages");
        long surplus = LinuxHugePages.Counter(size, "surplus_hugepages");
        nuint wanted = (operation.Length + size - 1) / size;
        return new(ErrorReason.NoHugePages, Text(
            $"{wanted} pages of {Size(size)} are wanted; the pool has {total} ({surplus} surplus), {free} free, {reserved} of these promised to others. ")
            + Text($"As root: echo {total + (long)wanted} > {LinuxHugePages.Folder(size)}/nr_hugepages ")
            + Text($"(at boot: hugepagesz={size / 1024}K hugepages=N)") + fallback + ".");
    }

    private static Diagnosis NoAddressSpace(SystemError error, in FailedOperation operation)
    {
        if (MappingLimit() is { } mappings)
        {
            return mappings;
        }

        (long used, long limit) = (LinuxLimits.AddressSpaceUsed, LinuxLimits.AddressSpace);
        if (limit != 0 && !LinuxLimits.Fits(operation.Length, used, limit))
        {
            return new(ErrorReason.AddressSpaceLimit,
                Text($"The process holds {used:N0} of at most {limit:N0} bytes of address space (ulimit -v, RLIMIT_AS)."));
        }

        if (operation.Length >= LinuxAddressSpace.End)
        {
            return TooManyAddresses();
        }

        long overcommit = LinuxFiles.ReadNumber("/proc/sys/vm/overcommit_memory");
        if (overcommit == 2)
        {
            long promised = LinuxFiles.ReadField("/proc/meminfo", "Committed_AS:") * 1024;
            long most = LinuxFiles.ReadField("/proc/meminfo", "CommitLimit:") * 1024;
            return new(ErrorReason.CommitLimit, Text($"The system promises memory strictly (vm.overcommit_memory=2) and has promised {promised:N0} of ")
                + Text($"{most:N0} bytes; raise vm.overcommit_ratio, or reserve addresses first and commit what is needed."));
        }

        return error.Call == "mremap"
            ? new(ErrorReason.AddressSpaceLimit, "There is no room behind the pages: mayMove lets them have another address. "
                + "Where that was allowed, the system refuses to promise that much memory.")
            : new(ErrorReason.OutOfMemory,
                "The system refuses to promise that much (vm.overcommit_memory=0 refuses what memory and swap could never hold). NoReserve asks for no promise.");
    }

    /// <summary>How near it came.</summary>
    private static Diagnosis NoGapNear(in FailedOperation operation)
    {
        var wished = new ReserveRequest { Length = operation.Length, Alignment = operation.PageSize, NearAddress = operation.Address };
        return new(ErrorReason.AddressSpaceLimit, Text($"No {operation.Length:N0} free bytes lie within {operation.Reach:N0} of that address. ")
            + (MemorySystem.Current.NearestGap(wished) is nuint gap
                ? Text($"The nearest are at 0x{gap:x}, and reach {wished.DistanceAt(gap):N0} from it: ask for fewer bytes or a longer reach.")
                : "There are none anywhere: ask for fewer bytes."));
    }

    private static Diagnosis TooManyAddresses() => new(ErrorReason.AddressSpaceLimit, "No program can have that many addresses.");

    internal static Diagnosis? LockLimit(in FailedOperation operation) => LinuxLimits.AllowsLocking(operation.Length)
        ? null
        : new(ErrorReason.LockLimit, Text(
            $"The process has locked {LinuxLimits.LockedUsed:N0} of at most {LinuxLimits.Locked:N0} bytes; raise RLIMIT_MEMLOCK (ulimit -l in kilobytes, ")
            + "memlock in limits.conf, LimitMEMLOCK= of a service) or give it the capability CAP_IPC_LOCK.");

    private static Diagnosis Unbacked(in FailedOperation operation, bool huge) => new(ErrorReason.Unbacked, huge
        ? "A huge page could not be had for an address of the range: " + NoHugePages(operation, OrdinaryPages).Hint
        : "A page of the range has nothing behind it: the file is shorter than the mapping, or a guard is installed there.");

    private static Diagnosis Unmapped() => new(ErrorReason.OutOfMemory, "The kernel is out of memory for it, or a part of the range is not mapped any more.");

    internal static Diagnosis OutOfMemory() => new(ErrorReason.OutOfMemory, "The system has no memory left for it.");

    /// <summary>The limit that hides behind ENOMEM wherever a mapping is split or added.</summary>
    private static Diagnosis? MappingLimit()
    {
        (long count, long limit) = (LinuxLimits.MappingsUsed, LinuxLimits.Mappings);

        // A split needs two more; the kernel's own count includes an entry that the list does not show.
        return limit != 0 && count >= limit - 8
            ? new Diagnosis(ErrorReason.TooManyMappings, Text($"The process holds {count:N0} mappings of at most {limit:N0}; as root: sysctl vm.max_map_count={limit * 4}. ")
                + "Each part with a protection, advice or lock of its own is a mapping.")
            : null;
    }

    internal static string Size(nuint bytes) => bytes >= 1 << 30
        ? Text($"{bytes >> 30} GiB")
        : bytes >= 1 << 20 ? Text($"{bytes >> 20} MiB") : Text($"{bytes >> 10} KiB");

    internal static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

using MemoryPages.Platform.Linux.Native;

namespace MemoryPages.Platform.Linux;

/// <summary>What errors of file systems and devices mean: room, lengths, writing.</summary>
internal static class LinuxStorageDiagnosis
{
    /// <returns>Null where it is none of these.</returns>
    public static Diagnosis? Of(SystemError error, in FailedOperation operation) => (error.Call, error.Code) switch
    {
        (_, Errno.ENOSPC) => NoSpace(error, operation),
        (_, Errno.EDQUOT) => new(ErrorReason.NoSpace,
            "The quota of the user, the group or the project on this file system is used up (quota(1) shows it)."),
        (_, Errno.EFBIG) => TooLong(operation),
        (_, Errno.EROFS) => new(ErrorReason.AccessDenied, "The file system is mounted read-only."),
        (_, Errno.ETXTBSY) => new(ErrorReason.AccessDenied, "The file is a program that is running, or swap space in use."),
        ("msync" or "sync_file_range" or "fdatasync" or "fsync", Errno.EIO) => new(ErrorReason.InputOutput,
            "The device behind the file failed; the kernel log says more. What was changed since the last flush may be lost, and a second flush "
            + "does not tell again: write it anew, to a place that works."),
        (_, Errno.EIO) => new(ErrorReason.InputOutput, "The device behind the file failed; the kernel log says more."),
        ("fallocate", Errno.EOPNOTSUPP) => new(ErrorReason.NotSupported,
            "This file system cannot allocate space, and the file has holes: ask for FileSpace.Sparse, or copy it whole (cp --sparse=never)."),
        ("fallocate", Errno.EBADF) or ("ftruncate", Errno.EBADF or Errno.EINVAL) => new(ErrorReason.AccessDenied,
            "Only an ordinary file that is open for writing can be given a length."),
        ("fallocate", Errno.ENODEV or Errno.ESPIPE) => new(ErrorReason.NotSupported, "Only ordinary files can be given a length."),
        ("fallocate" or "ftruncate" or "pwrite", Errno.EPERM) => new(ErrorReason.AccessDenied,
            "The file is sealed against this, or marked immutable or append-only."),
        ("madvise", Errno.EOPNOTSUPP) => new(ErrorReason.NotSupported, "This file system cannot punch holes into files."),
        ("madvise", Errno.EINVAL) when operation.Name == "Remove" => new(ErrorReason.NotSupported,
            "Holes are punched into unlocked pages only: Unlock first."),
        ("madvise", Errno.EACCES) when operation.Name == "Remove" => new(ErrorReason.AccessDenied,
            "The pages are a private copy of the file, not the file itself."),
        ("open", Errno.EACCES) when LinuxFileDiagnosis.IsFlush(operation) => new(ErrorReason.AccessDenied,
            "The folder must be readable to make the name of the new file in it durable; a file that was there before has no need of it."),
        ("fcntl" or "memfd_create" or "pipe2", Errno.EMFILE) => LinuxDiagnosis.TooManyFiles(),
        ("fcntl" or "memfd_create" or "pipe2", Errno.ENFILE) => LinuxDiagnosis.TooManyFilesOfTheSystem(),
        (_, Errno.EOPNOTSUPP) => new(ErrorReason.NotSupported, "The running kernel, or the file system, does not have this call."),
        _ => null,
    };

    private static Diagnosis NoSpace(SystemError error, in FailedOperation operation)
    {
        string room = FreeSpaceBeside(operation.Subject) is long free
            ? LinuxDiagnosis.Text($"The file system has {free:N0} bytes free for this user: make room")
            : "The file system is full: make room";
        return new(ErrorReason.NoSpace, room + (error.Call is "fallocate" or "ftruncate" or "pwrite"
            ? ", or wish for less. FileSpace.Sparse asks for no space beforehand."
            : ". What could not be written may be lost."));
    }

    private static Diagnosis TooLong(in FailedOperation operation)
    {
        long limit = LinuxFiles.ReadField("/proc/self/limits", "Max file size");
        return new(ErrorReason.FileSizeLimit, limit != 0 && operation.Length > (nuint)limit
            ? LinuxDiagnosis.Text($"Files of this process, those in memory too, may have {limit:N0} bytes: raise RLIMIT_FSIZE (ulimit -f).")
            : "The file system cannot hold a file of that length.");
    }

    /// <summary>null where the path is unknown, or its file system does not say.</summary>
    private static long? FreeSpaceBeside(string? path)
    {
        try
        {
            return path is null ? null : new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(path))!).AvailableFreeSpace;
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}

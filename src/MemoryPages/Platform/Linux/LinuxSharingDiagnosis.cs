using MemoryPages.Platform.Linux.Native;

namespace MemoryPages.Platform.Linux;

/// <summary>
/// What errors mean of shared memory, secret memory and sockets: calls that only these make, or that say something of their own there.
/// </summary>
internal static class LinuxSharingDiagnosis
{
    /// <returns>Null where it is none of these.</returns>
    public static Diagnosis? Of(SystemError error, in FailedOperation operation) => (error.Call, error.Code) switch
    {
        // A file in memory of a huge-page size that the kernel does not have.
        ("memfd_create", Errno.EINVAL or Errno.ENODEV) when operation.PageSize > MemorySystem.Current.PageSize => LinuxDiagnosis.NoHugePages(operation, LinuxDiagnosis.OrdinaryPages),
        ("mmap", Errno.EAGAIN) => LinuxDiagnosis.LockLimit(operation),
        ("fcntl", Errno.EPERM) => new(ErrorReason.Sealed,
            "No seal can be added: SharedMemorySeals.Seal is on it, it has a name of its own, or it was opened to read only."),
        ("fcntl", Errno.EBUSY) => new(ErrorReason.Sealed,
            "Somebody has it mapped to write, and then its content cannot be sealed: end those pages first, or use SharedMemorySeals.FutureWrite."),
        ("fcntl", Errno.EINVAL) => new(ErrorReason.NotSupported, "This is no shared memory, or the kernel does not know one of the seals."),
        ("open" or "unlink", Errno.ENOENT) => new(ErrorReason.NotFound, "There is nothing of that name."),
        ("open", Errno.ELOOP) => new(ErrorReason.AccessDenied, "That name is a link, which is not followed: anybody may put one there."),
        ("open" or "unlink", Errno.EACCES or Errno.EPERM) => new(ErrorReason.AccessDenied, "Its permissions do not let this user in, or it is another user's."),
        ("open", Errno.ENAMETOOLONG) => new(ErrorReason.Other, "A name has at most 255 bytes of UTF-8."),
        ("open" or "memfd_secret", Errno.EMFILE) => LinuxDiagnosis.TooManyFiles(),
        ("open" or "memfd_secret", Errno.ENFILE) => LinuxDiagnosis.TooManyFilesOfTheSystem(),
        ("flock", Errno.EAGAIN) => new(ErrorReason.Other, "Another program holds an exclusive lock on it (flock)."),
        ("linkat", Errno.EEXIST) => new(ErrorReason.AlreadyExists,
            "There is memory of that name. Open it (OpenNamed, OpenOrCreateNamed), let what nobody uses make way (NamedMemoryOptions.ReplaceUnused), or RemoveName."),
        ("fallocate", Errno.ENOSPC) when operation.Name is "CreateNamed" or "OpenOrCreateNamed" => new(ErrorReason.NoSpace,
            "The file system of named memory (/dev/shm) has no room for it: df /dev/shm; as root: mount -o remount,size=… /dev/shm (containers: --shm-size). "
            + "Memory without a name has no such limit."),
        ("sendmsg", Errno.EPIPE or Errno.ECONNRESET) => new(ErrorReason.Other, "The other side of the socket has closed."),
        ("sendmsg" or "recvmsg", Errno.ENOTCONN) => new(ErrorReason.Other, "The socket is not connected."),
        ("sendmsg", Errno.EINVAL or Errno.EOPNOTSUPP) => new(ErrorReason.NotSupported, "Descriptors pass through Unix-domain sockets only."),
        ("cachestat", Errno.EPERM) => new(ErrorReason.AccessDenied, "The kernel tells only of files that the process owns or may write."),
        ("cachestat", Errno.EOPNOTSUPP) => new(ErrorReason.NotSupported, "Files of huge pages have no cache to tell of."),
        _ => null,
    };
}

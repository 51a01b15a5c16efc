using System.Globalization;
using MemoryPages.Platform.Linux.Native;

namespace MemoryPages.Platform.Linux;

/// <summary>What errors mean where a file gives the content: what the same number means of memory is <see cref="LinuxDiagnosis"/>'s.</summary>
internal static class LinuxFileDiagnosis
{
    private const string ReadItInstead = "read it instead (File.ReadAllBytes), or into pages of your own (Pages.Allocate, RandomAccess.Read)";

    /// <returns>Null where the file makes no difference.</returns>
    public static Diagnosis? Of(SystemError error, in FailedOperation operation)
    {
        bool writes = (operation.Wished & PageProtection.Write) != 0;
        bool runs = (operation.Wished & PageProtection.Execute) != 0;
        bool huge = operation.PageSize > MemorySystem.Current.PageSize;
        return (error.Call, error.Code) switch
        {
            ("open", Errno.EACCES) when IsFlush(operation) => null, // of a folder, to make a name durable
            ("open", _) => OfOpening(error.Code),
            (_, Errno.EBADF) => new(ErrorReason.Other,
                "The descriptor is not open, or not for reading and writing: somebody closed it, or the number was never one."),
            ("mmap", Errno.ENODEV or Errno.EIO) => new(ErrorReason.NotSupported, Unmappable(operation.FileKind)),
            ("mmap", Errno.EACCES) => new(ErrorReason.AccessDenied, writes && operation.Backing == Backing.SharedFile
                ? "The file must be open for reading and writing, and not for appending only. MapCopyOnWrite needs reading only: "
                    + "the file then stays as it is."
                : "The file must be open for reading."),
            ("mmap", Errno.EPERM) when runs => new(ErrorReason.AccessDenied, NoExecution),
            ("mmap", Errno.EPERM) when operation.FileKind == FileKind.CharacterDevice => new(ErrorReason.AccessDenied,
                "The device keeps this part to itself: the kernel hides memory of its own (CONFIG_STRICT_DEVMEM), or a capability is missing."),
            ("mmap", Errno.EPERM) => new(ErrorReason.Sealed,
                "The file is sealed against writing (SharedMemorySeals.Write, FutureWrite): map it to read, or copy-on-write."),
            ("mmap", Errno.EINVAL) when operation.FileKind == FileKind.CharacterDevice => new(ErrorReason.NotSupported,
                "The device takes other parts only (its driver says which offset and length), or shared mappings only."),
            ("mmap", Errno.ENXIO) => new(ErrorReason.NotSupported, "The device has nothing at this offset."),
            ("mmap", Errno.EAGAIN) => new(ErrorReason.Other, "The file is locked, or the process locks all it maps (mlockall) and may lock no more."),
            ("mmap", Errno.EOVERFLOW) => new(ErrorReason.Other, "Offset and length together exceed what a file offset can say."),
            ("mmap", Errno.ENOMEM) when huge => LinuxDiagnosis.NoHugePages(operation, fallback: null),
            ("mmap", Errno.ENFILE) => LinuxDiagnosis.TooManyFilesOfTheSystem(),
            ("mremap", Errno.EFAULT) => new(ErrorReason.Unbacked,
                "The file does not reach that far, and touching what is behind its end would end the process: make it longer first, or map it with "
                + "MapShared(path, length), whose Resize takes the file along."),
            ("mprotect", Errno.EACCES) when runs => new(ErrorReason.AccessDenied, NoExecution),
            ("mprotect", Errno.EACCES) => new(ErrorReason.AccessDenied,
                "The file behind the pages was not opened for that access when it was mapped: MapShared opens it for writing, "
                + "and pages of MapCopyOnWrite can always become writable, since the file then stays as it is."),
            _ => null,
        };
    }

    public static bool IsFlush(in FailedOperation operation) => operation.Name.StartsWith("Flush", StringComparison.Ordinal);

    private const string NoExecution = "The file system forbids running what is on it (mounted noexec), or this process may not run it "
        + "(PR_SET_MDWE, SELinux, a sandbox). Copy the code into memory (Pages.Allocate, CopyFrom, AllowExecuteDenyWrite), or move the file.";

    private static string Unmappable(FileKind kind) => kind switch
    {
        FileKind.Directory => "It is a directory: map the files in it.",
        FileKind.Pipe => $"It is a pipe, whose bytes are gone once they are read: {ReadItInstead}.",
        FileKind.Socket => $"It is a socket, whose bytes are gone once they are read: {ReadItInstead}.",
        FileKind.Generated =>
            $"The file says that its length is 0, and the kernel makes its content as it is read (as under /proc): {ReadItInstead}.",
        FileKind.CharacterDevice => $"This device has no memory to map: {ReadItInstead}.",
        FileKind.Regular or FileKind.BlockDevice =>
            $"Its file system does not map files, or not this one (as under /sys, and on some network file systems): {ReadItInstead}, or map a copy.",
        _ => "It is no file with content.",
    };

    private static Diagnosis OfOpening(int code) => code switch
    {
        Errno.ENOENT or Errno.ENOTDIR => new(ErrorReason.NotFound, null),
        Errno.EACCES or Errno.EPERM => new(ErrorReason.AccessDenied,
            "The permissions of the file, or of a folder on the way to it, do not allow it (namei -l shows them)."),
        Errno.EROFS => new(ErrorReason.AccessDenied, "The file system is mounted read-only: Map and MapCopyOnWrite do not write to it."),
        Errno.ETXTBSY => new(ErrorReason.AccessDenied, "The file is a program that is running: it can be mapped to read, or copy-on-write."),
        Errno.EISDIR => new(ErrorReason.NotSupported, Unmappable(FileKind.Directory)),
        Errno.ENXIO => new(ErrorReason.NotSupported, "It is a socket, or a device that is not there: neither can be mapped."),
        Errno.ENODEV => new(ErrorReason.NotSupported, "The device is not there."),
        Errno.ENAMETOOLONG => new(ErrorReason.Other, string.Create(CultureInfo.InvariantCulture,
            $"A path has at most {FileKindCalls.PATH_MAX - 1:N0} bytes, and each name in it what its file system allows (mostly 255).")),
        Errno.ELOOP => new(ErrorReason.Other, "Symbolic links on the way lead in a circle."),
        Errno.EMFILE => LinuxDiagnosis.TooManyFiles(),
        Errno.ENFILE => LinuxDiagnosis.TooManyFilesOfTheSystem(),
        Errno.EIO => new(ErrorReason.InputOutput, "The device behind the file failed; the kernel log says more."),
        Errno.ENOMEM => LinuxDiagnosis.OutOfMemory(),
        _ => new(ErrorReason.Other, null),
    };
}

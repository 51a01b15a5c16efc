using System.Globalization;
using System.Runtime.Versioning;
using MemoryPages.Platform.Windows.Native;

namespace MemoryPages.Platform.Windows;

/// <summary>
/// Turns an error number into what a person can act on. The limits that could have been hit are looked up now: this runs only when an exception is
/// about to be thrown.
/// </summary>
[SupportedOSPlatform("windows")]
internal static class WindowsDiagnosis
{
    public static Diagnosis Of(SystemError error, in FailedOperation operation) => (error.Call, error.Code) switch
    {
        ("AdjustTokenPrivileges", Win32Error.ERROR_NOT_ALL_ASSIGNED or Win32Error.ERROR_PRIVILEGE_NOT_HELD) or (_, Win32Error.ERROR_PRIVILEGE_NOT_HELD) =>
            new(ErrorReason.NoHugePages, "Large pages need the privilege SeLockMemoryPrivilege: \"Lock pages in memory\" in the local security policy "
                + "(secpol.msc, User Rights Assignment), for the user or a group, and a new logon; or allow ordinary pages with HugePagePolicy.Prefer."),
        _ when operation.PageSize > MemorySystem.Current.PageSize && error.Code != Win32Error.ERROR_NOT_SUPPORTED => NoLargePages(operation),
        (_, Win32Error.ERROR_COMMITMENT_LIMIT) => CommitLimit(),
        (_, Win32Error.ERROR_NOT_ENOUGH_MEMORY or Win32Error.ERROR_OUTOFMEMORY) => NotEnough(operation),
        (_, Win32Error.ERROR_NO_SYSTEM_RESOURCES) => new(ErrorReason.OutOfMemory, "A resource of the system was short; another attempt may succeed."),
        (_, Win32Error.ERROR_WORKING_SET_QUOTA) => new(ErrorReason.LockLimit,
            "The process may not lock that much: its working set could not be made large enough (a limit of its job, or of the machine's memory)."),
        ("SetProcessWorkingSetSizeEx", _) => new(ErrorReason.LockLimit,
            "The working set, which bounds what a process can lock, could not be enlarged: a limit of its job, or the machine has not that much memory."),
        (_, Win32Error.ERROR_SHARING_VIOLATION) => new(ErrorReason.AccessDenied,
            "Another program has the file open and shares it with nobody: it must open it with FileShare.ReadWrite, or close it."),
        (_, Win32Error.ERROR_LOCK_VIOLATION) => new(ErrorReason.InputOutput, "The file system was writing the same pages, or another program has locked the part."),
        (_, Win32Error.ERROR_USER_MAPPED_FILE) => new(ErrorReason.NotSupported,
            "A file that is mapped cannot be shortened: dispose all pages of it first, here and in other programs."),
        (_, Win32Error.ERROR_HANDLE_EOF) => new(ErrorReason.Unbacked, "The file is shorter than what was to be mapped: nothing is mapped behind its end."),
        ("CreateFileMapping", Win32Error.ERROR_FILE_INVALID) => NotMappable(operation),
        ("OpenProcess", Win32Error.ERROR_INVALID_PARAMETER) => new(ErrorReason.NotFound, "There is no such process."),
        ("DuplicateHandle", Win32Error.ERROR_INVALID_HANDLE) => new(ErrorReason.NotFound, "That process has no such handle open."),
        ("CreateFileMapping", Win32Error.ERROR_ALREADY_EXISTS) => new(ErrorReason.AlreadyExists,
            "There is memory of that name. Open it (OpenNamed, OpenOrCreateNamed): it ends with the last process that has it."),
        ("CreateFileMapping" or "OpenFileMapping", Win32Error.ERROR_INVALID_HANDLE) => new(ErrorReason.Other,
            "Something else has that name: an event, a mutex, a semaphore, a timer or a job."),
        ("CreateFileMapping", Win32Error.ERROR_ACCESS_DENIED) when operation.Name is "CreateNamed" or "OpenOrCreateNamed" => new(ErrorReason.AccessDenied,
            "A name that begins with Global\\ takes SeCreateGlobalPrivilege, which services and administrators have."),
        ("CreateFileMapping" or "OpenFileMapping", Win32Error.ERROR_PATH_NOT_FOUND) => new(ErrorReason.NotFound,
            "A backslash stands only behind Global or Local in a name."),
        (_, Win32Error.ERROR_FILE_NOT_FOUND or Win32Error.ERROR_PATH_NOT_FOUND) => new(ErrorReason.NotFound, null),
        (_, Win32Error.ERROR_FILE_EXISTS or Win32Error.ERROR_ALREADY_EXISTS) => new(ErrorReason.AlreadyExists, null),
        (_, Win32Error.ERROR_DISK_FULL or Win32Error.ERROR_HANDLE_DISK_FULL) => new(ErrorReason.NoSpace, "The volume is full, or the user's quota on it."),
        (_, Win32Error.ERROR_FILE_TOO_LARGE) => new(ErrorReason.FileSizeLimit, "The file system holds no file of that length (FAT32: 4 GiB)."),
        (_, Win32Error.ERROR_PARTIAL_COPY or Win32Error.ERROR_NOACCESS or Win32Error.ERROR_SWAPERROR) => new(ErrorReason.Unbacked,
            "A page of the range could not be had: it is not accessible, or its file could not be read."),
        (_, Win32Error.ERROR_CRC) => new(ErrorReason.InputOutput, "The device could not read or write what was asked of it."),
        (_, Win32Error.ERROR_NOT_SUPPORTED or Win32Error.ERROR_CALL_NOT_IMPLEMENTED) => NotSupported(error, operation),
        ("ResetWriteWatch" or "GetWriteWatch", _) => new(ErrorReason.NotSupported,
            "The system tells writes only to memory that was allocated for it: ask Allocate for WriteTracking. It cannot for files and huge pages."),
        ("VirtualProtect", Win32Error.ERROR_INVALID_PARAMETER or Win32Error.ERROR_ACCESS_DENIED) when operation.Backing != Backing.Memory =>
            new(ErrorReason.AccessDenied, "The file was not opened for that access, and pages are never allowed more than they were mapped for: "
                + "MapShared gives pages that write to the file, MapCopyOnWrite pages with copies of their own."),
        ("CreateFile" or "CreateFileMapping" or "MapViewOfFile", Win32Error.ERROR_ACCESS_DENIED) => NoAccess(operation),
        (_, Win32Error.ERROR_ACCESS_DENIED or Win32Error.ERROR_WRITE_PROTECT) => new(ErrorReason.AccessDenied, null),
        (_, Win32Error.ERROR_TOO_MANY_OPEN_FILES) => new(ErrorReason.Other, "The process has as many handles as it may."),
        _ => new(ErrorReason.Other, null),
    };

    private static Diagnosis CommitLimit()
    {
        ProcessCalls.MemoryStatus status = WindowsMemorySystem.Status();
        return new(ErrorReason.CommitLimit, Text($"The system promises memory strictly: {status.CommitAvailable:N0} of {status.CommitLimit:N0} bytes can still be ")
            + "promised. Close programs, enlarge the page file, or reserve addresses first and commit what is needed.");
    }

    /// <summary>The number says less than its name: addresses may be short, or what the system can promise.</summary>
    private static Diagnosis NotEnough(in FailedOperation operation)
    {
        ProcessCalls.MemoryStatus status = WindowsMemorySystem.Status();
        return operation.Reach != 0
            ? new(ErrorReason.AddressSpaceLimit, Text($"No {operation.Length:N0} free bytes lie within {operation.Reach:N0} of that address: ")
                + "ask for fewer bytes or a longer reach.")
            : operation.Length >= status.TotalVirtual ? new(ErrorReason.AddressSpaceLimit, "No program can have that many addresses.")
            : operation.Length > status.CommitAvailable ? CommitLimit()
            : operation.Length > status.AvailableVirtual ? new(ErrorReason.AddressSpaceLimit, Text($"The process has {status.AvailableVirtual:N0} bytes of addresses left."))
            : new(ErrorReason.OutOfMemory, "The system has no memory left for it, or no addresses where they were wished.");
    }

    private static Diagnosis NoLargePages(in FailedOperation operation) => MemorySystem.Current.HugePageSizes.Contains(operation.PageSize)
        ? new(ErrorReason.NoHugePages, "The system could not find that many large pages: each wants physical memory in one piece, which gets rare some time "
            + "after the start of the machine. Allocate them early, or allow ordinary pages with HugePagePolicy.Prefer.")
        : new(ErrorReason.NoHugePages, Text($"This system has no pages of {operation.PageSize:N0} bytes."));

    private static Diagnosis NotMappable(in FailedOperation operation) => new(ErrorReason.NotSupported, operation.FileKind switch
    {
        FileKind.Directory => "A folder has no content to map.",
        FileKind.Pipe => "A pipe cannot be mapped: its content is read once. Copy it to pages or to a file.",
        FileKind.CharacterDevice => "A device or console cannot be mapped.",
        _ => "Only files on disks can be mapped, and an empty file has nothing to map.",
    });

    private static Diagnosis NoAccess(in FailedOperation operation) => new(ErrorReason.AccessDenied, operation.Subject is { } path && Directory.Exists(path)
        ? "A folder has no content to map."
        : (operation.Wished & PageProtection.Execute) != 0 ? "The handle must be open for reading and executing (GENERIC_EXECUTE)."
        : "The handle must be open for reading, and for writing where the pages write to the file.");

    private static Diagnosis NotSupported(SystemError error, in FailedOperation operation) => new(ErrorReason.NotSupported, (operation.Name, error.Call) switch
    {
        _ when operation.PageSize > MemorySystem.Current.PageSize => "Memory of large pages comes and goes as a whole: it takes no guard pages (nor hardened mode), does not "
            + "change its length and is not discarded.",
        ("Resize", _) => "Windows makes no allocation longer where it stands: let it move. A file's pages grow where they came with their length "
            + "(MapShared with a length); else map the file anew.",
        ("Lock", _) => "Windows locks pages now or not at all: LockMode.OnFault has no equivalent.",
        ("Discard", _) => "Windows does not forget copies of a file's pages: map the file anew.",
        ("Remove", _) => "Windows takes space out of a file through its handle (FSCTL_SET_ZERO_DATA), not through its pages.",
        ("Advise" or "DangerousAdvise", _) => "Windows has no call for this advice; IsSupported tells beforehand.",
        (_, "VirtualAllocExNuma") => "Windows takes one preferred node, when memory is allocated: AllocationOptions.NumaPolicy with NumaPolicy.Prefer(node). Else memory "
            + "comes from the node of the processor that touches it first.",
        (_, "MapViewOfFile3") => "This needs placeholders, which Windows has since version 10 1803 and Server 2019.",
        ("CreateNamed" or "OpenOrCreateNamed", _) => "KeepName: Windows keeps no name that no process has open. Let a process that stays hold it.",
        (_, "CreateFileMapping") => "Shared memory has its length sealed here, always and for good, and takes no other seal: who is to read only is given no "
            + "more, by OpenOfProcess or OpenNamed with FileAccess.Read, or by NamedMemoryOptions.Permissions.",
        (_, "CloseHandle") => "A name ends with the last process that has the memory open; nobody can take it away before.",
        (_, "WSASendMsg" or "WSARecvMsg") =>
            "Sockets carry no handles on Windows: tell the other process the number of this one and the Descriptor, for OpenOfProcess; "
                + "or use a name, or inheritance.",
        _ => "Windows has no call for this.",
    });

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

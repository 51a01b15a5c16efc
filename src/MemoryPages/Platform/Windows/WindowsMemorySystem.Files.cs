using System.Runtime.InteropServices;
using MemoryPages.Platform.Windows.Native;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Platform.Windows.Native.AddressCalls;
using static MemoryPages.Platform.Windows.Native.FileCalls;
using static MemoryPages.Platform.Windows.Native.SectionCalls;

namespace MemoryPages.Platform.Windows;

/// <summary>Opening files, asking what they are, mapping them, and getting what was changed to the device.</summary>
internal sealed unsafe partial class WindowsMemorySystem
{
    public override bool FilesGrowUnderMappings => false;

    public override bool FlushNeedsFile => true;

    public override bool FileCacheFactsSupported => false;

    /// <remarks>The right to execute is asked for too, as mapping code needs it, and done without where it is refused.</remarks>
    public override SystemError OpenFile(string path, bool forWriting, SafeFileHandle file)
    {
        const int LongestPlain = 259; // MAX_PATH without its terminator
        string name = path.Length <= LongestPlain || path.StartsWith(@"\\", StringComparison.Ordinal) ? path : @"\\?\" + path;
        uint access = GENERIC_READ | (forWriting ? GENERIC_WRITE : 0);
        SystemError error = OpenFile(name, access | GENERIC_EXECUTE, file);
        return error.Code == Win32Error.ERROR_ACCESS_DENIED ? OpenFile(name, access, file) : error;
    }

    public override SystemError QueryFile(SafeFileHandle file, out FileFacts facts)
    {
        if (!QuerySection(file, out SectionInformation section).Failed)
        {
            facts = new FileFacts(FileKind.Regular, section.MaximumSize, (section.Attributes & SEC_LARGE_PAGES) != 0 ? DefaultHugePageSize : PageSize);
            return SystemError.None;
        }

        uint type = GetFileType(file);
        StandardInformation information = default;
        if (type == FILE_TYPE_DISK
            && GetFileInformationByHandleEx(file, FileStandardInfo, &information, (uint)sizeof(StandardInformation)) == 0)
        {
            SystemError error = Win32Error.Last("GetFileInformationByHandleEx");
            facts = default;
            return error;
        }

        FileKind kind = type switch
        {
            FILE_TYPE_DISK => information.Directory != 0 ? FileKind.Directory : FileKind.Regular,
            FILE_TYPE_CHAR => FileKind.CharacterDevice,
            FILE_TYPE_PIPE => FileKind.Pipe,
            _ => FileKind.Other,
        };
        facts = new FileFacts(kind, kind == FileKind.Regular ? information.EndOfFile : 0, PageSize);
        return kind == FileKind.Regular ? SystemError.None : new SystemError("CreateFileMapping", Win32Error.ERROR_FILE_INVALID); // what the system would say
    }

    /// <remarks>
    /// The view ends with the page that holds the end of the file: the section is as long as the file is now. It is made in the protection that it
    /// could ever have, and given the wished one, since a view is never allowed more than it began with.
    /// </remarks>
    public override SystemError MapFile(in FileRequest request, out MappedRange range)
    {
        range = default;
        if (request.Address != 0)
        {
            return NotSupported("MapViewOfFile");
        }

        bool isPrivate = request.Backing == Backing.PrivateFile;
        bool isCode = (request.Protection & PageProtection.Execute) != 0;
        bool isWritten = (request.Protection & PageProtection.Write) != 0;
        uint section = (isPrivate, isCode, isWritten) switch
        {
            (true, false, _) => PAGE_WRITECOPY,
            (true, true, _) => PAGE_EXECUTE_WRITECOPY,
            (false, true, _) => PAGE_EXECUTE_READ,
            (false, false, true) => PAGE_READWRITE,
            _ => PAGE_READONLY,
        };
        uint access = (isPrivate ? FILE_MAP_COPY : isWritten ? FILE_MAP_READ | FILE_MAP_WRITE : FILE_MAP_READ) | (isCode ? FILE_MAP_EXECUTE : 0);

        if (QueryFile(request.File, out FileFacts facts) is { Failed: true } unknown)
        {
            return unknown;
        }

        nuint rest = facts.Length > request.Offset ? (nuint)(facts.Length - request.Offset) : 0;
        if (rest == 0 || !MemoryPages.PageSize.TryAlignUp(rest, PageSize, out nuint most) || request.Length > most)
        {
            return new SystemError("MapViewOfFile", Win32Error.ERROR_HANDLE_EOF); // nothing is mapped behind the end of a file
        }

        SystemError error = IsSection(request.File)
            ? MapSection(request, access | (facts.PageSize > PageSize ? FILE_MAP_LARGE_PAGES : 0), out nuint address)
            : MapRegularFile(request, section, access, Math.Min(request.Length, rest), out address);
        if (!error.Failed && isPrivate)
        {
            error = Protect(address, request.Length, request.Protection);
            if (error.Failed)
            {
                _ = UnmapViewOfFile(address);
            }
        }

        range = error.Failed ? default : new MappedRange(address, address, request.Length);
        return error;
    }

    private static SystemError MapRegularFile(in FileRequest request, uint protection, uint access, nuint length, out nuint address)
    {
        address = 0;
        nint section = CreateFileMappingW(request.File, 0, protection, 0, 0, 0);
        if (section == 0)
        {
            return Win32Error.Last("CreateFileMapping");
        }

        address = MapViewOfFileEx(section, access, (uint)(request.Offset >> 32), (uint)request.Offset, length, 0);
        SystemError error = address != 0 ? SystemError.None : Win32Error.Last("MapViewOfFile");
        _ = CloseHandle(section); // the view keeps it
        return error;
    }

    private static SystemError MapSection(in FileRequest request, uint access, out nuint address)
    {
        address = MapViewOfSectionEx(request.File, access, (uint)(request.Offset >> 32), (uint)request.Offset, request.Length, 0);
        return address != 0 ? SystemError.None : Win32Error.Last("MapViewOfFile");
    }

    /// <summary>Shared memory, and no file.</summary>
    private static bool IsSection(SafeFileHandle file) => !QuerySection(file, out _).Failed;

    /// <summary>Without the file no further than to the system's cache.</summary>
    public override SystemError Flush(nuint address, nuint length, FlushLevel level)
    {
        const int Tries = 20; // with pauses twice as long each time, up to a second together
        for (int attempt = 0; FlushViewOfFile(address, length) == 0; attempt++)
        {
            SystemError error = Win32Error.Last("FlushViewOfFile");
            if (error.Code != Win32Error.ERROR_LOCK_VIOLATION || attempt == Tries)
            {
                return error;
            }

            Thread.Sleep(Math.Min(1 << attempt, 64)); // the file system is writing the same pages just now
        }

        return SystemError.None;
    }

    public override SystemError Flush(nuint address, nuint length, FlushLevel level, SafeFileHandle file, long offset)
    {
        SystemError error = Flush(address, length, level);
        return error.Failed || level != FlushLevel.Durable || IsSection(file) ? error : SyncLength(file);
    }

    public override SystemError SyncLength(SafeFileHandle file) => FlushFileBuffers(file) != 0 ? SystemError.None : Win32Error.Last("FlushFileBuffers");

    /// <remarks>The journal of the file system has the entry; a folder cannot be flushed by a program.</remarks>
    public override SystemError SyncName(string folder) => SystemError.None;

    public override SystemError Duplicate(SafeFileHandle file, out SafeFileHandle? duplicate)
    {
        if (DuplicateHandle(ProcessCalls.CurrentProcess, file, ProcessCalls.CurrentProcess, out nint handle, 0, 0, DUPLICATE_SAME_ACCESS) == 0)
        {
            duplicate = null;
            return Win32Error.Last("DuplicateHandle");
        }

        duplicate = new SafeFileHandle(handle, ownsHandle: true);
        return SystemError.None;
    }

    public override SystemError SetLength(SafeFileHandle file, long current, long length) => Set(file, FileEndOfFileInfo, length);

    /// <summary>The space is the file's from here on; up to its end it reads zero.</summary>
    /// <remarks>Where a file system takes no wish for space, it has the space of a file that is made longer.</remarks>
    public override SystemError AllocateSpace(SafeFileHandle file, long current, long offset, long length)
    {
        long end = Math.Max(current, offset + length);
        SystemError error = Set(file, FileAllocationInfo, end);
        bool isRefused = error.Failed && error.Code is not (Win32Error.ERROR_CALL_NOT_IMPLEMENTED or Win32Error.ERROR_NOT_SUPPORTED);
        return isRefused ? error : end == current ? SystemError.None : Set(file, FileEndOfFileInfo, end);
    }

    public override nuint RoomToGrow(SafeFileHandle file, nuint mapped) => 0;

    public override SystemError PunchHole(nuint address, nuint length) => NotSupported("DeviceIoControl"); // FSCTL_SET_ZERO_DATA wants the file

    public override SystemError QueryFileCache(SafeFileHandle file, long offset, long length, out FileCacheFacts facts)
    {
        facts = default;
        return NotSupported("NtQueryInformationFile");
    }

    private static SystemError OpenFile(string name, uint access, SafeFileHandle file)
    {
        nint handle;
        fixed (char* start = name)
        {
            handle = CreateFileW(start, access, ShareAll, 0, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, 0);
        }

        if (handle == INVALID_HANDLE_VALUE)
        {
            return Win32Error.Last("CreateFile");
        }

        Marshal.InitHandle(file, handle);
        return SystemError.None;
    }

    private static SystemError Set(SafeFileHandle file, int kind, long value) =>
        SetFileInformationByHandle(file, kind, &value, sizeof(long)) != 0 ? SystemError.None : Win32Error.Last("SetFileInformationByHandle");
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform.Windows.Native;

/// <summary>Opening files, asking what they are, their length, and making them durable.</summary>
/// <remarks>Constants: winnt.h, fileapi.h and minwinbase.h of the Windows SDK.</remarks>
internal static unsafe partial class FileCalls
{
    public const uint GENERIC_READ = 0x80000000;
    public const uint GENERIC_WRITE = 0x40000000;
    public const uint GENERIC_EXECUTE = 0x20000000;

    /// <summary>FILE_SHARE_READ, FILE_SHARE_WRITE and FILE_SHARE_DELETE.</summary>
    public const uint ShareAll = 0x7;

    public const uint OPEN_EXISTING = 3;

    public const uint FILE_ATTRIBUTE_NORMAL = 0x80;

    public const uint FILE_TYPE_DISK = 1;
    public const uint FILE_TYPE_CHAR = 2;
    public const uint FILE_TYPE_PIPE = 3;

    public const int FileStandardInfo = 1;
    public const int FileAllocationInfo = 5;
    public const int FileEndOfFileInfo = 6;

    public const uint DUPLICATE_SAME_ACCESS = 2;

    [LibraryImport("kernel32")]
    public static partial nint CreateFileW(
        char* lpFileName,
        uint dwDesiredAccess,
        uint dwShareMode,
        nint lpSecurityAttributes,
        uint dwCreationDisposition,
        uint dwFlagsAndAttributes,
        nint hTemplateFile);

    [LibraryImport("kernel32")]
    public static partial uint GetFileType(SafeFileHandle hFile);

    [LibraryImport("kernel32")]
    public static partial int GetFileInformationByHandleEx(SafeFileHandle hFile, int FileInformationClass, void* lpFileInformation, uint dwBufferSize);

    [LibraryImport("kernel32")]
    public static partial int SetFileInformationByHandle(SafeFileHandle hFile, int FileInformationClass, void* lpFileInformation, uint dwBufferSize);

    [LibraryImport("kernel32")]
    public static partial int FlushFileBuffers(SafeFileHandle hFile);

    [LibraryImport("kernel32")]
    public static partial int DuplicateHandle(
        nint hSourceProcessHandle,
        SafeFileHandle hSourceHandle,
        nint hTargetProcessHandle,
        out nint lpTargetHandle,
        uint dwDesiredAccess,
        int bInheritHandle,
        uint dwOptions);

    /// <summary>Of another process's handle.</summary>
    [LibraryImport("kernel32")]
    public static partial int DuplicateHandle(
        nint hSourceProcessHandle,
        nint hSourceHandle,
        nint hTargetProcessHandle,
        out nint lpTargetHandle,
        uint dwDesiredAccess,
        int bInheritHandle,
        uint dwOptions);

    /// <summary>FILE_STANDARD_INFO.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct StandardInformation
    {
        public long AllocationSize;
        public long EndOfFile;
        public uint NumberOfLinks;
        public byte DeletePending;
        public byte Directory;
    }
}

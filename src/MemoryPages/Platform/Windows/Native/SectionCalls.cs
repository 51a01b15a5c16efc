using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform.Windows.Native;

/// <summary>CreateFileMapping, MapViewOfFile3 and what ends and writes views: memory that has a section behind it, and handles of sections.</summary>
/// <remarks>Constants: winnt.h and memoryapi.h of the Windows SDK.</remarks>
internal static unsafe partial class SectionCalls
{
    public const uint FILE_MAP_COPY = 0x1;
    public const uint FILE_MAP_WRITE = 0x2;
    public const uint FILE_MAP_READ = 0x4;
    public const uint FILE_MAP_EXECUTE = 0x20;

    /// <summary>Since Windows 10 1703, for views of sections made with <see cref="SEC_LARGE_PAGES"/>.</summary>
    public const uint FILE_MAP_LARGE_PAGES = 0x20000000;

    /// <summary>To ask for a section's length; the same bit as <see cref="FILE_MAP_COPY"/>.</summary>
    public const uint SECTION_QUERY = 0x1;

    public const uint READ_CONTROL = 0x20000;

    public const uint SEC_FILE = 0x800000;
    public const uint SEC_IMAGE = 0x1000000;
    public const uint SEC_COMMIT = 0x8000000;
    public const uint SEC_LARGE_PAGES = 0x80000000;

    public const int SectionBasicInformation = 0;

    public const uint HANDLE_FLAG_INHERIT = 1;

    public const nint INVALID_HANDLE_VALUE = -1;

    [LibraryImport("kernel32")]
    public static partial nint CreateFileMappingW(
        SafeFileHandle hFile, nint lpFileMappingAttributes, uint flProtect, uint dwMaximumSizeHigh, uint dwMaximumSizeLow, nint lpName);

    /// <summary>
    /// Of memory: the file is <see cref="INVALID_HANDLE_VALUE"/>. Where the name exists it succeeds, with ERROR_ALREADY_EXISTS as the last error.
    /// </summary>
    [LibraryImport("kernel32", EntryPoint = "CreateFileMappingW", StringMarshalling = StringMarshalling.Utf16)]
    public static partial nint CreateMemoryMappingW(
        nint hFile,
        SecurityCalls.SecurityAttributes* lpFileMappingAttributes,
        uint flProtect,
        uint dwMaximumSizeHigh,
        uint dwMaximumSizeLow,
        string? lpName);

    [LibraryImport("kernel32", StringMarshalling = StringMarshalling.Utf16)]
    public static partial nint OpenFileMappingW(uint dwDesiredAccess, int bInheritHandle, string lpName);

    /// <summary>Returns an NTSTATUS: not negative is success.</summary>
    [LibraryImport("ntdll")]
    public static partial int NtQuerySection(
        SafeFileHandle SectionHandle, int InformationClass, SectionInformation* SectionInformation, nuint InformationLength, nuint* ResultLength);

    [LibraryImport("kernel32")]
    public static partial nuint MapViewOfFileEx(
        nint hFileMappingObject, uint dwDesiredAccess, uint dwFileOffsetHigh, uint dwFileOffsetLow, nuint dwNumberOfBytesToMap, nuint lpBaseAddress);

    /// <summary>Of a section that somebody else closes.</summary>
    [LibraryImport("kernel32", EntryPoint = "MapViewOfFileEx")]
    public static partial nuint MapViewOfSectionEx(
        SafeFileHandle hFileMappingObject, uint dwDesiredAccess, uint dwFileOffsetHigh, uint dwFileOffsetLow, nuint dwNumberOfBytesToMap, nuint lpBaseAddress);

    /// <summary>Since Windows 10 1803: see <see cref="Exports"/>.</summary>
    [LibraryImport("kernelbase")]
    public static partial nuint MapViewOfFile3(
        nint FileMapping,
        nint Process,
        nuint BaseAddress,
        ulong Offset,
        nuint ViewSize,
        uint AllocationType,
        uint PageProtection,
        AddressCalls.ExtendedParameter* ExtendedParameters,
        uint ParameterCount);

    [LibraryImport("kernel32")]
    public static partial int UnmapViewOfFile(nuint lpBaseAddress);

    [LibraryImport("kernel32")]
    public static partial int FlushViewOfFile(nuint lpBaseAddress, nuint dwNumberOfBytesToFlush);

    [LibraryImport("kernel32")]
    public static partial int CloseHandle(nint hObject);

    [LibraryImport("kernel32")]
    public static partial int GetHandleInformation(SafeFileHandle hObject, out uint lpdwFlags);

    [LibraryImport("kernel32")]
    public static partial int SetHandleInformation(SafeFileHandle hObject, uint dwMask, uint dwFlags);

    /// <summary>The path of the file behind a view, in the form of the kernel's devices: <c>\Device\HarddiskVolume2\…</c></summary>
    [LibraryImport("kernel32", EntryPoint = "K32GetMappedFileNameW")]
    public static partial uint GetMappedFileNameW(nint hProcess, nuint lpv, char* lpFilename, uint nSize);

    /// <summary>The device that a letter stands for, and behind a zero others that it stood for before.</summary>
    [LibraryImport("kernel32", StringMarshalling = StringMarshalling.Utf16)]
    public static partial uint QueryDosDeviceW(string lpDeviceName, char* lpTargetPath, uint ucchMax);

    /// <summary>SECTION_BASIC_INFORMATION of 64 bits.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SectionInformation
    {
        public nuint BaseAddress;
        public uint Attributes;
        public long MaximumSize;
    }
}

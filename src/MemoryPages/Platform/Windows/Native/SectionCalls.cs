using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform.Windows.Native;

/// <summary>CreateFileMapping, MapViewOfFile3 and what ends and writes views: memory that has a section behind it.</summary>
/// <remarks>Constants: winnt.h and memoryapi.h of the Windows SDK.</remarks>
internal static unsafe partial class SectionCalls
{
    public const uint FILE_MAP_COPY = 0x1;
    public const uint FILE_MAP_WRITE = 0x2;
    public const uint FILE_MAP_READ = 0x4;
    public const uint FILE_MAP_EXECUTE = 0x20;

    public const nint INVALID_HANDLE_VALUE = -1;

    [LibraryImport("kernel32")]
    public static partial nint CreateFileMappingW(
        SafeFileHandle hFile, nint lpFileMappingAttributes, uint flProtect, uint dwMaximumSizeHigh, uint dwMaximumSizeLow, nint lpName);

    /// <summary>Of memory: the file is <see cref="INVALID_HANDLE_VALUE"/>.</summary>
    [LibraryImport("kernel32", EntryPoint = "CreateFileMappingW")]
    public static partial nint CreateMemoryMappingW(
        nint hFile, nint lpFileMappingAttributes, uint flProtect, uint dwMaximumSizeHigh, uint dwMaximumSizeLow, nint lpName);

    [LibraryImport("kernel32")]
    public static partial nuint MapViewOfFileEx(
        nint hFileMappingObject, uint dwDesiredAccess, uint dwFileOffsetHigh, uint dwFileOffsetLow, nuint dwNumberOfBytesToMap, nuint lpBaseAddress);

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

    /// <summary>The path of the file behind a view, in the form of the kernel's devices: <c>\Device\HarddiskVolume2\…</c></summary>
    [LibraryImport("kernel32", EntryPoint = "K32GetMappedFileNameW")]
    public static partial uint GetMappedFileNameW(nint hProcess, nuint lpv, char* lpFilename, uint nSize);

    /// <summary>The device that a letter stands for, and behind a zero others that it stood for before.</summary>
    [LibraryImport("kernel32", StringMarshalling = StringMarshalling.Utf16)]
    public static partial uint QueryDosDeviceW(string lpDeviceName, char* lpTargetPath, uint ucchMax);
}

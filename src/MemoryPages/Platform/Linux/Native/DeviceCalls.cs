using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>pread(2), ioctl(2): reading from a device's file at an offset, and requests to what is behind a file.</summary>
internal static unsafe partial class DeviceCalls
{
    [LibraryImport("libc")]
    public static partial nint pread(SafeFileHandle fd, byte* buf, nuint count, long offset);

    /// <summary>Variadic in C; no request here takes more than one argument.</summary>
    [LibraryImport("libc")]
    public static partial int ioctl(SafeFileHandle fd, nuint request, void* argument);
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>pread(2): reading from a device's file at an offset.</summary>
internal static unsafe partial class DeviceCalls
{
    [LibraryImport("libc")]
    public static partial nint pread(SafeFileHandle fd, byte* buf, nuint count, long offset);
}

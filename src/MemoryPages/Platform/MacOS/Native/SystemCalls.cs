using System.Runtime.InteropServices;

namespace MemoryPages.Platform.MacOS.Native;

/// <summary>sysctlbyname(3), sys_icache_invalidate(3).</summary>
internal static unsafe partial class SystemCalls
{
    [LibraryImport("libSystem", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int sysctlbyname(string name, void* value, nuint* length, void* wished, nuint wishedLength);

    /// <summary>Of all cores, and of what they have fetched ahead (libkern/OSCacheControl.h).</summary>
    [LibraryImport("libSystem")]
    public static partial void sys_icache_invalidate(nuint start, nuint length);
}

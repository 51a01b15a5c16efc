using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Windows.Native;

/// <summary>Calls that not every supported Windows has: asked of the library that would have them, once.</summary>
internal static class Exports
{
    /// <summary>VirtualAlloc2 and MapViewOfFile3, and with them placeholders: Windows 10 1803, Server 2019.</summary>
    public static bool HasPlaceholders { get; } = Has("kernelbase", "VirtualAlloc2") && Has("kernelbase", "MapViewOfFile3");

    private static bool Has(string library, string name) =>
        NativeLibrary.TryLoad(library, out nint handle) && NativeLibrary.TryGetExport(handle, name, out _);
}

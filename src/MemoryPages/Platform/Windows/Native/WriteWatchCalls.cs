using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Windows.Native;

/// <summary>GetWriteWatch, ResetWriteWatch: of memory that was allocated with <see cref="AddressCalls.MEM_WRITE_WATCH"/>.</summary>
/// <remarks>Both return 0 where they succeed. Constants: winnt.h of the Windows SDK.</remarks>
internal static unsafe partial class WriteWatchCalls
{
    /// <summary>What is told counts as not written from here on, in the same step.</summary>
    public const uint WRITE_WATCH_FLAG_RESET = 1;

    [LibraryImport("kernel32")]
    public static partial uint GetWriteWatch(
        uint dwFlags, nuint lpBaseAddress, nuint dwRegionSize, nuint* lpAddresses, ref nuint lpdwCount, out uint lpdwGranularity);

    [LibraryImport("kernel32")]
    public static partial uint ResetWriteWatch(nuint lpBaseAddress, nuint dwRegionSize);
}

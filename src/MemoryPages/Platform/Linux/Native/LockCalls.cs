using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>mlock(2), mlock2(2), munlock(2).</summary>
internal static partial class LockCalls
{
    public const uint MLOCK_ONFAULT = 1;

    [LibraryImport("libc")]
    public static partial int mlock(nuint addr, nuint len);

    [LibraryImport("libc")]
    public static partial int mlock2(nuint addr, nuint len, uint flags);

    [LibraryImport("libc")]
    public static partial int munlock(nuint addr, nuint len);
}

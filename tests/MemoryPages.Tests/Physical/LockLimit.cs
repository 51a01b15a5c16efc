using System.Runtime.InteropServices;

namespace MemoryPages.Tests.Physical;

/// <summary>Runs code as one that may not lock more than a limit, on a thread of its own that gives up the capability to go beyond (CAP_IPC_LOCK).</summary>
internal static unsafe partial class LockLimit
{
    private const int MemoryLock = 8; // RLIMIT_MEMLOCK

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getrlimit(int resource, Kernel.Limit* limit);

    public static void Run(nuint bytes, Action action)
    {
        Kernel.Limit before;
        Assert.Equal(0, getrlimit(MemoryLock, &before));
        var limited = new Kernel.Limit(bytes, before.Hard);
        Assert.Equal(0, Kernel.SetLimit(MemoryLock, &limited));
        try
        {
            Capability.Without(Capability.IpcLock, action);
        }
        finally
        {
            Assert.Equal(0, Kernel.SetLimit(MemoryLock, &before));
        }
    }
}

using System.Runtime.InteropServices;

namespace MemoryPages.Tests.Physical;

/// <summary>Runs code as one that may not lock more than a limit, on a thread of its own that gives up the capability to go beyond (CAP_IPC_LOCK).</summary>
internal static unsafe partial class LockLimit
{
    private const int MemoryLock = 8; // RLIMIT_MEMLOCK
    private const uint Version3 = 0x20080522;
    private const int CapIpcLock = 14;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int capget(uint* header, uint* data);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int capset(uint* header, uint* data);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getrlimit(int resource, Kernel.Limit* limit);

    public static void Run(nuint bytes, Action action)
    {
        Kernel.Limit before;
        Assert.Equal(0, getrlimit(MemoryLock, &before));
        Exception? thrown = null;
        var limited = new Kernel.Limit(bytes, before.Hard);
        Assert.Equal(0, Kernel.SetLimit(MemoryLock, &limited));
        try
        {
            var thread = new Thread(() => thrown = Record.Exception(() =>
            {
                GiveUpCapability();
                action();
            }));
            thread.Start();
            thread.Join();
        }
        finally
        {
            Assert.Equal(0, Kernel.SetLimit(MemoryLock, &before));
        }

        Assert.Null(thrown);
    }

    /// <summary>Capabilities are a thread's own.</summary>
    private static void GiveUpCapability()
    {
        uint* header = stackalloc uint[2] { Version3, 0 };
        uint* sets = stackalloc uint[6]; // effective, permitted, inheritable; twice
        Assert.Equal(0, capget(header, sets));
        sets[0] &= ~(1u << CapIpcLock);
        Assert.Equal(0, capset(header, sets));
    }
}

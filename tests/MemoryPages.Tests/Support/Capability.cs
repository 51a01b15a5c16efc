using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace MemoryPages.Tests.Support;

/// <summary>Runs code without a privilege that the process may have (capabilities(7)): they are a thread's own, so on a thread of its own.</summary>
internal static unsafe partial class Capability
{
    public const int IpcLock = 14;
    public const int SysNice = 23;

    private const uint Version3 = 0x20080522;

    public static void Without(int capability, Action action)
    {
        Exception? thrown = null;
        var thread = new Thread(() => thrown = Record.Exception(() =>
        {
            GiveUp(capability);
            action();
        }));
        thread.Start();
        thread.Join();
        if (thrown is not null)
        {
            ExceptionDispatchInfo.Throw(thrown);
        }
    }

    private static void GiveUp(int capability)
    {
        uint* header = stackalloc uint[2] { Version3, 0 };
        uint* sets = stackalloc uint[6]; // effective, permitted, inheritable; twice
        Assert.Equal(0, capget(header, sets));
        sets[0] &= ~(1u << capability);
        Assert.Equal(0, capset(header, sets));
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int capget(uint* header, uint* data);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int capset(uint* header, uint* data);
}

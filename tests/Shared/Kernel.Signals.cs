using System.Runtime.InteropServices;

namespace MemoryPages.Testing;

/// <content>Signal handlers, as another part of a process would set them.</content>
internal static unsafe partial class Kernel
{
    public const int BusError = 7;

    [LibraryImport("libc", EntryPoint = "sigaction", SetLastError = true)]
    public static partial int SignalAction(int signal, Action* action, Action* old);

    /// <summary>The handler for SIGBUS, with what belongs to it.</summary>
    public static Action BusErrorAction
    {
        get
        {
            Action action;
            _ = SignalAction(BusError, null, &action);
            return action;
        }

        set => _ = SignalAction(BusError, &value, null);
    }

    /// <summary>struct sigaction of the C library.</summary>
    public struct Action
    {
        public nint Handler;
        public fixed ulong Mask[16];
        public int Flags;
        public nint Restorer;
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>sigaction(2). Constants: asm/signal.h, asm-generic/siginfo.h, which x86-64 and arm64 share.</summary>
internal static unsafe partial class SignalCalls
{
    public const int SIGBUS = 7;

    public const nuint SIG_DFL = 0;
    public const nuint SIG_IGN = 1;

    public const int SA_SIGINFO = 0x4;
    public const int SA_RESETHAND = unchecked((int)0x80000000);

    [LibraryImport("libc")]
    public static partial int sigaction(int signum, SignalAction* act, SignalAction* oldact);

    /// <summary>struct sigaction, as glibc and musl lay it out.</summary>
    public struct SignalAction
    {
        public nuint Handler;
        public SignalSet Mask;
        public int Flags;
        public nuint Restorer;
    }

    /// <summary>sigset_t: 1,024 bits.</summary>
    [InlineArray(16)]
    public struct SignalSet
    {
        private ulong _first;
    }
}

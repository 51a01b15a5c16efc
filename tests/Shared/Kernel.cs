using System.Runtime.InteropServices;

namespace MemoryPages.Testing;

/// <summary>The system's own calls, for checking and provoking what the library must cope with. Tests use nothing of the library for that.</summary>
internal static unsafe partial class Kernel
{
    public const int ReadBit = 1;
    public const int WriteBit = 2;
    public const int PrivateAnonymous = 0x22;
    public const int NoReserve = 0x4000;
    public const int Fixed = 0x10;
    public const int HugePage = 0x40000;

    public static readonly nint Failed = -1;

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    public static partial nint Map(nint address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    public static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    public static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    public static partial int Advise(nint address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "mincore", SetLastError = true)]
    public static partial int Residency(nint address, nuint length, byte* pages);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    public static partial int ProcessControl(int option, nint a, nint b, nint c, nint d);

    [LibraryImport("libc", EntryPoint = "fork", SetLastError = true)]
    public static partial int Fork();

    [LibraryImport("libc", EntryPoint = "_exit")]
    public static partial void ExitNow(int code);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    public static partial int WaitFor(int process, int* status, int options);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    public static partial int SetLimit(int resource, Limit* limit);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int FileFacts(int folder, string path, int flags, uint mask, ulong* facts);

    /// <summary>Bytes that a file has on its device: not its length.</summary>
    public static long AllocatedBytes(string path)
    {
        const int CurrentFolder = -100;
        const uint Blocks = 0x400;
        const int BlocksAt = 6;
        const int BlockSize = 512; // whatever the file system's is
        ulong* facts = stackalloc ulong[32];
        return FileFacts(CurrentFolder, path, 0, Blocks, facts) == 0
            ? (long)facts[BlocksAt] * BlockSize
            : throw new IOException($"statx of {path} failed: errno {Marshal.GetLastPInvokeError()}.");
    }

    public static bool IsRoot => EffectiveUser() == 0;

    /// <summary>struct rlimit.</summary>
    public readonly struct Limit(ulong soft, ulong hard)
    {
        public readonly ulong Soft = soft;
        public readonly ulong Hard = hard;
    }
}

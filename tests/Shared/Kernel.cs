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

    /// <summary>mremap(2), which takes all five arguments.</summary>
    [LibraryImport("libc", EntryPoint = "mremap", SetLastError = true)]
    public static partial nint Move(nint address, nuint length, nuint newLength, int flags, nint newAddress);

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

    [LibraryImport("libc", EntryPoint = "process_vm_readv", SetLastError = true)]
    private static partial nint ReadVector(int process, nint* local, nuint localCount, nint* remote, nuint remoteCount, nuint flags);

    /// <summary>A byte of a process's memory, as a debugger gets it; -1 where the kernel gives none.</summary>
    public static int ReadOther(int process, nuint address)
    {
        byte seen;
        nint* local = stackalloc nint[2] { (nint)(&seen), 1 };
        nint* remote = stackalloc nint[2] { (nint)address, 1 };
        return ReadVector(process, local, 1, remote, 1, 0) == 1 ? seen : -1;
    }

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMessage(int socket, byte* message, int flags);

    /// <summary>Any number of descriptors in one message of one byte, as a program in C sends them.</summary>
    public static void SendDescriptors(System.Net.Sockets.Socket socket, params int[] descriptors)
    {
        byte content = 0;
        nint* part = stackalloc nint[2] { (nint)(&content), 1 };
        int length = 16 + (4 * descriptors.Length);
        byte* control = stackalloc byte[length + 8];
        *(nint*)control = length;
        ((int*)control)[2] = 1; // SOL_SOCKET
        ((int*)control)[3] = 1; // SCM_RIGHTS
        descriptors.CopyTo(new Span<int>(control + 16, descriptors.Length));
        nint* message = stackalloc nint[7] { 0, 0, (nint)part, 1, (nint)control, (length + 7) & ~7, 0 };
        if (SendMessage((int)socket.SafeHandle.DangerousGetHandle(), (byte*)message, 0) != 1)
        {
            throw new InvalidOperationException($"sendmsg: errno {Marshal.GetLastPInvokeError()}");
        }
    }

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

using System.Runtime.InteropServices;

namespace MemoryPages.Testing;

/// <summary>What the framework does not offer of files: kinds of descriptors, and mounts.</summary>
internal static unsafe partial class Kernel
{
    public const uint HugeMemoryFile = 4;
    public const int SetLease = 1024;
    public const int WriteLease = 1;
    public const int Unlease = 2;

    /// <summary>SIGIO.</summary>
    public const int LeaseSignal = 29;

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int CreateMemoryFile(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "pipe", SetLastError = true)]
    public static partial int CreatePipe(int* ends);

    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int CreateNamedPipe(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int CreateEvent(uint value, int flags);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int ControlLease(int descriptor, int command, int kind);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Mount(string source, string target, string type, nuint flags, string? options);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unmount(string target, int flags);
}

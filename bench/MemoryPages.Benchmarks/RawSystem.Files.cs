using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Benchmarks;

/// <summary>Files, as a user would map, grow and flush them by hand.</summary>
internal static partial class RawSystem
{
    private const int SharedWithFile = 1;
    private const int SyncNow = 4;
    private const int MayMove = 1;
    private const int CloseInChildren = 0x80000;
    private const int ThisFile = 0x1000;
    private const uint AskLength = 0x200;

    public static unsafe int Open(byte* path)
    {
        int file = open(path, CloseInChildren, 0);
        return file >= 0 ? file : throw new InvalidOperationException("open failed.");
    }

    public static void Close(int file) => _ = close(file);

    public static unsafe long LengthOf(int file)
    {
        byte empty = 0;
        return statx(file, &empty, ThisFile, AskLength, out FileStatus status) == 0
            ? status.Length
            : throw new InvalidOperationException("statx failed.");
    }

    public static unsafe byte* MapFile(int file, nuint length)
    {
        nint address = mmap(0, length, ReadAccess, SharedWithFile, file, 0);
        return address != -1 ? (byte*)address : throw new InvalidOperationException("mmap failed.");
    }

    public static unsafe byte* MapShared(SafeFileHandle file, nuint length)
    {
        nint address = mmap(0, length, ReadWriteAccess, SharedWithFile, (int)file.DangerousGetHandle(), 0);
        return address != -1 ? (byte*)address : throw new InvalidOperationException("mmap failed.");
    }

    public static unsafe byte* Remap(byte* start, nuint length, nuint newLength)
    {
        nint address = mremap((nint)start, length, newLength, MayMove, 0);
        return address != -1 ? (byte*)address : throw new InvalidOperationException("mremap failed.");
    }

    public static unsafe void Flush(byte* start, nuint length)
    {
        if (msync((nint)start, length, SyncNow) != 0)
        {
            throw new InvalidOperationException("msync failed.");
        }
    }

    public static void SetLength(SafeFileHandle file, nuint length)
    {
        if (ftruncate((int)file.DangerousGetHandle(), (long)length) != 0)
        {
            throw new InvalidOperationException("ftruncate failed.");
        }
    }

    public static void AllocateSpace(SafeFileHandle file, nuint offset, nuint length)
    {
        if (fallocate((int)file.DangerousGetHandle(), 0, (long)offset, (long)length) != 0)
        {
            throw new InvalidOperationException("fallocate failed.");
        }
    }

    public static void DropFromCache(SafeFileHandle file, nint offset, nint length)
    {
        const int NotNeeded = 4;
        if (posix_fadvise((int)file.DangerousGetHandle(), offset, length, NotNeeded) != 0)
        {
            throw new InvalidOperationException("posix_fadvise failed.");
        }
    }

    [LibraryImport("libc")]
    private static unsafe partial int open(byte* path, int flags, uint mode);

    [LibraryImport("libc")]
    private static partial int close(int fd);

    [LibraryImport("libc")]
    private static partial nint mremap(nint addr, nuint length, nuint newLength, int flags, nint newAddr);

    [LibraryImport("libc")]
    private static partial int msync(nint addr, nuint length, int flags);

    [LibraryImport("libc")]
    private static partial int ftruncate(int fd, long length);

    [LibraryImport("libc")]
    private static partial int fallocate(int fd, int mode, long offset, long length);

    [LibraryImport("libc")]
    private static partial int posix_fadvise(int fd, nint offset, nint length, int advice);

    [LibraryImport("libc")]
    private static unsafe partial int statx(int folder, byte* path, int flags, uint mask, out FileStatus status);

    /// <summary>struct statx, as far as it is used.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private readonly struct FileStatus
    {
        [FieldOffset(40)]
        public readonly long Length;
    }
}

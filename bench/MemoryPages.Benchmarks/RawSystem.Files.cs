using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Benchmarks;

/// <summary>Files, as a user would map, grow and flush them by hand.</summary>
internal static partial class RawSystem
{
    private const int SharedWithFile = 1;
    private const int SyncNow = 4;
    private const int MayMove = 1;

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

    [LibraryImport("libc")]
    private static partial nint mremap(nint addr, nuint length, nuint newLength, int flags, nint newAddr);

    [LibraryImport("libc")]
    private static partial int msync(nint addr, nuint length, int flags);

    [LibraryImport("libc")]
    private static partial int ftruncate(int fd, long length);

    [LibraryImport("libc")]
    private static partial int fallocate(int fd, int mode, long offset, long length);
}

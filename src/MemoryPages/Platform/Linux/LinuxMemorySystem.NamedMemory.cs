using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Unicode;
using MemoryPages.Platform.Linux.Native;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Platform.Linux.Native.FileKindCalls;
using static MemoryPages.Platform.Linux.Native.NamedFileCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>Files in memory under a name: in the folder where shm_open(3) puts them, so that programs in any language meet there.</summary>
/// <remarks>
/// Each user holds a shared lock on the file (flock(2)). The kernel keeps such a lock as long as any descriptor or mapping of that opening lives, and
/// not a moment longer, however the process ended: memory that nobody locks is memory that nobody uses.
/// </remarks>
internal sealed unsafe partial class LinuxMemorySystem
{
    private const int MostTries = 1000;
    private const int LongestPath = 9 + NAME_MAX + 1;

    private static ReadOnlySpan<byte> Folder => "/dev/shm/"u8;

    public override SystemError CreateNamedMemory(string name, nuint length, UnixFileMode permissions, bool replaceUnused, SafeFileHandle file)
    {
        byte* path = stackalloc byte[LongestPath];
        SystemError error = WritePath(name, path);
        if (error.Failed)
        {
            return error;
        }

        error = CreateNameless(length, permissions, file);
        if (!error.Failed)
        {
            error = Link(file, path);
        }

        for (int tries = 0; error.Code == Errno.EEXIST && replaceUnused && tries < MostTries && TryRemoveUnused(path); tries++)
        {
            error = Link(file, path);
        }

        if (error.Failed)
        {
            file.Close();
        }

        return error;
    }

    public override SystemError OpenNamedMemory(string name, bool forWriting, SafeFileHandle file)
    {
        byte* path = stackalloc byte[LongestPath];
        SystemError error = WritePath(name, path);
        for (int tries = 0; !error.Failed; tries++)
        {
            error = OpenAt(path, forWriting, out int descriptor);
            if (error.Failed)
            {
                return error;
            }

            error = flock(descriptor, LOCK_SH | LOCK_NB) == 0 ? SystemError.None : Errno.Last("flock");
            if (!error.Failed && statx(descriptor, Nothing, AT_EMPTY_PATH, STATX_NLINK, out Status status) == 0 && status.Links != 0)
            {
                Marshal.InitHandle(file, descriptor);
                return SystemError.None;
            }

            // Somebody is replacing it, or has: what is opened next is the new one.
            _ = MemoryFileCalls.close(descriptor);
            if (error.Code == Errno.EAGAIN && tries < MostTries)
            {
                error = SystemError.None;
                Thread.Sleep(1);
            }
        }

        return error;
    }

    public override SystemError RemoveNamedMemory(string name, SafeFileHandle? onlyThis)
    {
        byte* path = stackalloc byte[LongestPath];
        SystemError error = WritePath(name, path);
        if (error.Failed)
        {
            return error;
        }

        if (onlyThis is not null)
        {
            using var held = new HeldDescriptor(onlyThis);
            if (!IsAt(path, held.Number))
            {
                return new SystemError("unlink", Errno.ENOENT);
            }
        }

        return unlink(path) == 0 ? SystemError.None : Errno.Last("unlink");
    }

    public override SystemError OpenOfProcess(int process, int descriptor, bool forWriting, SafeFileHandle file) =>
        OpenFile(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/fd/{descriptor}"), forWriting, file);

    private static byte* Nothing => (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference("\0"u8));

    /// <summary>
    /// The file has no name until all of it is there: whoever finds the name finds the whole memory, and a process that dies before leaves nothing.
    /// Its space is taken now, since the file system of such files is limited and a touch of what it has no room for ends the process.
    /// </summary>
    private SystemError CreateNameless(nuint length, UnixFileMode permissions, SafeFileHandle file)
    {
        if (length > long.MaxValue)
        {
            return new SystemError("fallocate", Errno.EFBIG);
        }

        int descriptor;
        fixed (byte* folder = Folder)
        {
            descriptor = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, (uint)(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }

        if (descriptor < 0)
        {
            return Errno.Last("open");
        }

        // Its mode in a call of its own: the one that opens takes the process's umask off.
        Marshal.InitHandle(file, descriptor);
        return fchmod(file, (uint)permissions) != 0 ? Errno.Last("fchmod")
            : flock(descriptor, LOCK_SH | LOCK_NB) != 0 ? Errno.Last("flock")
            : AllocateSpace(file, 0, 0, (long)length);
    }

    private static SystemError Link(SafeFileHandle file, byte* path)
    {
        using var held = new HeldDescriptor(file);
        Span<byte> own = stackalloc byte[64];
        _ = Utf8.TryWrite(own, CultureInfo.InvariantCulture, $"/proc/self/fd/{held.Number}\0", out _);
        fixed (byte* start = own)
        {
            return linkat(AT_FDCWD, start, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 ? SystemError.None : Errno.Last("linkat");
        }
    }

    /// <summary>False where somebody uses it. True where it is gone, by this or by another hand: the name may be free now.</summary>
    private static bool TryRemoveUnused(byte* path)
    {
        SystemError error = OpenAt(path, forWriting: false, out int descriptor);
        if (error.Failed)
        {
            return error.Code == Errno.ENOENT;
        }

        // Alone on the file, and the name still is the file's: now it is ours to take away. Whoever opens it meanwhile waits for our lock to go.
        bool unused = flock(descriptor, LOCK_EX | LOCK_NB) == 0;
        bool removed = unused && (!IsAt(path, descriptor) || unlink(path) == 0);
        _ = MemoryFileCalls.close(descriptor);
        return removed;
    }

    /// <summary>Follows no link and waits for no pipe: anybody may put anything into that folder.</summary>
    private static SystemError OpenAt(byte* path, bool forWriting, out int descriptor)
    {
        descriptor = open(path, (forWriting ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0);
        return descriptor >= 0 ? SystemError.None : Errno.Last("open");
    }

    private static bool IsAt(byte* path, int descriptor) =>
        statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_INO, out Status named) == 0
        && statx(descriptor, Nothing, AT_EMPTY_PATH, STATX_INO, out Status own) == 0
        && (named.Device, named.Number) == (own.Device, own.Number);

    private static SystemError WritePath(string name, byte* path)
    {
        Folder.CopyTo(new Span<byte>(path, LongestPath));
        OperationStatus status = Utf8.FromUtf16(name, new Span<byte>(path + Folder.Length, NAME_MAX), out _, out int count);
        path[Folder.Length + count] = 0;
        return status == OperationStatus.Done ? SystemError.None : new SystemError("open", Errno.ENAMETOOLONG); // what the kernel would say
    }
}

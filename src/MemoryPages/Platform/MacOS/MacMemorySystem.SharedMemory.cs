using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Unicode;
using MemoryPages.Platform.MacOS.Native;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Platform.MacOS.Native.FileCalls;

namespace MemoryPages.Platform.MacOS;

/// <summary>Memory that processes share: without a name, inherited.</summary>
internal sealed unsafe partial class MacMemorySystem
{
    /// <remarks>
    /// A name in the system's list of shared memory for a moment, and then none: it lives as long as somebody has it open or mapped. It gets its
    /// length once (pshm_truncate), rounded up to whole pages.
    /// </remarks>
    public override SystemError CreateSharedMemory(nuint length, nuint pageSize, string? name, SafeFileHandle file)
    {
        if (pageSize > PageSize)
        {
            return MacErrors.NotSupported("shm_open");
        }

        const int OwnersOnly = (int)(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        byte* text = stackalloc byte[PSHMNAMLEN + 1];
        ulong number;
        RandomNumberGenerator.Fill(new Span<byte>(&number, sizeof(ulong)));
        _ = Utf8.TryWrite(new Span<byte>(text, PSHMNAMLEN + 1), CultureInfo.InvariantCulture, $"/MemoryPages.{number:x}\0", out _);
        int descriptor = shm_open(text, O_RDWR | O_CREAT | O_EXCL, OwnersOnly);
        if (descriptor < 0)
        {
            return Errno.Last("shm_open");
        }

        Marshal.InitHandle(file, descriptor); // children do not inherit it: shm_open(2) sees to that
        _ = shm_unlink(text);
        SystemError error = length > long.MaxValue ? new SystemError("ftruncate", Errno.EFBIG) : SetLength(file, 0, (long)length);
        if (error.Failed)
        {
            file.Close();
        }

        return error;
    }

    public override SystemError QueryInheritable(SafeFileHandle file, out bool inheritable)
    {
        using var held = new HeldDescriptor(file);
        int flags = fcntl(held.Number, F_GETFD, 0);
        inheritable = flags >= 0 && (flags & FD_CLOEXEC) == 0;
        return flags >= 0 ? SystemError.None : Errno.Last("fcntl");
    }

    public override SystemError SetInheritable(SafeFileHandle file, bool inheritable)
    {
        using var held = new HeldDescriptor(file);
        return fcntl(held.Number, F_SETFD, inheritable ? 0 : FD_CLOEXEC) == 0 ? SystemError.None : Errno.Last("fcntl");
    }

    /// <remarks>There are no seals; what is shared memory at all, its kind tells.</remarks>
    public override SystemError QuerySeals(SafeFileHandle file, out SharedMemorySeals seals)
    {
        seals = SharedMemorySeals.None;
        using var held = new HeldDescriptor(file);
        return fstat(held.Number, out Status status) != 0 ? Errno.Last("fstat")
            : (status.Mode & S_IFMT) == 0 ? SystemError.None
            : new SystemError("fcntl", Errno.EINVAL);
    }

    public override SystemError AddSeals(SafeFileHandle file, SharedMemorySeals seals) => MacErrors.NotSupported("shm_open");

    /// <remarks>A name appears before its memory has a length, which it gets once, and nobody can tell who has it open.</remarks>
    public override SystemError CreateNamedMemory(string name, nuint length, UnixFileMode permissions, bool replaceUnused, SafeFileHandle file) =>
        MacErrors.NotSupported("shm_open");

    public override SystemError OpenNamedMemory(string name, bool forWriting, SafeFileHandle file) => MacErrors.NotSupported("shm_open");

    public override SystemError RemoveNamedMemory(string name, SafeFileHandle? onlyThis) => MacErrors.NotSupported("shm_unlink");

    public override SystemError OpenOfProcess(int process, int descriptor, bool forWriting, SafeFileHandle file) =>
        MacErrors.NotSupported("fileport_makefd");

    public override SystemError SendFile(SafeHandle socket, SafeFileHandle file, out bool mustWait)
    {
        mustWait = false;
        return MacErrors.NotSupported("sendmsg");
    }

    public override SystemError ReceiveFile(SafeHandle socket, SafeFileHandle file, out nuint bytes, out bool mustWait)
    {
        (bytes, mustWait) = (0, false);
        return MacErrors.NotSupported("recvmsg");
    }
}

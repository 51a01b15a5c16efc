using System.Runtime.InteropServices;
using MemoryPages.Platform.Linux.Native;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Platform.Linux.Native.FileCalls;
using static MemoryPages.Platform.Linux.Native.MappingCalls;
using static MemoryPages.Platform.Linux.Native.MemoryFileCalls;
using static MemoryPages.Platform.Linux.Native.SealCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>Files in memory without a name: made, sealed, inherited.</summary>
internal sealed partial class LinuxMemorySystem
{
    public override SystemError CreateSharedMemory(nuint length, nuint pageSize, string? name, SafeFileHandle file)
    {
        uint pages = pageSize > PageSize ? MFD_HUGETLB | ((uint)nuint.Log2(pageSize) << MFD_HUGE_SHIFT) : 0;
        SystemError error = CreateMemoryFile(name, pages, out int descriptor);
        if (error.Failed)
        {
            return error;
        }

        Marshal.InitHandle(file, descriptor);
        error = SetLength(descriptor, length);
        if (!error.Failed && pages != 0)
        {
            error = PromisePages(descriptor, length);
        }

        if (error.Failed)
        {
            file.Close();
        }

        return error;
    }

    public override SystemError QuerySeals(SafeFileHandle file, out SharedMemorySeals seals)
    {
        int answer = fcntl(file, F_GET_SEALS, 0);
        seals = (SharedMemorySeals)Math.Max(answer, 0);
        return answer >= 0 ? SystemError.None : Errno.Last("fcntl");
    }

    public override SystemError AddSeals(SafeFileHandle file, SharedMemorySeals seals)
    {
        return fcntl(file, F_ADD_SEALS, (nint)seals) == 0 ? SystemError.None : Errno.Last("fcntl");
    }

    public override SystemError QueryInheritable(SafeFileHandle file, out bool inheritable)
    {
        int flags = fcntl(file, F_GETFD, 0);
        inheritable = flags >= 0 && (flags & FD_CLOEXEC) == 0;
        return flags >= 0 ? SystemError.None : Errno.Last("fcntl");
    }

    public override SystemError SetInheritable(SafeFileHandle file, bool inheritable)
    {
        return fcntl(file, F_SETFD, inheritable ? 0 : FD_CLOEXEC) == 0 ? SystemError.None : Errno.Last("fcntl");
    }

    private static SystemError SetLength(int file, nuint length) =>
        length > long.MaxValue || ExceedsFileSizeLimit(length) ? new SystemError("ftruncate", Errno.EFBIG) : SetLength(file, (long)length);

    /// <summary>What a shared mapping of huge pages sets aside stays with the file, after the mapping too.</summary>
    private SystemError PromisePages(int file, nuint length)
    {
        nuint address = mmap(0, length, PROT_NONE, MAP_SHARED, file, 0);
        return address == MAP_FAILED ? Errno.Last("mmap") : Unmap(address, length);
    }
}

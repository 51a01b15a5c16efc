using System.Runtime.InteropServices;
using MemoryPages.Platform.Windows.Native;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Platform.Windows.Native.AddressCalls;
using static MemoryPages.Platform.Windows.Native.FileCalls;
using static MemoryPages.Platform.Windows.Native.SectionCalls;

namespace MemoryPages.Platform.Windows;

/// <summary>Memory between processes: sections without a file, in the hands of several.</summary>
/// <remarks>
/// A section's length is fixed when it is made, and all of its pages are charged then: nobody can shorten it, and no touch of it can fail for want of
/// memory. So it has the seals that promise this from the start. One whose pages are committed one by one (SEC_RESERVE) promises nothing, and is not
/// taken for shared memory.
/// </remarks>
internal sealed unsafe partial class WindowsMemorySystem
{
    private const SharedMemorySeals OfEverySection = SharedMemorySeals.Length | SharedMemorySeals.Seal;

    /// <remarks>Its name is for people, and shown by nothing here.</remarks>
    public override SystemError CreateSharedMemory(nuint length, nuint pageSize, string? name, SafeFileHandle file)
    {
        bool isLarge = pageSize > PageSize;
        SystemError error = isLarge ? EnableLockMemory() : SystemError.None;
        if (!error.Failed)
        {
            error = CreateSection(length, PAGE_READWRITE | (isLarge ? SEC_COMMIT | SEC_LARGE_PAGES : 0), out nint section);
            if (!error.Failed)
            {
                Marshal.InitHandle(file, section);
            }
        }

        return error;
    }

    /// <remarks>A handle is copied out of the other process with no more access than was asked for.</remarks>
    public override SystemError OpenOfProcess(int process, int descriptor, bool forWriting, SafeFileHandle file)
    {
        nint owner = ProcessCalls.OpenProcess(ProcessCalls.PROCESS_DUP_HANDLE, 0, (uint)process);
        if (owner == 0)
        {
            return Win32Error.Last("OpenProcess");
        }

        bool isCopied = DuplicateHandle(owner, descriptor, ProcessCalls.CurrentProcess, out nint section, AccessFor(forWriting), 0, 0) != 0;
        SystemError error = isCopied ? SystemError.None : Win32Error.Last("DuplicateHandle");
        _ = CloseHandle(owner);
        if (isCopied)
        {
            Marshal.InitHandle(file, section);
        }

        return error;
    }

    public override SystemError QuerySeals(SafeFileHandle file, out SharedMemorySeals seals)
    {
        SystemError error = QuerySection(file, out _);
        seals = error.Failed ? SharedMemorySeals.None : OfEverySection;
        return error;
    }

    public override SystemError AddSeals(SafeFileHandle file, SharedMemorySeals seals)
    {
        SystemError error = QuerySection(file, out _);
        return error.Failed || (seals & ~OfEverySection) == 0 ? error : NotSupported("CreateFileMapping");
    }

    public override SystemError QueryInheritable(SafeFileHandle file, out bool inheritable)
    {
        bool known = GetHandleInformation(file, out uint flags) != 0;
        SystemError error = known ? SystemError.None : Win32Error.Last("GetHandleInformation");
        inheritable = known && (flags & HANDLE_FLAG_INHERIT) != 0;
        return error;
    }

    public override SystemError SetInheritable(SafeFileHandle file, bool inheritable) =>
        SetHandleInformation(file, HANDLE_FLAG_INHERIT, inheritable ? HANDLE_FLAG_INHERIT : 0) != 0
            ? SystemError.None
            : Win32Error.Last("SetHandleInformation");

    /// <remarks>Sockets of Unix's kind carry no handles here.</remarks>
    public override SystemError SendFile(SafeHandle socket, SafeFileHandle file, out bool mustWait)
    {
        mustWait = false;
        return NotSupported("WSASendMsg");
    }

    public override SystemError ReceiveFile(SafeHandle socket, SafeFileHandle file, out nuint bytes, out bool mustWait)
    {
        (bytes, mustWait) = (0, false);
        return NotSupported("WSARecvMsg");
    }

    private static uint AccessFor(bool forWriting) => SECTION_QUERY | FILE_MAP_READ | (forWriting ? FILE_MAP_WRITE : 0);

    /// <summary>Fails for all that is not memory whole from the start: files, their sections, other handles.</summary>
    private static SystemError QuerySection(SafeFileHandle handle, out SectionInformation section)
    {
        SectionInformation answer = default;
        int status = NtQuerySection(handle, SectionBasicInformation, &answer, (nuint)sizeof(SectionInformation), null);
        section = answer;
        return status >= 0 && (answer.Attributes & (SEC_COMMIT | SEC_FILE | SEC_IMAGE)) == SEC_COMMIT
            ? SystemError.None
            : new SystemError("NtQuerySection", Win32Error.ERROR_INVALID_HANDLE);
    }
}

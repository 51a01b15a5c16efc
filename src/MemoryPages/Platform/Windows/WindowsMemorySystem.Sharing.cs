using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform.Windows;

/// <summary>Memory between processes: sections are no files here, and a socket carries no handles.</summary>
internal sealed unsafe partial class WindowsMemorySystem
{
    public override SystemError CreateSharedMemory(nuint length, nuint pageSize, string? name, SafeFileHandle file) => NotSupported("CreateFileMapping");

    public override SystemError CreateNamedMemory(string name, nuint length, UnixFileMode permissions, bool replaceUnused, SafeFileHandle file) =>
        NotSupported("CreateFileMapping");

    public override SystemError OpenNamedMemory(string name, bool forWriting, SafeFileHandle file) => NotSupported("OpenFileMapping");

    public override SystemError RemoveNamedMemory(string name, SafeFileHandle? onlyThis) => NotSupported("CloseHandle");

    public override SystemError OpenOfProcess(int process, int descriptor, bool forWriting, SafeFileHandle file) => NotSupported("DuplicateHandle");

    public override SystemError QuerySeals(SafeFileHandle file, out SharedMemorySeals seals)
    {
        seals = default;
        return NotSupported("CreateFileMapping");
    }

    public override SystemError AddSeals(SafeFileHandle file, SharedMemorySeals seals) => NotSupported("CreateFileMapping");

    public override SystemError QueryInheritable(SafeFileHandle file, out bool inheritable)
    {
        inheritable = false;
        return NotSupported("GetHandleInformation");
    }

    public override SystemError SetInheritable(SafeFileHandle file, bool inheritable) => NotSupported("SetHandleInformation");

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
}

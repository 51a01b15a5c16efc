using System.Runtime.InteropServices;
using MemoryPages.Platform.Windows.Native;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Platform.Windows.Native.AddressCalls;
using static MemoryPages.Platform.Windows.Native.SectionCalls;
using static MemoryPages.Platform.Windows.Native.SecurityCalls;

namespace MemoryPages.Platform.Windows;

/// <summary>Sections under a name: of the user's session, or with <c>Global\</c> before it of the whole machine.</summary>
internal sealed unsafe partial class WindowsMemorySystem
{
    /// <summary>Bytes of a list of two users: its head, and for each an entry with the identity in it.</summary>
    private const int LongestList = 256;

    /// <remarks>A name ends with the last handle.</remarks>
    public override bool NamesStay => false;

    /// <remarks>Memory that nobody uses has no name any more: there is nothing to replace.</remarks>
    public override SystemError CreateNamedMemory(string name, nuint length, UnixFileMode permissions, bool replaceUnused, SafeFileHandle file)
    {
        byte* list = stackalloc byte[LongestList];
        byte* descriptor = stackalloc byte[SizeOfDescriptor];
        SystemError error = WriteAccess(permissions, list, descriptor);
        if (error.Failed)
        {
            return error;
        }

        var attributes = new SecurityAttributes { Length = (uint)sizeof(SecurityAttributes), Descriptor = descriptor };
        Marshal.SetLastSystemError(0);
        nint section = CreateMemoryMappingW(INVALID_HANDLE_VALUE, &attributes, PAGE_READWRITE, (uint)(length >> 32), (uint)length, name);
        error = Win32Error.Last("CreateFileMapping"); // on success too: it says whether there was one already
        if (section != 0 && error.Code != Win32Error.ERROR_ALREADY_EXISTS)
        {
            Marshal.InitHandle(file, section);
            return SystemError.None;
        }

        _ = section == 0 || CloseHandle(section) != 0;
        bool exists = error.Code == Win32Error.ERROR_ACCESS_DENIED && Exists(name); // making it asks for more access to it than this user has
        return exists ? new SystemError("CreateFileMapping", Win32Error.ERROR_ALREADY_EXISTS) : error;
    }

    public override SystemError OpenNamedMemory(string name, bool forWriting, SafeFileHandle file)
    {
        nint section = OpenFileMappingW(AccessFor(forWriting), 0, name);
        if (section == 0)
        {
            return Win32Error.Last("OpenFileMapping");
        }

        Marshal.InitHandle(file, section);
        return SystemError.None;
    }

    /// <remarks>Nobody can take a name away from those who have the memory open; where there is none, that is told.</remarks>
    public override SystemError RemoveNamedMemory(string name, SafeFileHandle? onlyThis) => onlyThis is not null || Exists(name)
        ? NotSupported("CloseHandle")
        : new SystemError("OpenFileMapping", Win32Error.ERROR_FILE_NOT_FOUND);

    private static bool Exists(string name)
    {
        nint section = OpenFileMappingW(SECTION_QUERY, 0, name);
        SystemError error = section != 0 ? SystemError.None : Win32Error.Last("OpenFileMapping");
        return section != 0 ? CloseHandle(section) != 0 : error.Code == Win32Error.ERROR_ACCESS_DENIED;
    }

    /// <summary>
    /// The user's bits are for the user of this process, the others' for everyone. Groups are something else here: theirs let nobody in.
    /// </summary>
    private static SystemError WriteAccess(UnixFileMode permissions, byte* list, byte* descriptor)
    {
        const int User = 6;
        int size = sizeof(UserOfToken) + LongestIdentity;
        byte* user = stackalloc byte[size];
        if (PrivilegeCalls.OpenProcessToken(ProcessCalls.CurrentProcess, PrivilegeCalls.TOKEN_QUERY, out nint token) == 0)
        {
            return Win32Error.Last("OpenProcessToken");
        }

        SystemError error = GetTokenInformation(token, TokenUser, user, (uint)size, out _) != 0 ? SystemError.None : Win32Error.Last("GetTokenInformation");
        _ = CloseHandle(token);
        if (error.Failed)
        {
            return error;
        }

        fixed (byte* everyone = Everyone)
        {
            bool written = InitializeAcl(list, LongestList, ACL_REVISION) != 0
                && AddAccessAllowedAce(list, ACL_REVISION, AccessBy((int)permissions >> User), ((UserOfToken*)user)->Identity) != 0
                && AddAccessAllowedAce(list, ACL_REVISION, AccessBy((int)permissions), everyone) != 0
                && InitializeSecurityDescriptor(descriptor, SECURITY_DESCRIPTOR_REVISION) != 0
                && SetSecurityDescriptorDacl(descriptor, 1, list, 0) != 0;
            return written ? SystemError.None : Win32Error.Last("SetSecurityDescriptorDacl");
        }
    }

    private static uint AccessBy(int permissions) =>
        ((permissions & (int)UnixFileMode.OtherRead) != 0 ? READ_CONTROL | SECTION_QUERY | FILE_MAP_READ : 0)
        | ((permissions & (int)UnixFileMode.OtherWrite) != 0 ? FILE_MAP_WRITE : 0);
}

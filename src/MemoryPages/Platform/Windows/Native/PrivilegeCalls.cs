using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Windows.Native;

/// <summary>Switching on a privilege that the user has, and asking for the large page that needs one.</summary>
/// <remarks>Constants and structures: winnt.h of the Windows SDK.</remarks>
internal static unsafe partial class PrivilegeCalls
{
    public const uint TOKEN_QUERY = 0x8;
    public const uint TOKEN_ADJUST_PRIVILEGES = 0x20;
    public const uint SE_PRIVILEGE_ENABLED = 2;

    [LibraryImport("kernel32")]
    public static partial nuint GetLargePageMinimum();

    [LibraryImport("advapi32")]
    public static partial int OpenProcessToken(nint ProcessHandle, uint DesiredAccess, out nint TokenHandle);

    [LibraryImport("advapi32", StringMarshalling = StringMarshalling.Utf16)]
    public static partial int LookupPrivilegeValueW(string? lpSystemName, string lpName, out long lpLuid);

    /// <summary>Succeeds, with ERROR_NOT_ALL_ASSIGNED as the last error, where the user does not have the privilege.</summary>
    [LibraryImport("advapi32")]
    public static partial int AdjustTokenPrivileges(
        nint TokenHandle, int DisableAllPrivileges, TokenPrivilege* NewState, uint BufferLength, nint PreviousState, nint ReturnLength);

    /// <summary>TOKEN_PRIVILEGES of one privilege.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    public struct TokenPrivilege
    {
        public uint Count;
        public long Identity;
        public uint Attributes;
    }
}

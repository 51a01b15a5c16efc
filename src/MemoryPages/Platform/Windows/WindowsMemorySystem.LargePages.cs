using MemoryPages.Platform.Windows.Native;
using static MemoryPages.Platform.Windows.Native.AddressCalls;
using static MemoryPages.Platform.Windows.Native.PrivilegeCalls;

namespace MemoryPages.Platform.Windows;

/// <summary>Large pages: resident from the start, never paged out, and for users who hold SeLockMemoryPrivilege.</summary>
internal sealed unsafe partial class WindowsMemorySystem
{
    private volatile bool _hasLargePages;

    /// <summary>Committed at once, as the system wants it: large pages cannot be reserved first.</summary>
    private SystemError MapLargePages(in AnonymousRequest request, uint node, out MappedRange range)
    {
        range = default;
        if (request.Guard != 0)
        {
            return NotSupported("VirtualAlloc"); // guards would have to be a large page each, committed
        }

        SystemError error = EnableLockMemory();
        if (error.Failed)
        {
            return error;
        }

        error = Allocate(
            new ReserveRequest { Length = request.Length, Alignment = request.Alignment },
            MEM_RESERVE | MEM_COMMIT | MEM_LARGE_PAGES, NativeProtection(request.Protection), node, out nuint address);
        _hasLargePages |= !error.Failed;
        range = error.Failed ? default : new MappedRange(address, address, request.Length);
        return error;
    }

    /// <summary>
    /// Memory of large pages comes and goes as a whole. Asked of the system only where there ever was any: other memory pays nothing for it.
    /// </summary>
    private bool IsLarge(nuint address)
    {
        const nuint Valid = 1;
        const nuint LargePage = 1 << 23; // PSAPI_WORKING_SET_EX_BLOCK
        var page = new ResidencyCalls.WorkingSetPage { Address = address };
        return _hasLargePages
            && ResidencyCalls.QueryWorkingSetEx(ProcessCalls.CurrentProcess, &page, (uint)sizeof(ResidencyCalls.WorkingSetPage)) != 0
            && (page.Attributes & (Valid | LargePage)) == (Valid | LargePage);
    }

    /// <summary>Who holds the privilege has it switched off until a program asks; it stays on for the process.</summary>
    private static SystemError EnableLockMemory()
    {
        if (OpenProcessToken(ProcessCalls.CurrentProcess, TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY, out nint token) == 0)
        {
            return Win32Error.Last("OpenProcessToken");
        }

        SystemError error;
        if (LookupPrivilegeValueW(null, "SeLockMemoryPrivilege", out long identity) == 0)
        {
            error = Win32Error.Last("LookupPrivilegeValue");
        }
        else
        {
            var privilege = new TokenPrivilege { Count = 1, Identity = identity, Attributes = SE_PRIVILEGE_ENABLED };
            int done = AdjustTokenPrivileges(token, 0, &privilege, (uint)sizeof(TokenPrivilege), 0, 0);
            int code = System.Runtime.InteropServices.Marshal.GetLastSystemError(); // says "not held" on success too
            error = done != 0 && code != Win32Error.ERROR_NOT_ALL_ASSIGNED
                ? SystemError.None
                : new SystemError("AdjustTokenPrivileges", code == 0 ? Win32Error.ERROR_PRIVILEGE_NOT_HELD : code);
        }

        _ = SectionCalls.CloseHandle(token);
        return error;
    }
}

using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Windows.Native;

/// <summary>Which pages are in the working set, and keeping them there.</summary>
/// <remarks>Structures: psapi.h and memoryapi.h of the Windows SDK.</remarks>
internal static unsafe partial class ResidencyCalls
{
    [LibraryImport("kernel32")]
    public static partial int VirtualLock(nuint lpAddress, nuint dwSize);

    [LibraryImport("kernel32")]
    public static partial int VirtualUnlock(nuint lpAddress, nuint dwSize);

    /// <summary>Since Windows 8.</summary>
    [LibraryImport("kernel32")]
    public static partial int PrefetchVirtualMemory(nint hProcess, nuint NumberOfEntries, MemoryRange* VirtualAddresses, uint Flags);

    [LibraryImport("kernel32", EntryPoint = "K32QueryWorkingSetEx")]
    public static partial int QueryWorkingSetEx(nint hProcess, WorkingSetPage* pv, uint cb);

    [LibraryImport("kernel32")]
    public static partial int GetProcessWorkingSetSizeEx(nint hProcess, out nuint lpMinimum, out nuint lpMaximum, out uint Flags);

    [LibraryImport("kernel32")]
    public static partial int SetProcessWorkingSetSizeEx(nint hProcess, nuint dwMinimum, nuint dwMaximum, uint Flags);

    /// <summary>WIN32_MEMORY_RANGE_ENTRY.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MemoryRange
    {
        public nuint Address;
        public nuint Length;
    }

    /// <summary>PSAPI_WORKING_SET_EX_INFORMATION: bit 0 of the attributes says that the page is in the working set.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct WorkingSetPage
    {
        public nuint Address;
        public nuint Attributes;
    }
}

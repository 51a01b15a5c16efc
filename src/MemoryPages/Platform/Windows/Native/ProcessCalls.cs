using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Windows.Native;

/// <summary>The machine, processes, and this one's instruction cache.</summary>
/// <remarks>Structures: sysinfoapi.h of the Windows SDK.</remarks>
internal static partial class ProcessCalls
{
    /// <summary>GetCurrentProcess: a constant that needs no closing.</summary>
    public const nint CurrentProcess = -1;

    public const uint PROCESS_DUP_HANDLE = 0x40;

    /// <summary>Zero, and ERROR_INVALID_PARAMETER, where there is no such process.</summary>
    [LibraryImport("kernel32")]
    public static partial nint OpenProcess(uint dwDesiredAccess, int bInheritHandle, uint dwProcessId);

    [LibraryImport("kernel32")]
    public static partial void GetSystemInfo(out SystemInformation lpSystemInfo);

    [LibraryImport("kernel32")]
    public static partial int GlobalMemoryStatusEx(ref MemoryStatus lpBuffer);

    [LibraryImport("kernel32")]
    public static partial int FlushInstructionCache(nint hProcess, nuint lpBaseAddress, nuint dwSize);

    [LibraryImport("kernel32")]
    public static partial int GetNumaHighestNodeNumber(out uint HighestNodeNumber);

    /// <summary>SYSTEM_INFO of 64 bits.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SystemInformation
    {
        public uint ProcessorArchitecture;
        public uint PageSize;
        public nuint MinimumApplicationAddress;
        public nuint MaximumApplicationAddress;
        public nuint ActiveProcessorMask;
        public uint NumberOfProcessors;
        public uint ProcessorType;
        public uint AllocationGranularity;
        public uint ProcessorLevelAndRevision;
    }

    /// <summary>MEMORYSTATUSEX.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MemoryStatus
    {
        public uint Length;
        public uint MemoryLoad;
        public ulong TotalPhysical;
        public ulong AvailablePhysical;

        /// <summary>What the system, or the process's job, can promise: memory and page files.</summary>
        public ulong CommitLimit;

        public ulong CommitAvailable;
        public ulong TotalVirtual;
        public ulong AvailableVirtual;
        public ulong AvailableExtendedVirtual;
    }
}

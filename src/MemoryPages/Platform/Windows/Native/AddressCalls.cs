using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Windows.Native;

/// <summary>VirtualAlloc, VirtualAlloc2, VirtualFree, VirtualProtect, VirtualQuery: address ranges come, go and change protection.</summary>
/// <remarks>
/// Constants and structures: winnt.h of the Windows SDK. No <c>SetLastError</c>: on failure the caller's next statement reads the error itself
/// (<see cref="Win32Error.Last"/>).
/// </remarks>
internal static unsafe partial class AddressCalls
{
    public const uint PAGE_NOACCESS = 0x01;
    public const uint PAGE_READONLY = 0x02;
    public const uint PAGE_READWRITE = 0x04;
    public const uint PAGE_WRITECOPY = 0x08;
    public const uint PAGE_EXECUTE = 0x10;
    public const uint PAGE_EXECUTE_READ = 0x20;
    public const uint PAGE_EXECUTE_READWRITE = 0x40;
    public const uint PAGE_EXECUTE_WRITECOPY = 0x80;
    public const uint PAGE_GUARD = 0x100;

    public const uint MEM_COMMIT = 0x1000;
    public const uint MEM_RESERVE = 0x2000;
    public const uint MEM_REPLACE_PLACEHOLDER = 0x4000;
    public const uint MEM_RESERVE_PLACEHOLDER = 0x40000;
    public const uint MEM_RESET = 0x80000;
    public const uint MEM_WRITE_WATCH = 0x200000;
    public const uint MEM_RESET_UNDO = 0x1000000;
    public const uint MEM_LARGE_PAGES = 0x20000000;

    public const uint MEM_PRESERVE_PLACEHOLDER = 0x2;
    public const uint MEM_DECOMMIT = 0x4000;
    public const uint MEM_RELEASE = 0x8000;

    public const uint MEM_FREE = 0x10000;
    public const uint MEM_PRIVATE = 0x20000;
    public const uint MEM_MAPPED = 0x40000;
    public const uint MEM_IMAGE = 0x1000000;

    public const ulong MemExtendedParameterAddressRequirements = 1;
    public const ulong MemExtendedParameterNumaNode = 3;

    public const uint NUMA_NO_PREFERRED_NODE = uint.MaxValue;

    /// <summary>For <see cref="MEM_RESET"/> and its like, which look at no protection but want a valid one.</summary>
    public const uint AnyProtection = PAGE_READWRITE;

    [LibraryImport("kernel32")]
    public static partial nuint VirtualAlloc(nuint lpAddress, nuint dwSize, uint flAllocationType, uint flProtect);

    /// <summary>
    /// The node is heeded where addresses are reserved, and holds for what is committed there later. Without one it is VirtualAlloc.
    /// </summary>
    [LibraryImport("kernel32")]
    public static partial nuint VirtualAllocExNuma(nint hProcess, nuint lpAddress, nuint dwSize, uint flAllocationType, uint flProtect, uint nndPreferred);

    /// <summary>Since Windows 10 1803: see <see cref="Exports"/>.</summary>
    [LibraryImport("kernelbase")]
    public static partial nuint VirtualAlloc2(
        nint Process, nuint BaseAddress, nuint Size, uint AllocationType, uint PageProtection, ExtendedParameter* ExtendedParameters, uint ParameterCount);

    [LibraryImport("kernel32")]
    public static partial int VirtualFree(nuint lpAddress, nuint dwSize, uint dwFreeType);

    [LibraryImport("kernel32")]
    public static partial int VirtualProtect(nuint lpAddress, nuint dwSize, uint flNewProtect, out uint lpflOldProtect);

    [LibraryImport("kernel32")]
    public static partial nuint VirtualQuery(nuint lpAddress, out MemoryInformation lpBuffer, nuint dwLength);

    /// <summary>MEM_EXTENDED_PARAMETER: a type of eight bits, and a pointer or a number.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ExtendedParameter
    {
        public ulong Type;
        public nuint Value;
    }

    /// <summary>MEM_ADDRESS_REQUIREMENTS: both bounds are addresses that may be used; 0 is no wish.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct AddressRequirements
    {
        public nuint LowestStartingAddress;
        public nuint HighestEndingAddress;
        public nuint Alignment;
    }

    /// <summary>MEMORY_BASIC_INFORMATION of 64 bits.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MemoryInformation
    {
        public nuint BaseAddress;
        public nuint AllocationBase;
        public uint AllocationProtect;
        public uint PartitionId;
        public nuint RegionSize;
        public uint State;
        public uint Protect;
        public uint Type;
        public uint Padding;
    }
}

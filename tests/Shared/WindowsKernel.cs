using System.Runtime.InteropServices;

namespace MemoryPages.Testing;

/// <summary>Windows' own calls, as <see cref="Kernel"/> has those of Linux.</summary>
internal static partial class WindowsKernel
{
    private const uint Reserve = 0x2000;
    private const uint CommitAndReserve = 0x3000;
    private const uint Release = 0x8000;
    private const uint ReadAndWrite = 4;
    private const uint ReadOnly = 2;

    /// <summary>Addresses that are free now, of whole granules.</summary>
    public static nuint FindFree(nuint length)
    {
        nuint address = VirtualAlloc(0, length, Reserve, ReadAndWrite);
        Free(address);
        return address;
    }

    /// <summary>Memory to read and write there; 0 where that is taken.</summary>
    public static nuint Allocate(nuint address, nuint length) => VirtualAlloc(address, length, CommitAndReserve, ReadAndWrite);

    public static void Free(nuint address) => _ = VirtualFree(address, 0, Release);

    /// <summary>Lets pages be read for the time of an action, whatever their protection.</summary>
    public static void WhileReadable(nuint address, nuint length, Action act)
    {
        bool changed = VirtualProtect(address, length, ReadOnly, out uint before) != 0;
        act();
        _ = changed && VirtualProtect(address, length, before, out _) != 0;
    }

    [LibraryImport("kernel32", SetLastError = true)]
    private static partial nuint VirtualAlloc(nuint address, nuint length, uint kind, uint protection);

    [LibraryImport("kernel32", SetLastError = true)]
    private static partial int VirtualFree(nuint address, nuint length, uint kind);

    [LibraryImport("kernel32", SetLastError = true)]
    private static partial int VirtualProtect(nuint address, nuint length, uint protection, out uint before);
}

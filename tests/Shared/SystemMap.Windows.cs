using System.Runtime.InteropServices;

namespace MemoryPages.Testing;

/// <content>
/// On Windows: VirtualQuery and QueryWorkingSetEx, called here so that the library is not its own witness. Access is told in the letters of Linux.
/// </content>
internal sealed unsafe partial class SystemMap
{
    private const uint Committed = 0x1000;
    private const uint Free = 0x10000;
    private const uint Private = 0x20000;

    private static List<SystemMap> WindowsRegions(nuint start, nuint end)
    {
        var regions = new List<SystemMap>();
        for (nuint next = start; next < end && VirtualQuery(next, out Information region, (nuint)sizeof(Information)) != 0;)
        {
            if (region.State != Free)
            {
                string access = region.State == Committed ? Letters(region.Protect) : "---";
                bool isPrivate = region.Type == Private || (region.AllocationProtect & 0x88) != 0; // copied when written
                regions.Add(new SystemMap(region.BaseAddress, region.BaseAddress + region.Size, access + (isPrivate ? 'p' : 's'), "", [])
                {
                    _isCommitted = region.State == Committed,
                });
            }

            next = region.BaseAddress + region.Size;
        }

        return regions;
    }

    private static string Letters(uint protection) => (protection & 0x1FF) switch
    {
        0x02 => "r--",
        0x04 or 0x08 => "rw-",
        0x10 => "--x",
        0x20 => "r-x",
        0x40 or 0x80 => "rwx",
        _ => "---",
    };

    private static bool[] WindowsPresent(nuint address, nuint length)
    {
        nuint page = (nuint)Environment.SystemPageSize;
        var pages = new (nuint Address, nuint Attributes)[length / page];
        for (int i = 0; i < pages.Length; i++)
        {
            pages[i].Address = address + ((nuint)i * page);
        }

        fixed (void* start = pages)
        {
            return QueryWorkingSetEx(-1, start, (uint)(pages.Length * sizeof((nuint, nuint)))) == 0
                ? throw new InvalidOperationException($"QueryWorkingSetEx: {Marshal.GetLastPInvokeError()}")
                : [.. pages.Select(entry => (entry.Attributes & 1) != 0)];
        }
    }

    /// <summary>As a debugger reads.</summary>
    public static bool TryReadProcess(nuint address, byte[] bytes)
    {
        fixed (byte* start = bytes)
        {
            return ReadProcessMemory(-1, address, start, (nuint)bytes.Length, out nuint read) != 0 && read == (nuint)bytes.Length;
        }
    }

    [LibraryImport("kernel32", SetLastError = true)]
    private static partial int ReadProcessMemory(nint process, nuint address, void* buffer, nuint length, out nuint read);

    [LibraryImport("kernel32", SetLastError = true)]
    private static partial nuint VirtualQuery(nuint address, out Information region, nuint length);

    [LibraryImport("kernel32", EntryPoint = "K32QueryWorkingSetEx", SetLastError = true)]
    private static partial int QueryWorkingSetEx(nint process, void* pages, uint bytes);

    /// <summary>MEMORY_BASIC_INFORMATION.</summary>
    private readonly struct Information
    {
        public readonly nuint BaseAddress;
        public readonly nuint AllocationBase;
        public readonly uint AllocationProtect;
        public readonly uint Partition;
        public readonly nuint Size;
        public readonly uint State;
        public readonly uint Protect;
        public readonly uint Type;
        public readonly uint Padding;
    }
}

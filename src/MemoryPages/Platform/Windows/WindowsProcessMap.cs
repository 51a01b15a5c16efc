using System.Globalization;
using System.Runtime.Versioning;
using MemoryPages.Diagnostics;
using MemoryPages.Platform.Windows.Native;
using static MemoryPages.Platform.Windows.Native.AddressCalls;

namespace MemoryPages.Platform.Windows;

/// <summary>The regions of the process, asked one by one: pages side by side with one state and one protection.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe class WindowsProcessMap
{
    public static IReadOnlyList<MemoryRegion> Read(nuint address, nuint length)
    {
        nuint last = length == 0 ? address : length - 1 > nuint.MaxValue - address ? nuint.MaxValue : address + length - 1;
        var regions = new List<MemoryRegion>();
        for (nuint next = address; next <= last && WindowsMemorySystem.Query(next, out MemoryInformation region);)
        {
            if (region.State != MEM_FREE)
            {
                regions.Add(Describe(region));
            }

            nuint end = region.BaseAddress + region.RegionSize;
            if (end <= next)
            {
                break; // the end of all addresses
            }

            next = end;
        }

        return regions;
    }

    private static MemoryRegion Describe(in MemoryInformation region)
    {
        bool isCommitted = region.State == MEM_COMMIT;
        PageProtection protection = isCommitted ? ProtectionOf(region.Protect) : PageProtection.None;
        string name = region.Type is MEM_MAPPED or MEM_IMAGE ? FileBehind(region.BaseAddress) : "";
        bool isCopied = (region.Protect & (PAGE_WRITECOPY | PAGE_EXECUTE_WRITECOPY)) != 0;
        string kind = region.Type switch { MEM_IMAGE => "image", MEM_MAPPED => "mapped", _ => "private" };
        return new MemoryRegion
        {
            Address = region.BaseAddress,
            Length = region.RegionSize,
            Protection = protection,
            IsShared = region.Type == MEM_MAPPED && !isCopied,
            Name = name,
            Line = string.Create(
                CultureInfo.InvariantCulture,
                $"{region.BaseAddress:x}-{region.BaseAddress + region.RegionSize:x} {(isCommitted ? "commit" : "reserve")} {kind} 0x{region.Protect:x} {name}").TrimEnd(),
            PageSize = MemorySystem.Current.PageSize,
        };
    }

    private static PageProtection ProtectionOf(uint native) => (native & 0xFF) switch
    {
        _ when (native & PAGE_GUARD) != 0 => PageProtection.None,
        PAGE_READONLY => PageProtection.Read,
        PAGE_READWRITE or PAGE_WRITECOPY => PageProtection.Read | PageProtection.Write,
        PAGE_EXECUTE => PageProtection.Execute,
        PAGE_EXECUTE_READ => PageProtection.Read | PageProtection.Execute,
        PAGE_EXECUTE_READWRITE or PAGE_EXECUTE_WRITECOPY => PageProtection.Read | PageProtection.Write | PageProtection.Execute,
        _ => PageProtection.None,
    };

    /// <summary>A path; nothing for memory. Of a device without a letter it is the kernel's, <c>\Device\…</c>.</summary>
    private static string FileBehind(nuint address)
    {
        const int Longest = 1024;
        char* path = stackalloc char[Longest];
        uint count = SectionCalls.GetMappedFileNameW(ProcessCalls.CurrentProcess, address, path, Longest);
        return WithLetter(new string(path, 0, (int)Math.Min(count, Longest)));
    }

    private static string WithLetter(string path)
    {
        const string DosDevices = @"\??\";
        const int Longest = 512;
        if (path.StartsWith(DosDevices, StringComparison.Ordinal))
        {
            return path[DosDevices.Length..];
        }

        char* device = stackalloc char[Longest];
        for (char letter = 'A'; letter <= 'Z' && path.Length != 0; letter++)
        {
            uint count = SectionCalls.QueryDosDeviceW($"{letter}:", device, Longest);
            var name = new ReadOnlySpan<char>(device, (int)Math.Min(count, Longest));
            name = name[..Math.Max(name.IndexOf('\0'), 0)];
            if (name.Length != 0 && path.AsSpan().StartsWith(name, StringComparison.OrdinalIgnoreCase) && path.AsSpan(name.Length) is ['\\', ..])
            {
                return $"{letter}:{path[name.Length..]}";
            }
        }

        return path;
    }
}

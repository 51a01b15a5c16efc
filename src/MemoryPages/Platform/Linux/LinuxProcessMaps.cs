using System.Globalization;
using MemoryPages.Diagnostics;

namespace MemoryPages.Platform.Linux;

/// <summary>The process's own list of mappings: /proc/self/maps, and /proc/self/smaps for the details (proc(5)).</summary>
internal static class LinuxProcessMaps
{
    /// <summary>The regions that overlap the range, without residency.</summary>
    public static IReadOnlyList<MemoryRegion> Read(nuint address, nuint length) => Read("/proc/self/maps", address, length);

    /// <summary>The regions that overlap the range, with residency: the kernel walks the page tables of the whole process for it.</summary>
    public static IReadOnlyList<MemoryRegion> ReadDetailed(nuint address, nuint length) => Read("/proc/self/smaps", address, length);

    private static List<MemoryRegion> Read(string path, nuint address, nuint length)
    {
        var regions = new List<MemoryRegion>();
        bool inside = false;
        foreach (string line in File.ReadLines(path))
        {
            int colon = line.AsSpan().IndexOfAny(' ', ':');
            if (colon > 0 && line[colon] == ' ')
            {
                MemoryRegion region = ParseHeader(line);
                if (region.Address >= address && region.Address - address >= length)
                {
                    break; // the list is sorted
                }

                inside = region.Address + region.Length > address;
                if (inside)
                {
                    regions.Add(region);
                }
            }
            else if (inside)
            {
                regions[^1] = WithDetail(regions[^1], line);
            }
        }

        return regions;
    }

    /// <summary>A line such as <c>7f12c000-7f12d000 rw-p 00000000 00:00 0    [heap]</c>.</summary>
    private static MemoryRegion ParseHeader(string line)
    {
        ReadOnlySpan<char> text = line;
        Span<Range> parts = stackalloc Range[6];
        int count = text.Split(parts, ' ', StringSplitOptions.RemoveEmptyEntries);
        ReadOnlySpan<char> bounds = text[parts[0]];
        ReadOnlySpan<char> access = text[parts[1]];
        int dash = bounds.IndexOf('-');
        nuint start = ParseAddress(bounds[..dash]);
        return new MemoryRegion
        {
            Address = start,
            Length = ParseAddress(bounds[(dash + 1)..]) - start,
            Protection = (access[0] == 'r' ? PageProtection.Read : 0)
                | (access[1] == 'w' ? PageProtection.Write : 0)
                | (access[2] == 'x' ? PageProtection.Execute : 0),
            IsShared = access[3] == 's',
            Name = count > 5 ? text[parts[5]].Trim().ToString() : "",
            Line = line,
        };
    }

    /// <summary>A line such as <c>Rss:                 132 kB</c>.</summary>
    private static MemoryRegion WithDetail(MemoryRegion region, string line)
    {
        ReadOnlySpan<char> value = line.AsSpan(line.IndexOf(':', StringComparison.Ordinal) + 1).Trim();
        return line.AsSpan(0, line.IndexOf(':', StringComparison.Ordinal)) switch
        {
            "Rss" => region with { Resident = Bytes(value) },
            "AnonHugePages" or "ShmemPmdMapped" or "FilePmdMapped" => region with { TransparentHuge = region.TransparentHuge + Bytes(value) },
            "Private_Hugetlb" or "Shared_Hugetlb" => region with { ExplicitHuge = region.ExplicitHuge + Bytes(value) },
            "LazyFree" => region with { LazilyFree = Bytes(value) },
            "Locked" => region with { Locked = Bytes(value) },
            "KernelPageSize" => region with { PageSize = Bytes(value) },
            "THPeligible" => region with { IsHugeEligible = !value.SequenceEqual("0") },
            "VmFlags" => region with { Flags = value.ToString() },
            _ => region,
        };
    }

    private static nuint ParseAddress(ReadOnlySpan<char> text) => nuint.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static nuint Bytes(ReadOnlySpan<char> text) =>
        nuint.Parse(text[..text.IndexOf(' ')], NumberStyles.None, CultureInfo.InvariantCulture) * 1024;
}

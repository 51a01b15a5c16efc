using System.Globalization;
using System.Text;
using MemoryPages.Diagnostics;
using MemoryPages.Platform.MacOS.Native;
using static MemoryPages.Platform.MacOS.Native.MachCalls;

namespace MemoryPages.Platform.MacOS;

/// <summary>The kernel's map of the own process.</summary>
internal static unsafe class MacRegions
{
    private const nuint SuperpageSize = 2 << 20;

    /// <summary>
    /// What the kernel says of an address, and up to where that holds; or of the first mapped address behind it. False behind the last. Without a
    /// visit to each page, so it costs the same for any size.
    /// </summary>
    public static bool TryNext(uint task, ref nuint address, out nuint length, out RegionFacts info)
    {
        RegionFacts found;
        nuint start = address;
        if (!TryFind(task, ref start, out length, &found, sizeof(RegionFacts)))
        {
            info = default;
            return false;
        }

        info = found;
        (address, length) = From(address, start, length);
        return true;
    }

    /// <summary>The regions that overlap the range, in order.</summary>
    public static IReadOnlyList<MemoryRegion> Read(uint task, nuint pageSize, nuint address, nuint length)
    {
        var regions = new List<MemoryRegion>();
        nuint next = address;
        RegionDetails info;
        while (TryFind(task, ref next, out nuint size, &info, sizeof(RegionDetails)) && (next < address || next - address < length))
        {
            regions.Add(Describe(info, next, size, NameAt(next), pageSize));
            next += size;
        }

        return regions;
    }

    /// <summary>What is left of a region from an address on, which it may begin before; all of it where it begins behind.</summary>
    internal static (nuint Address, nuint Length) From(nuint address, nuint start, nuint length) =>
        start >= address ? (start, length) : (address, length - (address - start));

    /// <summary>
    /// Memory is shared where another mapping has it. A file's pages are, unless they are copied when written: the kernel calls those private that no
    /// other mapping has so far.
    /// </summary>
    internal static bool IsShared(byte shareMode, byte externalPager) =>
        shareMode is SM_SHARED or SM_TRUESHARED or SM_PRIVATE_ALIASED or SM_SHARED_ALIASED || (shareMode == SM_PRIVATE && externalPager != 0);

    /// <remarks>
    /// What is only in part resident is not told by page: <see cref="MemoryRegion.Resident"/> counts pages of the memory, not of this mapping.
    /// </remarks>
    internal static MemoryRegion Describe(in RegionDetails info, nuint address, nuint length, string name, nuint pageSize)
    {
        var protection = (PageProtection)info.Protection;
        return new MemoryRegion
        {
            Address = address,
            Length = length,
            Protection = protection,
            IsShared = IsShared(info.ShareMode, info.ExternalPager),
            Name = name,
            Line = string.Create(CultureInfo.InvariantCulture, $"{address:x}-{address + length:x} {protection} {info.ShareMode} {name}"),
            Resident = info.PagesResident * pageSize,
            LazilyFree = info.PagesReusable * pageSize,
            Locked = info.UserWiredCount != 0 ? length : 0,
            PageSize = info.ShareMode == SM_LARGE_PAGE ? SuperpageSize : pageSize,
        };
    }

    /// <summary>The whole region. At any depth: the libraries that all programs share are a map of their own within the map.</summary>
    private static bool TryFind(uint task, ref nuint address, out nuint length, void* info, int size)
    {
        ulong start = address;
        ulong bytes = 0;
        uint depth = int.MaxValue;
        uint count = (uint)(size / sizeof(int));
        if (mach_vm_region_recurse(task, &start, &bytes, &depth, info, &count) != KERN_SUCCESS)
        {
            length = 0;
            return false;
        }

        (address, length) = ((nuint)start, (nuint)bytes);
        return true;
    }

    private static string NameAt(nuint address)
    {
        byte* path = stackalloc byte[FileCalls.PATH_MAX];
        int length = proc_regionfilename(Environment.ProcessId, address, path, FileCalls.PATH_MAX);
        return length <= 0 ? "" : Encoding.UTF8.GetString(path, length);
    }
}

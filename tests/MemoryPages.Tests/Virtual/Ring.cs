using System.Runtime.InteropServices;

namespace MemoryPages.Tests.Reserved;

/// <summary>What the kernel shows of rings: where they are, which frames they have, and what is left of them.</summary>
internal static unsafe class Ring
{
    /// <summary>The first byte of the first half.</summary>
    public static nuint AddressOf(MirroredBuffer ring)
    {
        using ReadView view = ring.Read(0, ring.Length);
        fixed (byte* start = view.Slice(0, 1))
        {
            return (nuint)start;
        }
    }

    public static nuint AddressOf(ByteQueue queue)
    {
        fixed (byte* start = queue.GetSpan())
        {
            return (nuint)start;
        }
    }

    /// <summary>Mappings of memory files of this name.</summary>
    public static List<string> MappingsNamed(string name) => [.. File.ReadLines(Needed.File("/proc/self/maps")).Where(line => line.Contains("/memfd:" + name + " "))];

    /// <summary>Open descriptors of memory files of this name.</summary>
    public static List<string> DescriptorsNamed(string name) => [.. Directory.EnumerateFileSystemEntries(Needed.File("/proc/self/fd"))
        .Where(path => new FileInfo(path).LinkTarget?.Contains("/memfd:" + name + " ") == true)];

    /// <summary>Nothing of that name is mapped or open.</summary>
    public static void AssertNothingLeft(string name)
    {
        Assert.Empty(MappingsNamed(name));
        Assert.Empty(DescriptorsNamed(name));
    }

    /// <summary>Physical frame numbers, from bits 0 to 54 of /proc/self/pagemap: zeros to all but CAP_SYS_ADMIN.</summary>
    public static ulong[] Frames(nuint address, nuint length)
    {
        using FileStream pagemap = File.OpenRead(Needed.File("/proc/self/pagemap"));
        pagemap.Position = (long)(address / PageSize.Base * sizeof(ulong));
        var entries = new ulong[length / PageSize.Base];
        pagemap.ReadExactly(MemoryMarshal.AsBytes(entries.AsSpan()));
        return [.. entries.Select(entry => entry >> 63 == 0 ? 0 : entry & ((1ul << 55) - 1))];
    }
}

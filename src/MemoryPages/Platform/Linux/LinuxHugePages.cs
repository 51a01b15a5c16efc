using System.Globalization;

namespace MemoryPages.Platform.Linux;

/// <summary>Huge-page sizes and the pool's counters, as /sys tells them (hugetlbpage.rst, transhuge.rst).</summary>
internal static class LinuxHugePages
{
    private const string PoolFolder = "/sys/kernel/mm/hugepages";

    /// <param name="folder">Where the pools are shown.</param>
    public static nuint[] OfferedSizes(string folder = PoolFolder)
    {
        try
        {
            return [.. Directory.EnumerateDirectories(folder, "hugepages-*kB").Select(SizeOf).Where(size => size != 0).Order()];
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            return []; // a kernel without huge pages, or a sandbox without /sys
        }
    }

    public static nuint TransparentSize() => (nuint)LinuxFiles.ReadNumber("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size");

    public static nuint DefaultSize() => (nuint)LinuxFiles.ReadField("/proc/meminfo", "Hugepagesize:") * 1024;

    /// <summary>The folder that holds the counters of one size, for people: they write its nr_hugepages.</summary>
    public static string Folder(nuint size) => string.Create(CultureInfo.InvariantCulture, $"{PoolFolder}/hugepages-{size / 1024}kB");

    public static long Counter(nuint size, string name) => LinuxFiles.ReadNumber($"{Folder(size)}/{name}");

    /// <summary>The folder of one node's share.</summary>
    public static string Folder(nuint size, int? node) => node is null
        ? Folder(size)
        : string.Create(CultureInfo.InvariantCulture, $"/sys/devices/system/node/node{node}/hugepages/hugepages-{size / 1024}kB");

    /// <summary>All counters. Promises and the limit of overcommitment are the machine's: a node has none of its own.</summary>
    public static HugePageCounters Counters(nuint size, int? node)
    {
        string folder = Folder(size, node);
        return new HugePageCounters(
            LinuxFiles.ReadNumber($"{folder}/nr_hugepages"),
            LinuxFiles.ReadNumber($"{folder}/free_hugepages"),
            Counter(size, "resv_hugepages"),
            LinuxFiles.ReadNumber($"{folder}/surplus_hugepages"),
            Counter(size, "nr_overcommit_hugepages"));
    }

    private static nuint SizeOf(string folder)
    {
        ReadOnlySpan<char> name = Path.GetFileName(folder.AsSpan());
        return nuint.TryParse(name["hugepages-".Length..^"kB".Length], NumberStyles.None, CultureInfo.InvariantCulture, out nuint kilobytes)
            ? kilobytes * 1024
            : 0;
    }
}

using MemoryPages.Platform.Linux.Native;

namespace MemoryPages.Platform.Linux;

/// <summary>What the administrator, and the process's own start, have settled about transparent huge pages (transhuge.rst, prctl(2)).</summary>
internal sealed record LinuxHugePageSettings
{
    public const string Folder = "/sys/kernel/mm/transparent_hugepage";

    private const int DisabledExceptAdvised = 2;

    /// <summary>0 where the kernel has none.</summary>
    public required nuint Size { get; init; }

    /// <summary><c>always</c>, <c>madvise</c>, <c>never</c>.</summary>
    public required string Enabled { get; init; }

    /// <summary>
    /// Of memory files and other shared memory: <c>always</c>, <c>within_size</c>, <c>advise</c>, <c>never</c>, <c>deny</c>, <c>force</c>.
    /// </summary>
    public required string SharedEnabled { get; init; }

    /// <summary>The process was told to do without.</summary>
    public bool IsForbidden { get; init; }

    /// <summary>But for memory that is advised.</summary>
    public bool IsAdviceHeeded { get; init; }

    /// <summary>Base pages of a huge page that may be missing when the kernel gathers the others.</summary>
    public long MostMissing { get; init; }

    /// <summary>Milliseconds between two looks of the kernel's.</summary>
    public long ScanInterval { get; init; }

    /// <summary>Base pages that it looks at then.</summary>
    public long ScanLength { get; init; }

    /// <summary>No piece of free memory is as long as a huge page.</summary>
    public bool IsFragmented { get; init; }

    public static unsafe LinuxHugePageSettings Read()
    {
        nuint size = MemorySystem.Current.TransparentHugePageSize;
        string own = $"{Folder}/hugepages-{size / 1024}kB"; // since Linux 6.8: of that size, which mostly inherits
        const int GetDisabled = 42;
        int disabled = ProcessCalls.prctl(GetDisabled, 0, 0, 0, null);
        return new LinuxHugePageSettings
        {
            Size = size,
            Enabled = Choice($"{own}/enabled", $"{Folder}/enabled"),
            SharedEnabled = Choice($"{own}/shmem_enabled", $"{Folder}/shmem_enabled"),
            IsForbidden = disabled > 0,
            IsAdviceHeeded = disabled > 0 && (disabled & DisabledExceptAdvised) != 0,
            MostMissing = LinuxFiles.ReadNumber($"{Folder}/khugepaged/max_ptes_none"),
            ScanInterval = LinuxFiles.ReadNumber($"{Folder}/khugepaged/scan_sleep_millisecs"),
            ScanLength = LinuxFiles.ReadNumber($"{Folder}/khugepaged/pages_to_scan"),
            IsFragmented = size != 0 && IsWithoutFreeBlock((int)nuint.Log2(size / MemorySystem.Current.PageSize)),
        };
    }

    private static string Choice(string own, string inherited) =>
        LinuxFiles.ReadChoice(own) is { Length: > 0 } chosen and not "inherit" ? chosen : LinuxFiles.ReadChoice(inherited);

    /// <summary>The columns of /proc/buddyinfo count free pieces of 1, 2, 4… base pages. The zone DMA is kept for old devices.</summary>
    private static bool IsWithoutFreeBlock(int order)
    {
        const int ColumnsBefore = 4; // "Node", its number, "zone", its name
        try
        {
            string[][] zones = [.. File.ReadLines("/proc/buddyinfo").Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
            return zones.Length != 0 && zones.Where(static zone => zone is not [_, _, _, "DMA", ..])
                .All(zone => zone.Skip(ColumnsBefore + order).All(static pieces => pieces == "0"));
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

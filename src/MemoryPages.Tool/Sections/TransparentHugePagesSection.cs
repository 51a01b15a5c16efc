using MemoryPages.Tool.Examining;
using MemoryPages.Tool.Model;
using MemoryPages.Tool.Probing;

namespace MemoryPages.Tool.Sections;

/// <summary>Huge pages that come by themselves, of the processor's size and of sizes between (transhuge.rst).</summary>
internal sealed class TransparentHugePagesSection : DoctorSection
{
    private const string Folder = "/sys/kernel/mm/transparent_hugepage";

    public override string Name => "transparent";

    public override string Title => "Transparent huge pages";

    public override IEnumerable<Finding> Examine(ExaminedMachine machine)
    {
        const string WhyMode = "huge pages without a pool: for who asks (madvise), for all (always), for nobody (never)";
        string? mode = machine.Files.Choice($"{Folder}/enabled", out string problem);
        if (mode is null)
        {
            yield return machine.Build.Option("TRANSPARENT_HUGEPAGE") == Presence.Absent
                ? new Finding("mode", "none", FindingStatus.Missing, WhyMode).Else(Prescriptions.NotBuilt("TRANSPARENT_HUGEPAGE"))
                : Finding.Unreadable("mode", problem, WhyMode);
            yield break;
        }

        long size = machine.Files.Number($"{Folder}/hpage_pmd_size") ?? 0;
        yield return new Finding("mode", $"{mode}, {Quantity.Bytes(size)} each", mode == "never" ? FindingStatus.Missing : FindingStatus.Ok, WhyMode)
        {
            Numbers = new Dictionary<string, long> { ["pageBytes"] = size },
        }.Else(Cure.Of(Prescriptions.SettingNow($"{Folder}/enabled", "madvise"), machine.Prescriptions.BootOption("transparent_hugepage=madvise")));
        if (machine.CanBeProbed)
        {
            yield return Tried(machine, mode);
        }

        yield return Setting(machine, "defrag", "defrag", "madvise", ["never"], FindingStatus.Limited,
            "whether a fault makes room for a huge page, or takes small ones when there is none");
        yield return Setting(machine, "shared memory", "shmem_enabled", "advise", ["never", "deny"], FindingStatus.Missing,
            "huge pages for memory that processes share, and for tmpfs");
        yield return Daemon(machine);
        yield return Between(machine, mode, size);
    }

    /// <summary>The mode may allow what this process does not get: PR_SET_THP_DISABLE is inherited, and memory may be in pieces.</summary>
    private static Finding Tried(ExaminedMachine machine, string mode)
    {
        const string Name = "tried on fresh memory";
        const string Why = "what a touched page really came as";
        nuint got = KernelProbe.TransparentHugeBytes();
        bool isForbidden = machine.Files.Field("/proc/self/status", "THP_enabled:") == "0";
        var finding = new Finding(Name, $"{Quantity.Bytes(got)} of {Quantity.Bytes(2 * PageSize.TransparentHuge)} came as huge pages",
            got == 2 * PageSize.TransparentHuge ? FindingStatus.Ok : got > 0 ? FindingStatus.Limited : FindingStatus.Missing, Why)
        {
            Numbers = new Dictionary<string, long> { ["bytes"] = (long)got },
        };
        return finding.Else(isForbidden ? Cure.None("This process inherited PR_SET_THP_DISABLE from what started it: start it otherwise.")
            : mode == "never" ? Cure.Of(Prescriptions.SettingNow($"{Folder}/enabled", "madvise"))
            : Cure.Of(Remedy.Now("echo 1 > /proc/sys/vm/compact_memory", "memory is in pieces: makes larger ones out of what is free")));
    }

    private static Finding Setting(
        ExaminedMachine machine, string name, string file, string better, string[] off, FindingStatus statusIfOff, string why) =>
        machine.Files.Choice($"{Folder}/{file}", out string problem) is { } value
            ? new Finding(name, value, Finding.OkIf(!off.Contains(value), statusIfOff), why)
                .Else(machine.Prescriptions.Setting($"{Folder}/{file}", better))
            : Finding.Unreadable(name, problem, why);

    private static Finding Daemon(ExaminedMachine machine)
    {
        const string Name = "khugepaged";
        const string Path = $"{Folder}/khugepaged/defrag";
        const string Why = "joins small pages to huge ones behind the program's back";
        long? Number(string file) => machine.Files.Number($"{Folder}/khugepaged/{file}");
        return Number("defrag") is { } isOn
            ? new Finding(Name,
                isOn == 0 ? "off" : $"looks at {Number("pages_to_scan")} pages every {Number("scan_sleep_millisecs")} ms",
                isOn == 0 ? FindingStatus.Limited : FindingStatus.Ok,
                Why).Else(machine.Prescriptions.Setting(Path, "1"))
            : Finding.Unreadable(Name, $"not readable: {Path}", Why);
    }

    /// <summary>Sizes between the page and the huge page, each with a mode of its own, which may be to do as the huge page's says.</summary>
    private static Finding Between(ExaminedMachine machine, string mode, long largest)
    {
        const string Name = "sizes between";
        const string Why = "several pages with one fault, where a whole huge page is too much";
        (string Folder, long Size, string Mode)[] sizes = [.. machine.Files.Names(Folder, "hugepages-*kB")
            .Where(folder => machine.Files.Exists($"{Folder}/{folder}/enabled")) // the smallest is for shared memory only
            .Select(folder => (folder, SystemFiles.NumberIn(folder) * 1024, machine.Files.Choice($"{Folder}/{folder}/enabled") ?? "not readable"))
            .Where(size => size.Item2 < largest)];
        if (sizes.Length == 0)
        {
            return new Finding(Name, "none", FindingStatus.Missing, Why).Else(Cure.None("This kernel has none: they came with Linux 6.8."));
        }

        bool IsOn(string ofSize) => ofSize is "always" or "madvise" || (ofSize == "inherit" && mode != "never");
        var off = sizes.Where(size => !IsOn(size.Mode)).ToArray();
        string found = string.Join("; ", sizes.GroupBy(static size => size.Mode).Select(static group =>
            $"{group.Key}: {string.Join(", ", group.Select(static size => Quantity.Bytes(size.Size)))}"));
        FindingStatus status = Finding.OkIf(off.Length == 0, off.Length < sizes.Length ? FindingStatus.Limited : FindingStatus.Missing);
        return new Finding(Name, found, status, Why)
        {
            Numbers = sizes.ToDictionary(static size => $"{size.Size / 1024}kB", size => IsOn(size.Mode) ? 1L : 0),
        }.Else(Cure.Of([.. off.Select(static size => Prescriptions.SettingNow($"{Folder}/{size.Folder}/enabled", "madvise"))]));
    }
}

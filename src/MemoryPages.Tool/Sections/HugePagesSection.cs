using MemoryPages.Tool.Examining;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Sections;

/// <summary>The pools of explicit huge pages (hugetlbpage.rst), of each size, as a whole and by node.</summary>
internal sealed class HugePagesSection : DoctorSection
{
    private const string Pools = "/sys/kernel/mm/hugepages";
    private const string WhyPool = "one fault and one translation entry for all of it, never swapped, contiguous for devices";
    private const long Gibibyte = 1L << 30;

    public override string Name => "huge-pages";

    public override string Title => "Explicit huge pages";

    public override IEnumerable<Finding> Examine(ExaminedMachine machine)
    {
        IReadOnlyList<string> pools = machine.Files.Names(Pools, "hugepages-*kB");
        if (pools.Count == 0)
        {
            yield return NoPools(machine);
        }

        foreach (string pool in pools)
        {
            yield return Pool(machine, pool);
            if (machine.Nodes.Count > 1)
            {
                foreach (string node in machine.Nodes)
                {
                    yield return PoolOfNode(machine, pool, node);
                }
            }

            // Pages as large as that are not taken and given back as programs ask: the kernel refuses to be told so.
            if (SizeOf(pool) < Gibibyte)
            {
                yield return BeyondPool(machine, pool);
            }
        }

        yield return OneGibibyte(machine, pools);
        yield return Mounted(machine, pools);
    }

    private static Finding NoPools(ExaminedMachine machine)
    {
        bool notBuilt = machine.Build.Option("HUGETLBFS") == Presence.Absent;
        return notBuilt
            ? new Finding("pools", "none", FindingStatus.Missing, WhyPool).Else(Prescriptions.NotBuilt("HUGETLBFS"))
            : Finding.Unreadable("pools", $"not readable: {Pools}", WhyPool);
    }

    private static Finding Pool(ExaminedMachine machine, string pool)
    {
        string folder = $"{Pools}/{pool}";
        string name = $"pool of {Size(pool)} pages";
        if (machine.Files.Read($"{folder}/nr_hugepages", out string problem) is null)
        {
            return Finding.Unreadable(name, problem, WhyPool);
        }

        long Counter(string file) => machine.Files.Number($"{folder}/{file}") ?? 0;
        var counters = (
            Total: Counter("nr_hugepages"), Free: Counter("free_hugepages"), Reserved: Counter("resv_hugepages"),
            Surplus: Counter("surplus_hugepages"));
        long unpromised = counters.Free - counters.Reserved;
        bool isRefused = unpromised > 0 && machine.CanBeProbed && !CanTakeOne(pool);
        string found = $"{counters.Total} in all, {counters.Free} free, {counters.Reserved} of these promised, {counters.Surplus} surplus"
            + (isRefused ? "; yet one was refused to this process" : "");
        FindingStatus status = Finding.OkIf(unpromised > 0 && !isRefused, counters.Total == 0 ? FindingStatus.Missing : FindingStatus.Limited);
        Finding finding = new(name, found, status, WhyPool)
        {
            Numbers = new Dictionary<string, long>
            {
                ["pageBytes"] = SizeOf(pool),
                ["total"] = counters.Total,
                ["free"] = counters.Free,
                ["reserved"] = counters.Reserved,
                ["surplus"] = counters.Surplus,
            },
        };
        return finding.Else(isRefused
            ? Cure.None("The pool has pages, but not for this process: its control group has a limit of its own (hugetlb.*.max).")
            : Cure.Of(
                Prescriptions.SettingNow($"{folder}/nr_hugepages", $"{counters.Total + 1}",
                    "the number of all pages of the pool; a large one may stay below it while memory is fragmented"),
                machine.Prescriptions.BootOption($"hugepagesz={ForKernel(pool)} hugepages={counters.Total + 1}")));
    }

    private static Finding PoolOfNode(ExaminedMachine machine, string pool, string node)
    {
        string folder = $"/sys/devices/system/node/{node}/hugepages/{pool}";
        string name = $"pool of {Size(pool)} pages, node {SystemFiles.NumberIn(node)}";
        const string Why = "memory of the node that a thread or a device is at is the nearest";
        if (machine.Files.Number($"{folder}/nr_hugepages") is not { } total)
        {
            return Finding.Unreadable(name, $"not readable: {folder}", Why);
        }

        long free = machine.Files.Number($"{folder}/free_hugepages") ?? 0;
        long surplus = machine.Files.Number($"{folder}/surplus_hugepages") ?? 0;
        var status = total == 0 ? FindingStatus.Missing : free == 0 ? FindingStatus.Limited : FindingStatus.Ok;
        return new Finding(name, $"{total} in all, {free} free, {surplus} surplus", status, Why)
        {
            Numbers = new Dictionary<string, long>
            {
                ["pageBytes"] = SizeOf(pool), ["node"] = SystemFiles.NumberIn(node), ["total"] = total, ["free"] = free, ["surplus"] = surplus,
            },
        }.Else(Cure.Of(
            Prescriptions.SettingNow($"{folder}/nr_hugepages", $"{total + 1}"),
            machine.Prescriptions.BootOption($"hugepagesz={ForKernel(pool)} hugepages={SystemFiles.NumberIn(node)}:{total + 1}")));
    }

    private static Finding BeyondPool(ExaminedMachine machine, string pool)
    {
        string path = $"{Pools}/{pool}/nr_overcommit_hugepages";
        string name = $"{Size(pool)} pages beyond the pool";
        const string Why = "taken from free memory when the pool is empty, given back after use";
        return machine.Files.Number(path) is { } most
            ? new Finding(name, $"at most {most}", most > 0 ? FindingStatus.Ok : FindingStatus.Missing, Why)
            {
                Numbers = new Dictionary<string, long> { ["pageBytes"] = SizeOf(pool), ["most"] = most },
            }.Else(machine.Prescriptions.Setting(path, "64"))
            : Finding.Unreadable(name, $"not readable: {path}", Why);
    }

    private static Finding OneGibibyte(ExaminedMachine machine, IReadOnlyList<string> pools)
    {
        const string Name = "pages of 1 GiB";
        const string Why = "the largest contiguous block that a device can be given";
        return pools.Any(static pool => SizeOf(pool) == Gibibyte)
            ? new Finding(Name, "the processor maps them and the kernel has a pool", FindingStatus.Ok, Why)
            : machine.ProcessorHas("pdpe1gb") ? new Finding(Name, "the processor maps them, the kernel has no pool", FindingStatus.Limited, Why)
                .Else(Cure.Of(machine.Prescriptions.BootOption("hugepagesz=1G hugepages=1")))
            : new Finding(Name, "none", FindingStatus.Missing, Why).Else(Cure.None(
                "The processor does not say that it maps them (pdpe1gb). A virtual machine's host may hide that: QEMU shows it with -cpu host."));
    }

    private static Finding Mounted(ExaminedMachine machine, IReadOnlyList<string> pools)
    {
        const string Name = "file system of huge pages";
        const string Why = "files of huge pages that processes share by path; memory files (SharedMemory) need none";
        Mount? mount = machine.Mounts.OfType("hugetlbfs");
        return mount is not null ? new Finding(Name, $"{mount.Point} ({mount.SuperOptions})", FindingStatus.Ok, Why)
            : new Finding(Name, "not mounted", FindingStatus.Missing, Why).Else(pools.Count == 0
                ? Cure.None("Without a pool there is nothing to mount.")
                : Cure.Of(
                    Remedy.Now("mkdir -p /dev/hugepages && mount -t hugetlbfs hugetlbfs /dev/hugepages"),
                    Remedy.AtBoot("echo 'hugetlbfs /dev/hugepages hugetlbfs defaults 0 0' >> /etc/fstab")));
    }

    /// <summary>A promise of one page, never touched: limits of the control group show only so.</summary>
    private static bool CanTakeOne(string pool)
    {
        bool taken = Pages.TryAllocate((nuint)SizeOf(pool), new() { HugePages = HugePages.Explicit((nuint)SizeOf(pool)) },
            out Pages<ReadWrite>? pages);
        pages?.Dispose();
        return taken;
    }

    private static long SizeOf(string pool) => SystemFiles.NumberIn(pool) * 1024;

    private static string Size(string pool) => Quantity.Bytes(SizeOf(pool));

    /// <summary>As the kernel's command line wants it: 2M.</summary>
    private static string ForKernel(string pool) => SizeOf(pool) switch
    {
        >= Gibibyte and var bytes => $"{bytes / Gibibyte}G",
        >= 1 << 20 and var bytes => $"{bytes >> 20}M",
        var bytes => $"{bytes >> 10}K",
    };
}

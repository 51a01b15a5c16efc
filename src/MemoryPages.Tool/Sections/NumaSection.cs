using MemoryPages.Tool.Examining;
using MemoryPages.Tool.Model;
using MemoryPages.Tool.Probing;

namespace MemoryPages.Tool.Sections;

/// <summary>Which memory is near which processor (numa(7)).</summary>
internal sealed class NumaSection : DoctorSection
{
    private const string Folder = "/sys/devices/system/node";

    public override string Name => "numa";

    public override string Title => "NUMA nodes";

    public override IEnumerable<Finding> Examine(ExaminedMachine machine)
    {
        const string Why = "memory of another node takes longer to reach";
        SystemFiles files = machine.Files;
        if (machine.Nodes.Count == 0)
        {
            yield return machine.Build.Option("NUMA") == Presence.Absent
                ? new Finding("nodes", "one: this kernel knows no others", FindingStatus.Ok, Why)
                : Finding.Unreadable("nodes", $"not readable: {Folder}", Why);
        }

        foreach (string node in machine.Nodes)
        {
            long number = SystemFiles.NumberIn(node);
            string processors = files.FirstLine($"{Folder}/{node}/cpulist") is { Length: > 0 } list ? $"processors {list}" : "no processors";
            long bytes = files.Kilobytes($"{Folder}/{node}/meminfo", $"Node {number} MemTotal:") ?? 0;
            long free = files.Kilobytes($"{Folder}/{node}/meminfo", $"Node {number} MemFree:") ?? 0;
            string distances = files.FirstLine($"{Folder}/{node}/distance")?.Trim() ?? "unknown";
            yield return new Finding(
                $"node {number}",
                $"{Quantity.Bytes(bytes)}, {Quantity.Bytes(free)} free; {processors}; distances {distances}",
                FindingStatus.Ok,
                Why)
            {
                Numbers = new Dictionary<string, long> { ["node"] = number, ["bytes"] = bytes, ["freeBytes"] = free },
            };
        }

        if (machine.CanBeProbed)
        {
            yield return new Finding("policies", KernelProbe.HasMemoryPolicies ? "set_mempolicy, mbind and move_pages are there" : "refused",
                KernelProbe.HasMemoryPolicies ? FindingStatus.Ok : FindingStatus.Missing, "binding memory to a node, and asking where it is")
                .Else(machine.Build.Option("NUMA") == Presence.Absent ? Prescriptions.NotBuilt("NUMA")
                    : Cure.None("A sandbox refuses get_mempolicy: a container gets these calls with --cap-add=SYS_NICE."));
        }

        if (machine.Nodes.Count > 1 && files.Number("/proc/sys/kernel/numa_balancing") is { } balancing)
        {
            string found = balancing == 0 ? "off" : "on: the kernel moves pages to the node that uses them";
            yield return new Finding("balancing", found, Finding.OkIf(balancing == 0, FindingStatus.Limited),
                "pages that are moved cost faults, and have another physical address afterwards").Else(Prescriptions.Sysctl("kernel.numa_balancing",
                    0));
        }
    }
}

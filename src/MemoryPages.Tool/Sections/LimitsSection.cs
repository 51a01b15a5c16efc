using MemoryPages.Tool.Examining;
using MemoryPages.Tool.Model;
using MemoryPages.Tool.Probing;

namespace MemoryPages.Tool.Sections;

/// <summary>How much of it this process may have (getrlimit(2), proc_sys_vm(5), cgroups(7)).</summary>
internal sealed class LimitsSection : DoctorSection
{
    /// <summary>What databases ask for: guards, advice and protections of parts each split a mapping.</summary>
    private const long EnoughMappings = 262_144;

    private const string WhatStartsNext = "the shell that runs it, and what it starts";

    /// <summary>More than any machine has, as lists do.</summary>
    private const long Reserved = 1L << 40;

    public override string Name => "limits";

    public override string Title => "Limits";

    public override IEnumerable<Finding> Examine(ExaminedMachine machine)
    {
        yield return Locked(machine);
        yield return Addresses(machine);
        yield return Mappings(machine);
        yield return Promises(machine);
        yield return Compaction(machine);
        yield return Group(machine);
    }

    private static Finding Locked(ExaminedMachine machine)
    {
        const string Name = "locked memory";
        const string Path = "/proc/self/limits";
        const string Why = "locking, secret memory and memory for devices count against it";
        const string Label = "Max locked memory";
        if (machine.Files.Lines(Path).FirstOrDefault(static line => line.StartsWith(Label, StringComparison.Ordinal)) is not { } line)
        {
            return Finding.Unreadable(Name, $"not readable: {Path}", Why);
        }

        string[] words = line[Label.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        long? soft = SystemFiles.ToNumber(words[0]);
        long? hard = SystemFiles.ToNumber(words.ElementAtOrDefault(1));
        long used = machine.Files.Kilobytes("/proc/self/status", "VmLck:") ?? 0;
        bool isExempt = machine.CanBeProbed && PrivilegeProbe.LocksBeyondLimit == true;
        string found = (soft is { } most ? $"at most {Quantity.Bytes(most)}" : "no limit")
            + (isExempt && soft is not null ? ", which does not bind this process (CAP_IPC_LOCK)" : "")
            + $"; {Quantity.Bytes(used)} locked";
        var status = soft is null || isExempt ? FindingStatus.Ok : soft == 0 ? FindingStatus.Missing : FindingStatus.Limited;
        var raise = new List<Remedy>();
        if (soft < (hard ?? long.MaxValue))
        {
            raise.Add(Remedy.Now($"ulimit -l {(hard is { } top ? top / 1024 : "unlimited")}", WhatStartsNext, needsRoot: false));
        }

        raise.Add(Remedy.Now("prlimit --pid $$ --memlock=unlimited:unlimited", WhatStartsNext));
        raise.Add(Remedy.AtBoot("echo '* - memlock unlimited' > /etc/security/limits.d/memlock.conf",
            "from the next log-in on; a service: LimitMEMLOCK=infinity"));
        return new Finding(Name, found, status, Why)
        {
            Numbers = new Dictionary<string, long>
            {
                ["softBytes"] = soft ?? -1, ["hardBytes"] = hard ?? -1, ["usedBytes"] = used, ["exempt"] = isExempt ? 1 : 0,
            },
        }.Else(new Cure(raise));
    }

    /// <summary>Tried, since a limit of addresses, strict promises or an emulator may each be in the way.</summary>
    private static Finding Addresses(ExaminedMachine machine)
    {
        const string Name = "addresses";
        const string Path = "/proc/self/limits";
        const string Why = "lists and buffers reserve far more than they use";
        if (machine.Files.Field(Path, "Max address space") is not { } text)
        {
            return Finding.Unreadable(Name, $"not readable: {Path}", Why);
        }

        long? limit = SystemFiles.ToNumber(text);
        bool? reserves = machine.CanBeProbed ? CanReserve() : null;
        string found = (limit is { } bytes ? $"at most {Quantity.Bytes(bytes)} (RLIMIT_AS)" : "no limit")
            + (reserves is { } granted ? $"; {Quantity.Bytes(Reserved)} were {(granted ? "reserved and given back" : "refused")}" : "");
        return new Finding(Name, found, limit is null && reserves != false ? FindingStatus.Ok : FindingStatus.Limited, Why)
        {
            Numbers = new Dictionary<string, long> { ["limitBytes"] = limit ?? -1 },
        }.Else(limit is null
            ? Prescriptions.Sysctl("vm.overcommit_memory", 0)
            : Cure.Of(
                Remedy.Now("prlimit --pid $$ --as=unlimited:unlimited", WhatStartsNext),
                Remedy.AtBoot("echo '* - as unlimited' > /etc/security/limits.d/as.conf", "from the next log-in on; a service: LimitAS=infinity")));
    }

    private static bool CanReserve()
    {
        bool reserves = VirtualBuffer.TryReserve(unchecked((nuint)Reserved), default, out VirtualBuffer? buffer);
        buffer?.Dispose();
        return reserves;
    }

    private static Finding Mappings(ExaminedMachine machine)
    {
        const string Name = "mappings";
        const string Path = "/proc/sys/vm/max_map_count";
        const string Why = "each part of the pages with a protection, advice or lock of its own is a mapping";
        if (machine.Files.Number(Path) is not { } most)
        {
            return Finding.Unreadable(Name, $"not readable: {Path}", Why);
        }

        int used = machine.Files.Lines("/proc/self/maps").Length;
        FindingStatus status = Finding.OkIf(most >= EnoughMappings, FindingStatus.Limited);
        return new Finding(Name, $"at most {most:N0} (vm.max_map_count); {used:N0} in use", status, Why)
        {
            Numbers = new Dictionary<string, long> { ["most"] = most, ["used"] = used },
        }.Else(Prescriptions.Sysctl("vm.max_map_count", 1L << 20));
    }

    private static Finding Promises(ExaminedMachine machine)
    {
        const string Name = "promised memory";
        const string Path = "/proc/sys/vm/overcommit_memory";
        const string Memory = "/proc/meminfo";
        const string Why = "committing is a promise of the system, which it may refuse";
        if (machine.Files.Number(Path) is not { } mode)
        {
            return Finding.Unreadable(Name, $"not readable: {Path}", Why);
        }

        long most = machine.Files.Kilobytes(Memory, "CommitLimit:") ?? 0;
        long promised = machine.Files.Kilobytes(Memory, "Committed_AS:") ?? 0;
        string found = mode switch
        {
            0 => "by estimate: refused is only what memory and swap could never hold",
            1 => "without limit",
            _ => "strictly: refused is what exceeds the limit",
        };
        return new Finding(Name, $"{found} (vm.overcommit_memory={mode}); {Quantity.Bytes(promised)} promised, limit {Quantity.Bytes(most)}",
            mode == 2 ? FindingStatus.Limited : FindingStatus.Ok, Why)
        {
            Numbers = new Dictionary<string, long> { ["mode"] = mode, ["limitBytes"] = most, ["promisedBytes"] = promised },
        }.Else(Prescriptions.Sysctl("vm.overcommit_memory", 0));
    }

    private static Finding Compaction(ExaminedMachine machine)
    {
        const string Name = "locked pages stay where they are";
        const string Path = "/proc/sys/vm/compact_unevictable_allowed";
        const string Why = "a device or a table of physical addresses finds them elsewhere after a move; the program waits during it";
        return machine.Files.Number(Path) is { } allowed
            ? new Finding(Name, (allowed == 0 ? "compaction leaves them" : "no: compaction moves locked pages too")
                + $" (vm.compact_unevictable_allowed={allowed})",
                Finding.OkIf(allowed == 0, FindingStatus.Limited), Why)
            {
                Numbers = new Dictionary<string, long> { ["allowed"] = allowed },
            }.Else(Prescriptions.Sysctl("vm.compact_unevictable_allowed", 0))
            : Finding.Unreadable(Name, $"not readable: {Path}", Why);
    }

    private static Finding Group(ExaminedMachine machine)
    {
        const string Name = "control group";
        const string Why = "beyond its limit the process is killed, whatever the machine has free";
        ControlGroup? group = ControlGroup.OfThisProcess(machine.Files, machine.Mounts);
        if (group is null)
        {
            return new Finding(Name, "no group counts the memory of this process", FindingStatus.Ok, Why);
        }

        string used = $"{Quantity.Bytes(group.Used ?? 0)} used";
        string? unit = group.File.Split('/').LastOrDefault(static part => part.EndsWith(".service", StringComparison.Ordinal)
            || part.EndsWith(".scope", StringComparison.Ordinal));
        var lift = new List<Remedy> { Remedy.Now($"echo {(group.IsFirstVersion ? "-1" : "max")} > {group.File}", "in a container: on its host") };
        if (unit is not null)
        {
            lift.Add(Remedy.AtBoot($"systemctl set-property {unit} MemoryMax=infinity"));
        }

        string most = group.Limit is { } limit ? $"at most {Quantity.Bytes(limit)}" : "no limit";
        return new Finding(Name, $"{most} ({group.File}); {used}",
            group.Limit is null ? FindingStatus.Ok : FindingStatus.Limited, Why)
        {
            Numbers = new Dictionary<string, long> { ["limitBytes"] = group.Limit ?? -1, ["usedBytes"] = group.Used ?? 0 },
        }.Else(new Cure(lift));
    }
}

using MemoryPages.Tool.Examining;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Sections;

/// <summary>Where memory goes that is not needed now (proc_swaps(5), zram.rst, zswap.rst).</summary>
internal sealed class SwapSection : DoctorSection
{
    public override string Name => "swap";

    public override string Title => "Swap";

    public override IEnumerable<Finding> Examine(ExaminedMachine machine)
    {
        const string Path = "/proc/swaps";
        const string Why = "without it, memory that no file backs stays resident: PageOut and Cold have nowhere to put it";
        string[][] areas = [.. machine.Files.Lines(Path).Skip(1)
            .Select(static line => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)).Where(static words => words.Length >= 4)];
        long total = areas.Sum(static words => SystemFiles.ToNumber(words[2]) ?? 0) * 1024;
        long used = areas.Sum(static words => SystemFiles.ToNumber(words[3]) ?? 0) * 1024;
        string[] names = [.. areas.Select(static words => words[0])];
        if (!machine.Files.Exists(Path))
        {
            yield return machine.Build.Option("SWAP") == Presence.Absent
                ? new Finding("swap", "none", FindingStatus.Missing, Why).Else(Prescriptions.NotBuilt("SWAP"))
                : Finding.Unreadable("swap", $"not readable: {Path} is not there", Why);
            yield break;
        }

        yield return new Finding("swap", total == 0 ? "none" : $"{Quantity.Bytes(total)} in {string.Join(", ", names)}; {Quantity.Bytes(used)} used",
            total == 0 ? FindingStatus.Missing : FindingStatus.Ok, Why)
        {
            Numbers = new Dictionary<string, long> { ["bytes"] = total, ["usedBytes"] = used },
        }.Else(Cure.Of(
            Remedy.Now("fallocate -l 4G /swapfile && chmod 600 /swapfile && mkswap /swapfile && swapon /swapfile"),
            Remedy.AtBoot("echo '/swapfile none swap sw 0 0' >> /etc/fstab", "after that")));
        yield return Compressed(machine, names);
        yield return Cached(machine);
    }

    private static Finding Compressed(ExaminedMachine machine, string[] areas)
    {
        bool isUsed = areas.Any(static name => name.Contains("zram", StringComparison.Ordinal));
        var finding = new Finding("zram", isUsed ? "in use" : "not in use", isUsed ? FindingStatus.Ok : FindingStatus.Missing,
            "swap that is memory itself, compressed: no disk");
        const string Start = "echo 4G > /sys/block/zram0/disksize && mkswap /dev/zram0 && swapon -p 100 /dev/zram0";
        return finding.Else(machine.Files.Exists("/sys/block/zram0") ? Cure.Of(Remedy.Now(Start))
            : machine.Prescriptions.Driver("ZRAM", "zram") is { Obstacle: null } driver
                ? new Cure([Remedy.Now($"modprobe zram && {Start}"), .. driver.Remedies.Skip(1)])
            : machine.Prescriptions.Driver("ZRAM", "zram"));
    }

    private static Finding Cached(ExaminedMachine machine)
    {
        const string Switch = "/sys/module/zswap/parameters/enabled";
        const string Why = "a compressed cache before a swap device, so that less is written to it";
        return machine.Files.FirstLine(Switch) is { } value
            ? new Finding("zswap", value == "Y" ? "on" : "off", value == "Y" ? FindingStatus.Ok : FindingStatus.Missing, Why)
                .Else(Cure.Of(Prescriptions.SettingNow(Switch, "Y"), machine.Prescriptions.BootOption("zswap.enabled=1")))
            : machine.Build.Option("ZSWAP") == Presence.Absent
                ? new Finding("zswap", "none", FindingStatus.Missing, Why).Else(Prescriptions.NotBuilt("ZSWAP"))
            : Finding.Unreadable("zswap", $"not readable: {Switch}", Why);
    }
}

using System.Globalization;
using MemoryPages.Tool.Examining;
using MemoryPages.Tool.Model;
using MemoryPages.Tool.Probing;

namespace MemoryPages.Tool.Sections;

/// <summary>What this process may do that not everybody may (capabilities(7)).</summary>
internal sealed class PrivilegesSection : DoctorSection
{
    private const string Status = "/proc/self/status";

    public override string Name => "privileges";

    public override string Title => "Privileges";

    public override IEnumerable<Finding> Examine(ExaminedMachine machine)
    {
        string? user = machine.Files.Field(Status, "Uid:");
        yield return user is null ? Finding.Unreadable("user", $"not readable: {Status}", "root may do most of what follows")
            : new Finding("user", user == "0" ? "root" : $"number {user}", FindingStatus.Ok, "root may do most of what follows");
        yield return Privilege(machine, "frame numbers", "sys_admin", 21, static _ => PhysicalAddress.IsVisible,
            "physical addresses, and proof of where pages are");
        yield return Privilege(machine, "locking without limit", "ipc_lock", 14, static _ => PrivilegeProbe.LocksBeyondLimit,
            "RLIMIT_MEMLOCK does not bind; huge pages by SHM_HUGETLB");
        yield return Privilege(machine, "moving pages of others", "sys_nice", 23, static _ => PrivilegeProbe.MovesPagesOfOthers,
            "pages that several processes share move to another node");
        yield return Privilege(machine, "raw access", "sys_rawio", 17,
            static machine => PrivilegeProbe.HasRawAccess(machine.Files.Number("/proc/sys/vm/mmap_min_addr") ?? 0),
            "ports, /dev/mem, and addresses below mmap_min_addr");
        yield return Filters(machine);
        yield return Container(machine);
        yield return Lockdown(machine);
    }

    private static Finding Privilege(ExaminedMachine machine, string name, string capability, int bit, Func<ExaminedMachine, bool?> probe, string why)
    {
        string title = $"{name} (CAP_{capability.ToUpperInvariant()})";
        bool? tried = machine.CanBeProbed ? probe(machine) : null;
        bool? told = Has(machine, "CapEff:", bit);
        if ((tried ?? told) is not { } granted)
        {
            return Finding.Unreadable(title, $"not readable: {Status}", why);
        }

        string found = (granted ? "granted"
            : told == true ? "refused, though the capability is listed: it counts only within a user namespace, or a sandbox refuses it"
            : "not granted")
            + (tried is null ? " by what the kernel lists" : "");
        return new Finding(title, found, granted ? FindingStatus.Ok : FindingStatus.Missing, why).Else(CureOf(machine, capability, bit));
    }

    private static Cure CureOf(ExaminedMachine machine, string capability, int bit)
    {
        string program = Environment.ProcessPath ?? "$(command -v dotnet)";
        return Has(machine, "CapBnd:", bit) == false
            ? Cure.None("What started this process took it away for good (it is not in the bounding set): "
                + $"a container gets it with --cap-add={capability.ToUpperInvariant()}.")
            : machine.Files.Field(Status, "NoNewPrivs:") == "1"
                ? Cure.None("This process may gain no privileges (no_new_privs): start it without that, "
                    + "in a container without --security-opt no-new-privileges.")
                : Cure.Of(Remedy.Now($"setcap cap_{capability}+ep {program}",
                    "everything that this program runs has it from then on, so a program of one's own is better; or run as root"));
    }

    private static bool? Has(ExaminedMachine machine, string set, int bit) =>
        ulong.TryParse(machine.Files.Field(Status, set), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong bits)
            ? (bits >> bit & 1) != 0 : null;

    private static Finding Filters(ExaminedMachine machine)
    {
        const string Why = "a filter may refuse any call, whatever the privileges";
        string? count = machine.Files.Field(Status, "Seccomp_filters:");
        return machine.Files.Field(Status, "Seccomp:") switch
        {
            null => Finding.Unreadable("system-call filters", $"not readable: {Status} has no line Seccomp", Why),
            "0" => new Finding("system-call filters", "none", FindingStatus.Ok, Why),
            _ => new Finding("system-call filters", $"{count ?? "some"} (seccomp)", FindingStatus.Limited, Why).Else(
                Cure.None("Filters cannot be taken off: start the process without them (containers: --security-opt seccomp=unconfined).")),
        };
    }

    /// <summary>By what the makers of containers leave there.</summary>
    private static Finding Container(ExaminedMachine machine)
    {
        string kind = machine.Files.FirstLine("/run/systemd/container") is { Length: > 0 } name ? name
            : machine.Files.Exists("/.dockerenv") ? "docker"
            : machine.Files.Exists("/run/.containerenv") ? "podman"
            : machine.Files.Exists("/var/run/secrets/kubernetes.io") ? "kubernetes"
            : "none is to be seen";
        bool isInside = kind != "none is to be seen";
        return new Finding("container", kind, isInside ? FindingStatus.Limited : FindingStatus.Ok,
            "the kernel's settings are the host's, and so are the commands for them").Else(
            Cure.None("Commands that write to /proc/sys or /sys, load modules or change boot options are to be typed on the host."));
    }

    private static Finding Lockdown(ExaminedMachine machine)
    {
        const string Path = "/sys/kernel/security/lockdown";
        const string Why = "in lockdown not even root writes to registers of devices or reads the kernel's memory";
        return machine.Files.Choice(Path, out string problem) is { } mode
            ? new Finding("lockdown", mode, mode == "none" ? FindingStatus.Ok : FindingStatus.Limited, Why)
                .Else(Cure.Of(Remedy.ByHand(When.AtBoot,
                    "turn off secure boot in the firmware's setup, and take lockdown= off the kernel's command line")))
            : machine.Build.Option("SECURITY_LOCKDOWN_LSM") == Presence.Absent
                ? new Finding("lockdown", "this kernel has none", FindingStatus.Ok, Why)
            : new Finding("lockdown", problem, FindingStatus.Limited, Why)
                .Else(Cure.Of(Remedy.Now("mount -t securityfs securityfs /sys/kernel/security")));
    }
}

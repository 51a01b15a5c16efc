using MemoryPages.Tool.Examining;
using MemoryPages.Tool.Model;
using MemoryPages.Tool.Probing;
using MemoryPages.Unsafe;

namespace MemoryPages.Tool.Sections;

/// <summary>What the running kernel takes: tried, not looked up by version.</summary>
internal sealed class KernelSection : DoctorSection
{
    private const string NotSupported = "not supported";

    public override string Name => "kernel";

    public override string Title => "Kernel features";

    public override IEnumerable<Finding> Examine(ExaminedMachine machine)
    {
        foreach (var advice in Enum.GetValues<Advice>())
        {
            yield return Feature($"advice {advice}", advice.IsSupported, "told by Advise", () => CureOf(machine, $"{advice}"));
        }

        foreach (var advice in Enum.GetValues<UncheckedAdvice>())
        {
            yield return Feature($"advice {advice}", advice.IsSupported, "told by DangerousAdvise, and by the verbs that rest on it",
                () => CureOf(machine, $"{advice}"));
        }

        yield return Feature("batches of advice", KernelProbe.AdvisesInBatches, "many ranges discarded in one call (process_madvise)",
            () => Since(machine, 6, 14));
        yield return Feature("PAGEMAP_SCAN", KernelProbe.ScansPageMap, "finds written pages without reading an entry for each",
            () => Since(machine, 6, 7));
        yield return Feature("PROCMAP_QUERY", KernelProbe.QueriesMappings, "one mapping without reading the whole list", () => Since(machine, 6, 11));
        yield return Feature("hidden memory", SecretMemory.HidingSupported, "secrets that not even the kernel reads (memfd_secret)",
            () => OptionOr(machine, "SECRETMEM", machine.Files.FirstLine("/sys/module/secretmem/parameters/enable") == "Y"
                ? Sandboxed("memfd_secret")
                : Cure.Of(machine.Prescriptions.BootOption("secretmem.enable=1"))));
        yield return Feature("sealed pages", Pages.SealingSupported, "protections that nothing changes any more (mseal)",
            () => Since(machine, 6, 10));
        yield return Feature("sealed shared memory", KernelProbe.SealsSharedMemory, "memory that a peer cannot shorten (memfd seals)",
            () => OptionOr(machine, "MEMFD_CREATE", Sandboxed("memfd_create")));
        yield return Feature("names", Pages.NamesSupported, "names of memory in /proc/PID/maps",
            () => OptionOr(machine, "ANON_VMA_NAME", Since(machine, 5, 17)));
        yield return Feature("cache of files", FileCache.IsSupported, "how much of a file is in memory (cachestat)", () => Since(machine, 6, 5));
        yield return UserFaults(machine);
        yield return Feature("protection keys", KernelProbe.HasProtectionKeys,
            "pages that run without being readable; access switched without a call", static () =>
            Cure.None("The processor or the kernel has none: x86 since Skylake servers, arm64 since version 8.9 with Linux 6.12; "
                + "a virtual machine's host may hide them."));
    }

    private static Finding UserFaults(ExaminedMachine machine)
    {
        const string Name = "faults handled by the program";
        const string Why = "memory made at its first touch by the program itself (userfaultfd)";
        return KernelProbe.HandlesAllFaults ? new Finding(Name, Finding.Supported, FindingStatus.Ok, Why)
            : KernelProbe.HandlesOwnFaults
                ? new Finding(Name, "only for faults of the program's own code", FindingStatus.Limited, Why)
                    .Else(Prescriptions.Sysctl("vm.unprivileged_userfaultfd", 1))
                : new Finding(Name, NotSupported, FindingStatus.Missing, Why).Else(OptionOr(machine, "USERFAULTFD", Sandboxed("userfaultfd")));
    }

    private static Finding Feature(string name, bool isSupported, string why, Func<Cure> cure) =>
        isSupported ? new Finding(name, Finding.Supported, FindingStatus.Ok, why)
            : new Finding(name, NotSupported, FindingStatus.Missing, why).Else(cure());

    /// <summary>Which kernels take it (madvise(2)).</summary>
    private static Cure CureOf(ExaminedMachine machine, string advice) => advice switch
    {
        "ZeroWiredPages" or "FreeReusable" or "FreeReuse" => Cure.None("An advice of macOS: no Linux takes it."),
        "HwPoison" or "SoftOffline" => OptionOr(machine, "MEMORY_FAILURE", Sandboxed("madvise")),
        "Mergeable" or "Unmergeable" => OptionOr(machine, "KSM", Sandboxed("madvise")),
        "HugePage" or "NoHugePage" => OptionOr(machine, "TRANSPARENT_HUGEPAGE", Sandboxed("madvise")),
        "Collapse" => OptionOr(machine, "TRANSPARENT_HUGEPAGE", Since(machine, 6, 1)),
        "Cold" or "PageOut" => Since(machine, 5, 4),
        "PopulateRead" or "PopulateWrite" => Since(machine, 5, 14),
        "DontNeedLocked" => Since(machine, 5, 18),
        "GuardInstall" or "GuardRemove" => Since(machine, 6, 13),
        "WipeOnFork" or "KeepOnFork" => Since(machine, 4, 14),
        "Free" => Since(machine, 4, 5),
        _ => Sandboxed("madvise"),
    };

    private static Cure OptionOr(ExaminedMachine machine, string option, Cure otherwise) => machine.Build.Option(option) switch
    {
        Presence.Absent => Prescriptions.NotBuilt(option),
        Presence.Unknown when otherwise.Obstacle is { } obstacle =>
            Cure.None($"The kernel was built without CONFIG_{option}, which cannot be seen here; if not: {obstacle}"),
        _ => otherwise,
    };

    private static Cure Since(ExaminedMachine machine, int major, int minor) => Cure.None(machine.Build.IsAtLeast(major, minor) == false
        ? $"Linux has it since {major}.{minor}; this is {machine.Build.Release}."
        : $"Linux has it since {major}.{minor}; where this one is as new, a sandbox hides the call.");

    private static Cure Sandboxed(string call) => Cure.None($"The kernel refuses {call}: a sandbox or an emulator hides it.");
}

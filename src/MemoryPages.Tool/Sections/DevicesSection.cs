using MemoryPages.Tool.Examining;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Sections;

/// <summary>What gives devices the memory of a program: the IOMMU, VFIO and the kernel's own buffers.</summary>
internal sealed class DevicesSection : DoctorSection
{
    private const string Groups = "/sys/kernel/iommu_groups";
    private const string ModuleParameters = "/sys/module/vfio/parameters";

    private static readonly string[] s_modules = ["vfio", "vfio_iommu_type1", "vfio_pci"];

    public override string Name => "devices";

    public override string Title => "Memory for devices";

    public override IEnumerable<Finding> Examine(ExaminedMachine machine)
    {
        yield return Iommu(machine);
        yield return Device(machine, "VFIO", "/dev/vfio/vfio", "VFIO_PCI", "vfio-pci",
            "drivers outside the kernel: memory at a device address of one's choice");
        if (machine.Files.Exists("/dev/vfio"))
        {
            yield return Given(machine);
        }

        yield return Device(machine, "iommufd", "/dev/iommu", "IOMMUFD", "iommufd", "the newer way to the same, one descriptor for many devices");
        if (machine.Build.IsLoaded("vfio"))
        {
            yield return Switch(machine, "interrupts that are not remapped", "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts",
                "without remapping in the IOMMU, a device in a user's hands may fake interrupts");
            yield return Switch(machine, "VFIO without an IOMMU", $"{ModuleParameters}/enable_unsafe_noiommu_mode",
                "devices by physical addresses where there is no IOMMU: nothing stops them");
        }

        if (machine.CanBeProbed)
        {
            yield return Hold(machine);
        }

        yield return Device(machine, "udmabuf", "/dev/udmabuf", "UDMABUF", "udmabuf", "makes a buffer for devices (dma-buf) of sealed shared memory");
        yield return Heaps(machine);
    }

    private static Finding Iommu(ExaminedMachine machine)
    {
        const string Name = "IOMMU";
        const string Why = "translates and checks the addresses of devices: with it a device reaches only what it was given";
        IReadOnlyList<string> groups = machine.Files.Names(Groups);
        if (groups.Count > 0)
        {
            string[] types = [.. groups.Select(group => machine.Files.FirstLine($"{Groups}/{group}/type") ?? "unknown")];
            string kinds = string.Join(", ", types.CountBy(static type => type).OrderBy(static kind => kind.Key, StringComparer.Ordinal)
                .Select(static kind => $"{kind.Value} {kind.Key}"));
            int translating = types.Count(static type => type.StartsWith("DMA", StringComparison.Ordinal));
            string arrive = translating > 0 ? "do not reach devices of the DMA groups" : "reach devices as they are";
            return new Finding(Name, $"{groups.Count} groups: {kinds}; physical addresses {arrive}", FindingStatus.Ok, Why)
            {
                Numbers = new Dictionary<string, long> { ["groups"] = groups.Count, ["translating"] = translating },
            };
        }

        var none = new Finding(Name, "none: physical addresses reach devices as they are", FindingStatus.Missing, Why)
        {
            Numbers = new Dictionary<string, long> { ["groups"] = 0, ["translating"] = 0 },
        };
        return !machine.Files.Exists("/sys/kernel") ? Finding.Unreadable(Name, $"not readable: {Groups} is not there", Why)
            : none.Else(CureOf(machine));
    }

    private static Cure CureOf(ExaminedMachine machine)
    {
        (string option, Remedy turnOn) = machine.ProcessorVendor switch
        {
            "GenuineIntel" => ("INTEL_IOMMU", machine.Prescriptions.BootOption("intel_iommu=on")),
            "AuthenticAMD" => ("AMD_IOMMU", Remedy.ByHand(
                When.AtBoot, "turn on the IOMMU (AMD-Vi) in the firmware's setup, and take amd_iommu=off off the kernel's command line")),
            _ => ("IOMMU_SUPPORT", Remedy.ByHand(When.AtBoot, "turn on the IOMMU (on arm64: the SMMU) in the firmware's setup")),
        };
        return machine.Build.Option(option) == Presence.Absent ? Prescriptions.NotBuilt(option)
            : machine.ProcessorHas("hypervisor")
                ? Cure.Of(turnOn, Remedy.ByHand(When.AtBoot, "this is a virtual machine: its host must give it an IOMMU (QEMU: -device intel-iommu)"))
                : Cure.Of(turnOn, Remedy.ByHand(When.AtBoot, "turn on VT-d, AMD-Vi or the SMMU in the firmware's setup where it is off"));
    }

    /// <summary>What a page got that was allocated to be given to a device.</summary>
    private static Finding Hold(ExaminedMachine machine)
    {
        const string Name = "memory that stays put";
        const string Switch = "kernel.io_uring_disabled";
        const string Why = "a device goes on writing to a physical address when the page is no longer there";
        if (!PhysicalAddress.IsVisible)
        {
            return new Finding(Name, "no physical addresses are shown", FindingStatus.Missing, Why).Else(
                Cure.None("It takes the privilege to see frame numbers: the section privileges says how to get that."));
        }

        using PhysicalMemory? memory = PhysicalMemory.TryAllocate(PageSize.Base, new() { Scattered = true }, out PhysicalMemory? made) ? made : null;
        bool isPinned = memory?.Hold.HasFlag(PhysicalHold.Pinned) == true;
        FindingStatus status = Finding.OkIf(isPinned, memory is null ? FindingStatus.Missing : FindingStatus.Limited);
        return new Finding(Name, memory is null ? "refused" : $"{memory.Hold}", status, Why).Else(
            machine.Build.Option("IO_URING") == Presence.Absent ? Prescriptions.NotBuilt("IO_URING")
            : machine.Files.Number("/proc/sys/" + Switch.Replace('.', '/')) is > 0 ? Prescriptions.Sysctl(Switch, 0)
            : Cure.None("Pages are pinned by an io_uring, which a sandbox or the limit of locked memory refuses here."));
    }

    private static Finding Device(ExaminedMachine machine, string name, string path, string option, string module, string why)
    {
        if (!machine.Files.Exists(path))
        {
            return new Finding(name, $"no {path}", FindingStatus.Missing, why).Else(machine.Prescriptions.Driver(option, module));
        }

        return !machine.CanBeProbed || CanOpen(path) ? new Finding(name, path, FindingStatus.Ok, why)
            : new Finding(name, $"{path} may not be opened by this user", FindingStatus.Limited, why).Else(Cure.Of(
                Remedy.Now($"setfacl -m u:{machine.Files.Field("/proc/self/status", "Uid:")}:rw {path}",
                    "or put the user into the group that owns it")));
    }

    /// <summary>A group is there once its devices' drivers are VFIO's.</summary>
    private static Finding Given(ExaminedMachine machine)
    {
        string[] groups = [.. machine.Files.Names("/dev/vfio").Where(static name => name is not ("vfio" or "devices"))];
        string[] modules = [.. s_modules.Where(machine.Build.IsLoaded)];
        string given = groups.Length == 0 ? "none" : "groups " + string.Join(", ", groups);
        string loaded = modules.Length == 0 ? "nothing" : string.Join(", ", modules);
        return new Finding("devices given to VFIO", $"{given}; loaded: {loaded}", Finding.OkIf(groups.Length > 0),
            "a device that a driver of the kernel holds cannot be had")
        {
            Numbers = new Dictionary<string, long> { ["groups"] = groups.Length },
        }.Else(Cure.Of(Remedy.Now("D=0000:00:00.0; echo vfio-pci > /sys/bus/pci/devices/$D/driver_override; "
            + "echo $D > /sys/bus/pci/devices/$D/driver/unbind; echo $D > /sys/bus/pci/drivers_probe",
            "with the place of the device for D, as lspci -D has it")));
    }

    private static Finding Switch(ExaminedMachine machine, string name, string path, string why) => machine.Files.FirstLine(path) is { } value
        ? new Finding(name, value == "Y" ? "allowed" : "refused, as is safe", value == "Y" ? FindingStatus.Limited : FindingStatus.Ok, why)
            .Else(Cure.Of(Prescriptions.SettingNow(path, "N")))
        : new Finding(name, "this kernel has no such switch", FindingStatus.Ok, why);

    private static Finding Heaps(ExaminedMachine machine)
    {
        IReadOnlyList<string> heaps = machine.Files.Names("/dev/dma_heap");
        return new Finding("dma heaps", heaps.Count == 0 ? "no /dev/dma_heap" : string.Join(", ", heaps), Finding.OkIf(heaps.Count > 0),
            "buffers for devices out of the kernel's hands, some contiguous")
        {
            Numbers = new Dictionary<string, long> { ["heaps"] = heaps.Count },
        }.Else(machine.Prescriptions.Driver("DMABUF_HEAPS", "system_heap"));
    }

    private static bool CanOpen(string path)
    {
        try
        {
            File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite).Dispose();
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

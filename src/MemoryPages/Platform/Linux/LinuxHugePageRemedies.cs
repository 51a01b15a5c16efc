using MemoryPages.Diagnostics;
using static MemoryPages.Platform.Linux.LinuxDiagnosis;

namespace MemoryPages.Platform.Linux;

/// <summary>What a person can do about each reason.</summary>
internal static class LinuxHugePageRemedies
{
    private const string Collapse = "Collapse gathers it now";

    public static string For(HugePageReason reason, LinuxHugePageSettings settings) => reason switch
    {
        HugePageReason.Unsupported => settings.Size == 0
            ? "The kernel was built without transparent huge pages: take explicit ones, HugePages.Explicit."
            : "Memory of a device or of the kernel has none.",
        HugePageReason.Unaligned => Text($"Huge pages begin at multiples of {Size(settings.Size)}: HugePages.Transparent aligns the address; let the length be a multiple too, ")
            + "map files from such an offset, and give no advice, protection or policy to a smaller part.",
        HugePageReason.ForbiddenToProcess => "Who started the process forbade them (prctl, PR_SET_THP_DISABLE; a service manager or a container can): start it without.",
        HugePageReason.ForbiddenByAdvice => "Give Advice.HugePage, and take no AllocationOptions.Stack.",
        HugePageReason.SystemSetting => Text($"As root: echo madvise > {LinuxHugePageSettings.Folder}/enabled. {Collapse} all the same."),
        HugePageReason.SharedMemorySetting => Text($"As root: echo advise > {LinuxHugePageSettings.Folder}/shmem_enabled, and for a mounted tmpfs the option huge=advise. ")
            + "Or take explicit ones: HugePages.Explicit in SharedMemoryOptions.",
        HugePageReason.NotAdvised => Text($"Allocate with HugePages.Transparent, or give Advice.HugePage before the first touch; {Collapse}."),
        HugePageReason.FileNotSupported => "The file system keeps files in base pages, or in large ones only where it reads ahead: copy what is read often to memory.",
        HugePageReason.NotTouched => "Nothing to do: the first write to it may bring a huge page, and Prefault asks for it now.",
        HugePageReason.SwappedOut => "Lock what must stay, or give the machine more memory. Prefault brings it back, " + Collapse + " then.",
        HugePageReason.Split => $"Change protection and advice of whole huge pages only, and give whole ones back. {Collapse}.",
        HugePageReason.PartlyTouched => Text($"{Khugepaged(settings)} where at most {settings.MostMissing} base pages are missing. {Collapse}; Prefault before the first touch asks for huge ones at once."),
        HugePageReason.Fragmented => "As root: echo 1 > /proc/sys/vm/compact_memory; then " + Collapse + ". Or reserve explicit ones at boot: HugePages.Explicit.",
        HugePageReason.NotCollapsed => Text($"{Khugepaged(settings)}. {Collapse}. Ask before the first touch: HugePages.Transparent."),
        _ => "",
    };

    private static string Khugepaged(LinuxHugePageSettings settings) => Text(
        $"The kernel looks at {settings.ScanLength:N0} base pages of the machine every {settings.ScanInterval:N0} ms, and may gather it in time");
}

using MemoryPages.Tool.Examining;
using MemoryPages.Tool.Model;
using MemoryPages.Tool.Probing;

namespace MemoryPages.Tool.Sections;

/// <summary>What mapped files can do in one folder, tried on a file without a name.</summary>
internal sealed class FilesSection : DoctorSection
{
    public override string Name => "files";

    public override string Title => "Mapped files";

    public override IEnumerable<Finding> Examine(ExaminedMachine machine)
    {
        Mount? mount = machine.Mounts.Of(machine.Path);
        const string Why = "what a mapped file can do is up to its file system";
        yield return mount is null ? Finding.Unreadable("file system", "not readable: /proc/self/mountinfo", Why)
            : new Finding("file system", $"{mount.Type} of {mount.Source} at {mount.Point}, for {machine.Path}", FindingStatus.Ok, Why);
        if (!machine.CanBeProbed)
        {
            yield break;
        }

        bool survives = KernelProbe.SurvivesTruncation;
        yield return new Finding("files that shrink", survives ? "survived" : "not survived, or not to be tried", Finding.OkIf(survives),
            "FileMapOptions.SurviveTruncation: another process cuts a mapped file off, and this one lives").Else(
            Cure.None("It takes Linux on x86-64 or arm64, and memory files for the trial: elsewhere TryCopyTo and its like read mapped files safely."));
        using FolderProbe? folder = FolderProbe.In(machine.Path, out int error);
        if (folder is null)
        {
            yield return new Finding("space, holes, direct access", $"not tried: error {error} for a file without a name (O_TMPFILE)",
                FindingStatus.Limited, Why).Else(
                Cure.None("The folder is not this user's to write, or its file system makes no such files: name another one with --path."));
            yield break;
        }

        yield return Tried("shared mapping", folder.MapsShared(), "pages that are the file's own, written through", mount);
        yield return Tried("space set aside", folder.Allocates(), "a full disk refuses the growth, and never a write to a page (fallocate)", mount);
        yield return Tried("holes", folder.PunchesHoles(), "Remove gives back space in the middle of a file", mount);
        bool isDirect = folder.IsDirect();
        yield return new Finding("direct access (DAX)", isDirect ? "yes" : "no: pages are copies in the system's cache", Finding.OkIf(isDirect),
            "the pages of a file are persistent memory itself").Else(machine.Files.Names("/sys/bus/nd/devices", "namespace*").Count > 0
                && mount is { Type: "ext4" or "xfs" }
            ? Cure.Of(Remedy.Now($"mount -o remount,dax=always {mount.Point}", "if it is on /dev/pmem"))
            : Cure.None("It takes persistent memory (/dev/pmem, virtiofs) with ext4 or xfs mounted with dax=always; there is none."));
    }

    private static Finding Tried(string name, bool works, string why, Mount? mount) =>
        new Finding(name, works ? "yes" : "refused", Finding.OkIf(works), why)
        .Else(Cure.None($"The file system {mount?.Type} does not do it: name a folder on ext4, xfs, btrfs or tmpfs with --path."));
}

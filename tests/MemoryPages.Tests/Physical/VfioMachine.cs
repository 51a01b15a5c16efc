namespace MemoryPages.Tests.Physical;

/// <summary>What devices behind an IOMMU leave in this process and on the machine, as the kernel shows it.</summary>
internal static class VfioMachine
{
    private const string Bus = "/sys/bus/pci/devices";

    /// <summary>The files of this process that are VFIO's or iommufd's: spaces, groups, devices.</summary>
    public static string[] OpenFiles => [.. Directory.GetFiles("/proc/self/fd").Select(path => new FileInfo(path).LinkTarget ?? "")
        .Where(target => target.Contains("vfio", StringComparison.Ordinal) || target.Contains("iommu", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <summary>Bytes that this process holds: locked, as groups count them, and pinned, as iommufd does.</summary>
    public static long Held => SystemMap.Status("VmLck") + SystemMap.Status("VmPin");

    /// <summary>Whether the kernel lends devices themselves, by iommufd: asked of a device that vfio-pci has.</summary>
    public static bool HasIommufd(string address) => File.Exists("/dev/iommu") && Directory.Exists($"{Bus}/{address}/vfio-dev");

    /// <summary>A device's own file for iommufd.</summary>
    public static string DeviceFile(string address) => $"/dev/vfio/devices/{Path.GetFileName(Directory.GetDirectories($"{Bus}/{address}/vfio-dev").Single())}";

    /// <summary>Gives a file away, as root does with chown.</summary>
    public static void Own(string path, string user)
    {
        using var chown = System.Diagnostics.Process.Start("chown", [user, path]);
        chown.WaitForExit();
        Assert.Equal(0, chown.ExitCode);
    }

    /// <summary>The device of a kind, or the test is skipped.</summary>
    public static PciDevice Find(ushort vendor, ushort device, string name)
    {
        IReadOnlyList<string> found = PciDevice.Find(vendor, device);
        Assert.SkipWhen(found.Count == 0, $"There is no {name} ({vendor:x4}:{device:x4}) on this machine: eng/guest/run makes one that has it.");
        PciDevice opened = PciDevice.Open(found[0]);
        if (opened.IommuGroup is null)
        {
            opened.Dispose();
            Assert.Skip($"No IOMMU looks after the {name} of this machine.");
        }

        return opened;
    }
}

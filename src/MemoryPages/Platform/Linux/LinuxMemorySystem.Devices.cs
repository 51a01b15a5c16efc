using System.Runtime.InteropServices;
using System.Text;
using MemoryPages.Platform.Linux.Native;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform.Linux;

/// <summary>PCI devices, as sysfs shows them.</summary>
/// <remarks>Layout: Documentation/PCI/sysfs-pci.rst, Documentation/ABI/testing/sysfs-bus-pci and sysfs-kernel-iommu_groups of the kernel.</remarks>
internal sealed unsafe partial class LinuxMemorySystem
{
    private const string PciBus = "/sys/bus/pci";

    /// <summary>An override that no driver is called by keeps every driver away.</summary>
    private const string NoDriver = "none";

    // include/linux/ioport.h
    private const ulong IORESOURCE_IO = 0x100;
    private const ulong IORESOURCE_MEM = 0x200;
    private const ulong IORESOURCE_PREFETCH = 0x2000;

    public override IReadOnlyList<string> PciDevices => Directory.Exists($"{PciBus}/devices")
        ? [.. Directory.EnumerateFileSystemEntries($"{PciBus}/devices").Select(Path.GetFileName).Order(StringComparer.Ordinal)!]
        : [];

    public override SystemError QueryPciDevice(string address, out PciFacts facts)
    {
        string folder = PciFolder(address);
        if (!Directory.Exists(folder))
        {
            facts = PciFacts.None;
            return new SystemError("open", Errno.ENOENT);
        }

        string? group = LinkName($"{folder}/iommu_group");
        long node = LinuxFiles.ReadNumber($"{folder}/numa_node"); // "-1", which is no number here, where it is not known
        facts = new PciFacts
        {
            Vendor = (ushort)ReadPrefixed($"{folder}/vendor"),
            Device = (ushort)ReadPrefixed($"{folder}/device"),
            Class = (uint)ReadPrefixed($"{folder}/class"),
            Driver = new PciDriverState(LinkName($"{folder}/driver"), ReadText($"{folder}/driver_override") is { } only and not "(null)" ? only : null),
            IommuGroup = group is null ? null : int.Parse(group, System.Globalization.CultureInfo.InvariantCulture),
            IommuGroupType = group is null ? null : ReadText($"{folder}/iommu_group/type") ?? "unknown",
            NumaNode = ReadText($"{folder}/numa_node") is null or "-1" ? null : (int)node,
            Resources = ReadResources($"{folder}/resource"),
        };
        return SystemError.None;
    }

    public override SystemError OpenPciConfiguration(string address, bool forWriting, SafeFileHandle file) =>
        OpenFile($"{PciFolder(address)}/config", forWriting, file);

    public override SystemError OpenPciResource(string address, int index, SafeFileHandle file) =>
        OpenFile($"{PciFolder(address)}/resource{index}", forWriting: true, file);

    public override SystemError SetPciDriver(string address, string? driver, in PciDriverState before)
    {
        string folder = PciFolder(address);
        if (driver is not null && !Directory.Exists($"{PciBus}/drivers/{driver}"))
        {
            return new SystemError("driver_override", Errno.ENOENT);
        }

        SystemError error = WriteText($"{folder}/driver_override", driver ?? NoDriver, "driver_override");
        if (!error.Failed)
        {
            error = Rebind(folder, address, driver);
            if (error.Failed)
            {
                _ = RestorePciDriver(address, before);
            }
        }

        return error;
    }

    public override SystemError RestorePciDriver(string address, in PciDriverState before)
    {
        string folder = PciFolder(address);
        SystemError error = WriteText($"{folder}/driver_override", before.Only ?? "\n", "driver_override");
        return error.Failed ? error : Rebind(folder, address, before.Name);
    }

    public override SystemError ReadDevice(SafeFileHandle file, long offset, Span<byte> destination)
    {
        fixed (byte* bytes = destination)
        {
            nint count = DeviceCalls.pread(file, bytes, (nuint)destination.Length, offset);
            return Whole(count, destination.Length, "pread");
        }
    }

    public override SystemError WriteDevice(SafeFileHandle file, long offset, ReadOnlySpan<byte> source)
    {
        fixed (byte* bytes = source)
        {
            nint count = FileCalls.pwrite(file, bytes, (nuint)source.Length, offset);
            return Whole(count, source.Length, "pwrite");
        }
    }

    /// <summary>To be called in the statement after the call. The kernel shows a part only, as to who lacks a privilege, by a short count.</summary>
    private static SystemError Whole(nint count, int length, string call) =>
        count < 0 ? Errno.Last(call) : count == length ? SystemError.None : new SystemError(call, Errno.EACCES);

    private static string PciFolder(string address) => $"{PciBus}/devices/{address}";

    /// <summary>What has it lets it go; then the drivers that may have it are asked, of which only the wished one counts.</summary>
    private SystemError Rebind(string folder, string address, string? driver)
    {
        string? current = LinkName($"{folder}/driver");
        if (current == driver)
        {
            return SystemError.None;
        }

        SystemError error = current is null ? SystemError.None : WriteText($"{folder}/driver/unbind", address, "unbind");
        if (!error.Failed && driver is not null)
        {
            error = WriteText($"{PciBus}/drivers_probe", address, "drivers_probe");
            if (!error.Failed && LinkName($"{folder}/driver") != driver)
            {
                error = new SystemError("drivers_probe", Errno.ENODEV); // it did not want the device
            }
        }

        return error;
    }

    /// <summary>The last part of where a link leads to; null where there is none.</summary>
    private static string? LinkName(string path) => Path.GetFileName(new FileInfo(path).LinkTarget);

    /// <summary>Null where there is no such file, or it is not to be read.</summary>
    private static string? ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static ulong ReadPrefixed(string path) => Prefixed(ReadText(path));

    /// <summary>A number in hexadecimal behind "0x"; 0 where it is none.</summary>
    private static ulong Prefixed(string? text) => text is not null && text.StartsWith("0x", StringComparison.Ordinal)
        && ulong.TryParse(text.AsSpan(2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out ulong number) ? number : 0;

    /// <summary>A line for each region: first address, last address, flags. Regions that the device does not have are all zero.</summary>
    private static PciResource[] ReadResources(string path)
    {
        var resources = new List<PciResource>();
        foreach (string[] words in (ReadText(path) ?? "").Split('\n').Select(line => line.Split(' ')))
        {
            (int index, ulong start, ulong last, ulong flags) = words is [var a, var b, var c]
                ? (resources.Count, Prefixed(a), Prefixed(b), Prefixed(c))
                : (resources.Count, 0ul, 0ul, 0ul);
            PciResourceKind kind = ((flags & IORESOURCE_IO) != 0 ? PciResourceKind.Ports : PciResourceKind.None)
                | ((flags & IORESOURCE_MEM) != 0 ? PciResourceKind.Memory : PciResourceKind.None)
                | ((flags & IORESOURCE_PREFETCH) != 0 ? PciResourceKind.Prefetchable : PciResourceKind.None);
            resources.Add(new PciResource(index, start, last == 0 ? 0 : last - start + 1, kind));
        }

        return [.. resources.Where(resource => resource.Length != 0 && resource.Index <= 6)];
    }

    /// <summary>
    /// Writes what the kernel takes as an order; an error says which order. Not to be read: some of these files refuse even root to open them for
    /// that.
    /// </summary>
    private SystemError WriteText(string path, string text, string order)
    {
        using var file = new SafeFileHandle();
        SystemError error = OpenFile(path, FileKindCalls.O_WRONLY, file);
        if (!error.Failed)
        {
            error = WriteDevice(file, 0, Encoding.ASCII.GetBytes(text));
        }

        return error.Failed ? new SystemError(order, error.Code) : error;
    }
}

using System.Globalization;

namespace MemoryPages.Tests.Physical;

/// <summary>What PCI devices tell of themselves, held against sysfs. Nothing here changes a device of the machine.</summary>
public sealed class PciDeviceTests
{
    private const string Bus = "/sys/bus/pci/devices";

    [Fact]
    public void All_devices_of_a_kind_are_found()
    {
        foreach (IGrouping<(ushort, ushort), string> kind in All().GroupBy(address => (Number(address, "vendor"), Number(address, "device"))))
        {
            Assert.Equal(kind.Order(), PciDevice.Find(kind.Key.Item1, kind.Key.Item2));
            Assert.Equal(All().Where(address => Number(address, "vendor") == kind.Key.Item1).Order(), PciDevice.Find(kind.Key.Item1));
        }

        Assert.Empty(PciDevice.Find(0xfffe, 0xfffe));
    }

    [Fact]
    public void A_device_tells_what_the_system_tells_of_it()
    {
        foreach (string address in All())
        {
            using PciDevice device = PciDevice.Open(address);
            Assert.Equal(address, device.Address);
            Assert.Equal(Number(address, "vendor"), device.VendorId);
            Assert.Equal(Number(address, "device"), device.DeviceId);
            Assert.Equal(Text(address, "class"), $"0x{device.ClassCode:x6}");
            Assert.Equal(Link(address, "driver"), device.Driver);
            Assert.Equal(Link(address, "iommu_group"), device.IommuGroup?.ToString(CultureInfo.InvariantCulture));
            Assert.Equal(Text(address, "numa_node"), (device.NumaNode ?? -1).ToString(CultureInfo.InvariantCulture));
            Assert.Equal(Link(address, "iommu_group") is null || Text(address, "iommu_group/type") == "identity", device.WhyNoPhysicalAddresses is null);

            // The configuration space is another witness: the first words are vendor and device.
            Assert.Equal(((uint)device.DeviceId << 16) | device.VendorId, device.Configuration.Read32(0));
            Assert.Equal(device.VendorId, device.Configuration.Read16(0));
            Assert.Equal((byte)(device.DeviceId >> 8), device.Configuration.Read8(3));
            Assert.Equal(
                Text(address, "resource").Split('\n').Take(7).Select(line => line.Split(' ')).Where(words => words[0] != words[1]).Select(words => words[0]),
                device.Resources.Select(resource => $"0x{resource.Start:x16}"));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("0000:00:04")]
    [InlineData("0000:00:04-0")]
    [InlineData("../../../etc")]
    [InlineData("0000:00:0g.0")]
    [InlineData("0000:00:04.0/..")]
    public void What_is_no_address_is_refused(string address) => Assert.ThrowsAny<SystemException>(() => PciDevice.Open(address));

    [Fact]
    public void A_device_that_is_not_there_is_not_found()
    {
        Assert.SkipUnless(Directory.Exists(Bus), "This machine has no PCI bus.");
        Assert.Contains("lspci", Assert.Throws<FileNotFoundException>(() => PciDevice.Open("fffe:00:1f.7")).Message);
    }

    [Fact]
    public void Offsets_outside_the_configuration_are_refused()
    {
        using PciDevice device = Any(_ => true);
        foreach (int offset in new[] { -1, int.MinValue, device.Configuration.Length, int.MaxValue })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => device.Configuration.Read8(offset));
            Assert.Throws<ArgumentOutOfRangeException>(() => device.Configuration.Write32(offset & ~3, 0));
        }

        Assert.Throws<ArgumentException>(() => device.Configuration.Read16(1));
        Assert.Throws<ArgumentException>(() => device.Configuration.Read32(2));
    }

    [Fact]
    public void Registers_that_a_driver_of_the_kernel_works_with_are_not_mapped()
    {
        using PciDevice device = Any(address => Link(address, "driver") is not (null or "vfio-pci") && HasRegisters(address));
        int index = device.Resources.First(r => r.IsMemory).Index;
        var refused = Assert.Throws<InvalidOperationException>(() => device.MapResource(index));
        Assert.Contains($"'{device.Driver}'", refused.Message);
        Assert.Contains("unbind", refused.Message);
    }

    [Fact]
    public void A_region_that_is_not_there_is_refused_with_those_that_are()
    {
        using PciDevice device = Any(_ => true);
        Assert.Contains(device.Address, Assert.Throws<ArgumentException>(() => device.MapResource(17)).Message);
    }

    [Fact]
    public void Without_privilege_a_device_can_be_looked_at_and_not_changed()
    {
        Assert.SkipWhen(Kernel.IsRoot, "This user may change devices.");
        using PciDevice device = Any(_ => true);
        ushort command = device.Configuration.Read16(4);
        foreach (Action change in new Action[] { () => device.Configuration.Write16(4, command), () => device.Configuration.Read32(0x40), () => device.Bind(null).Dispose() })
        {
            var refused = Assert.Throws<MemoryPagesException>(change);
            Assert.Equal(ErrorReason.AccessDenied, refused.Reason);
            Assert.Contains(device.Address, refused.Message);
            Assert.NotNull(refused.Hint);
        }
    }

    [Fact]
    public void A_driver_that_the_kernel_does_not_have_is_refused_and_nothing_is_changed()
    {
        using PciDevice device = Any(_ => true);
        string? driver = device.Driver;
        string wish = Text(device.Address, "driver_override");
        var refused = Assert.Throws<MemoryPagesException>(() => device.Bind("no-such-driver"));
        Assert.Equal(ErrorReason.NotFound, refused.Reason);
        Assert.Contains("modprobe", refused.Hint);
        Assert.Equal((driver, wish), (device.Driver, Text(device.Address, "driver_override")));
    }

    private static PciDevice Any(Func<string, bool> wished)
    {
        string? address = All().FirstOrDefault(wished);
        Assert.SkipWhen(address is null, "This machine has no such PCI device.");
        return PciDevice.Open(address!);
    }

    private static bool HasRegisters(string address)
    {
        using PciDevice device = PciDevice.Open(address);
        return device.Resources.Any(resource => resource.IsMemory);
    }

    private static string[] All() => Directory.Exists(Bus) ? [.. Directory.EnumerateFileSystemEntries(Bus).Select(path => Path.GetFileName(path))] : [];

    private static string Text(string address, string file) => File.ReadAllText($"{Bus}/{address}/{file}").Trim();

    private static ushort Number(string address, string file) => ushort.Parse(Text(address, file).AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static string? Link(string address, string file) => Path.GetFileName(new FileInfo($"{Bus}/{address}/{file}").LinkTarget);
}

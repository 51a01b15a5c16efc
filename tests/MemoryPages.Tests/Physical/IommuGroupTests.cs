#pragma warning disable MP1001, MP1005, MP1007 // what is refused, and used after the end, is what is tested

using System.Globalization;
using EduDriver;
using MemoryPages.Physical;
using MemoryPages.Platform;

namespace MemoryPages.Tests.Physical;

/// <summary>Devices that an IOMMU cannot tell apart, devices that share addresses, and who may have them: in the guests of eng/guest with an IOMMU.</summary>
public sealed class IommuGroupTests
{
    private const string OrdinaryUser = "65534";

    private static readonly nuint s_page = PageSize.Base;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_device_beside_one_of_the_kernels_is_busy_and_the_error_names_that_one(bool iommufd)
    {
        using PciDevice device = Tester();
        using PciDevice neighbour = Serial(device);
        using PciDriverBinding binding = device.Bind("vfio-pci");
        DmaWay way = WayOf(iommufd, device);
        var refused = Assert.Throws<MemoryPagesException>(() => VfioDevice.OpenDevice(device.Address, way: way).Dispose());
        Assert.Equal(ErrorReason.Busy, refused.Reason);
        Assert.Contains($"'serial' has {neighbour.Address}", refused.Hint);
        Assert.Empty(VfioMachine.OpenFiles);
        using PciDriverBinding away = neighbour.Bind("vfio-pci");
        using DmaDevice dma = VfioDevice.OpenDevice(device.Address, way: way);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Devices_of_one_group_are_had_beside_each_other_and_share_what_is_mapped(bool iommufd)
    {
        using PciDevice device = Tester();
        using PciDevice neighbour = Serial(device);
        using PciDriverBinding binding = device.Bind("vfio-pci");
        using PciDriverBinding away = neighbour.Bind("vfio-pci");
        DmaWay way = WayOf(iommufd, device);
        using Pages<ReadWrite> pages = Pages.Allocate(2 * s_page);
        using VfioDevice first = VfioDevice.OpenDevice(device.Address, way: way);
        var alone = Assert.Throws<MemoryPagesException>(() => VfioDevice.OpenDevice(neighbour.Address, way: way).Dispose());
        Assert.Equal(ErrorReason.Busy, alone.Reason);
        Assert.Contains("beside", alone.Hint);

        using DmaDevice second = DmaDevice.OpenVfio(neighbour.Address, first);
        DmaMapping mapping = first.Map(pages, ioAddress: 4ul << 30);
        Assert.Equal(ErrorReason.AlreadyExists, Assert.Throws<MemoryPagesException>(() => second.Map(pages, ioAddress: mapping.Address).Dispose()).Reason);
        first.Dispose();
        Assert.Equal(1, pages.LeaseCount); // it is mapped for the second too
        Assert.Throws<ObjectDisposedException>(() => first.Map(pages).Dispose());
        using (DmaMapping more = second.Map(pages))
        {
            Assert.NotEqual(mapping.Address, more.Address);
        }

        second.Dispose();
        Assert.Equal(0, pages.LeaseCount);
        mapping.Unmap();
        Assert.Empty(VfioMachine.OpenFiles);
        Assert.Throws<ObjectDisposedException>(() => DmaDevice.OpenVfio(neighbour.Address, first).Dispose());
    }

    /// <summary>What is mapped for one device another copies: they are of different groups, in one space of addresses.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_device_finds_what_was_mapped_for_the_one_that_it_was_opened_beside(bool iommufd)
    {
        using PciDevice neighbour = Resettable();
        using PciDevice device = EduDevice.Open();
        Assert.NotEqual(neighbour.IommuGroup, device.IommuGroup);
        using PciDriverBinding binding = neighbour.Bind("vfio-pci");
        using PciDriverBinding other = device.Bind("vfio-pci");
        DmaWay way = WayOf(iommufd, device);
        using Pages<ReadWrite> pages = Pages.Allocate(2 * s_page);
        pages.Write(0, 0x1234_5678_9abc_def0);
        using DmaDevice first = VfioDevice.OpenDevice(neighbour.Address, way: way);
        using DmaMapping before = first.Map(pages, ioAddress: 4ul << 30);
        using DmaDevice second = DmaDevice.OpenVfio(device.Address, first);
        using DeviceRegisters registers = second.MapResource(0);
        second.EnableBusMaster();
        var edu = new EduDma(registers);
        edu.Read(before.Address, sizeof(long));
        using DmaMapping after = first.Map(pages, ioAddress: 8ul << 30);
        edu.Write(after.AddressOf(s_page), sizeof(long));
        Assert.Equal(0x1234_5678_9abc_def0, pages.Read<long>(s_page));
    }

    [Fact]
    public void A_device_of_physical_addresses_has_none_to_share()
    {
        Assert.SkipWhen(PciDevice.Find(Edu.VendorId, Edu.DeviceId) is not [var address, ..] || !CanBePhysical(address), "There is no edu device at physical addresses here.");
        using DmaDevice dma = DmaDevice.OpenPhysical(EduDevice.Address);
        Assert.Throws<NotSupportedException>(() => DmaDevice.OpenVfio(dma.Address, dma).Dispose());

        static bool CanBePhysical(string address)
        {
            using PciDevice device = PciDevice.Open(address);
            return device.WhyNoPhysicalAddresses is null;
        }
    }

    [Fact]
    public void The_way_that_was_taken_is_told()
    {
        using PciDevice device = Resettable();
        using PciDriverBinding binding = device.Bind("vfio-pci");
        using (DmaDevice best = DmaDevice.OpenVfio(device.Address))
        {
            Assert.Contains(VfioMachine.HasIommufd(device.Address) ? "addresses of iommufd" : "(the kernel has no iommufd", best.Reason);
            Assert.Equal(VfioMachine.HasIommufd(device.Address), VfioMachine.OpenFiles.Contains("/dev/iommu"));
        }

        using DmaDevice older = VfioDevice.OpenDevice(device.Address, way: DmaWay.Group);
        Assert.Contains($"group {device.IommuGroup}", older.Reason);
        Assert.Contains($"/dev/vfio/{device.IommuGroup}", VfioMachine.OpenFiles);
    }

    [Fact]
    public void Reset_puts_registers_back_and_the_device_works_on()
    {
        const int CommonRegisters = 4; // virtio's region of them
        const nuint Status = 0x14;     // one byte: what a driver has come to, 0 after a reset
        using PciDevice device = Resettable();
        using PciDriverBinding binding = device.Bind("vfio-pci");
        using DmaDevice dma = DmaDevice.OpenVfio(device.Address);
        Assert.True(dma.CanReset);
        using DeviceRegisters registers = dma.MapResource(CommonRegisters);
        registers.Write8(Status, 0);
        registers.Write8(Status, 3);
        Assert.Equal(3, registers.Read8(Status));
        dma.Reset();
        Assert.Equal(0, registers.Read8(Status));
        registers.Write8(Status, 1);
        Assert.Equal(1, registers.Read8(Status));

        Assert.SkipUnless(SystemCallFailure.IsPossible, "Calls cannot be made to fail here.");
        SystemCallFailure.During(
            () => Assert.Equal(SystemCallFailure.EIO, Assert.Throws<MemoryPagesException>(dma.Reset).ErrorCode),
            new FailingCall(SystemCallFailure.Ioctl, SystemCallFailure.EIO, Platform.Linux.Native.VfioCalls.VFIO_DEVICE_RESET));
        Assert.Equal(1, registers.Read8(Status));
    }

    [Fact]
    public void An_ordinary_user_drives_what_root_gave_away_within_the_limit_of_locked_memory()
    {
        Assert.SkipUnless(Kernel.IsRoot && File.Exists("/usr/bin/setpriv"), "Only root can give a device away, here to a user that setpriv makes.");
        Scenario.SkipUnlessOthersReachIt();
        using PciDevice device = EduDevice.Open();
        Assert.SkipWhen(device.IommuGroup is null, "No IOMMU looks after the edu device of this machine.");
        using PciDriverBinding binding = device.Bind("vfio-pci");
        string group = $"/dev/vfio/{device.IommuGroup}";

        ScenarioResult refused = AsOrdinaryUser(device);
        Assert.Contains("AccessDenied", refused.Output);
        Assert.Contains($"chown USER {group}", refused.Output);

        VfioMachine.Own(group, OrdinaryUser);
        ScenarioResult byGroup = AsOrdinaryUser(device);
        Assert.True(byGroup.ExitCode == 0, byGroup.ToString());
        Assert.Contains($"group {device.IommuGroup} is lent", byGroup.Output);
        AssertLimited(byGroup);
        if (VfioMachine.HasIommufd(device.Address))
        {
            Assert.Contains("iommufd is not open to this user", byGroup.Output);
            VfioMachine.Own(VfioMachine.DeviceFile(device.Address), OrdinaryUser);
            VfioMachine.Own("/dev/iommu", OrdinaryUser);
            ScenarioResult byDevice = AsOrdinaryUser(device);
            VfioMachine.Own("/dev/iommu", "0");
            Assert.True(byDevice.ExitCode == 0, byDevice.ToString());
            Assert.Contains("addresses of iommufd", byDevice.Output);
            AssertLimited(byDevice);
        }

        static void AssertLimited(ScenarioResult result)
        {
            Assert.Contains("LockLimit", result.Output);
            Assert.Contains("RLIMIT_MEMLOCK", result.Output);
            Assert.Contains((64 * PageSize.Base).ToString("N0", CultureInfo.InvariantCulture), result.Output);
        }
    }

    private static ScenarioResult AsOrdinaryUser(PciDevice device) => Scenario.RunUnder(
        ["prlimit", $"--memlock={64 * PageSize.Base}", "setpriv", $"--reuid={OrdinaryUser}", $"--regid={OrdinaryUser}", "--clear-groups"], "VfioOfOrdinaryUser", device.Address);

    private static DmaWay WayOf(bool iommufd, PciDevice device)
    {
        Assert.SkipWhen(iommufd && !VfioMachine.HasIommufd(device.Address), "This kernel has no iommufd.");
        return iommufd ? DmaWay.Device : DmaWay.Group;
    }

    private static PciDevice Tester() => VfioMachine.Find(0x1b36, 0x0005, "QEMU's pci-testdev");

    /// <summary>Virtio's source of random numbers, which can be reset alone.</summary>
    private static PciDevice Resettable() => VfioMachine.Find(0x1af4, 0x1044, "virtio-rng");

    /// <summary>A serial interface of the same group, which the kernel drives.</summary>
    private static PciDevice Serial(PciDevice device)
    {
        PciDevice serial = VfioMachine.Find(0x1b36, 0x0002, "QEMU's pci-serial");
        Assert.Equal(device.IommuGroup, serial.IommuGroup);
        Assert.Equal("serial", serial.Driver);
        return serial;
    }
}

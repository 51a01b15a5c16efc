using EduDriver;

namespace MemoryPages.Tests.Physical;

/// <summary>Registers of a device that really is one: QEMU's edu, in the guest of eng/guest.</summary>
public sealed class EduRegistersTests
{
    private const ushort BusMaster = 4;
    private const int Command = 4;

    [Fact]
    public void It_answers()
    {
        using PciDevice device = EduDevice.Open();
        using var edu = new Edu(device.MapResource(0));
        Assert.Equal(0x010000edu, edu.Id);
        Assert.True(edu.IsAlive(0x12345678));
        Assert.Equal(3628800u, edu.Factorial(10));
    }

    /// <summary>The device rejects bytes: what the JIT would make of the same loop never sees the bit.</summary>
    [Fact]
    public void It_is_read_in_whole_registers()
    {
        using PciDevice device = EduDevice.Open();
        using DeviceRegisters registers = device.MapResource(0);
        Assert.Equal(0xed, (byte)registers.Read32(0));
        Assert.NotEqual(0xed, registers.Read8(0));
        registers.Write64(0x80, 0x1234_5678_9abc_def0);
        Assert.Equal(0x1234_5678_9abc_def0ul, registers.Read64(0x80));
        Assert.Equal(0xf0, (byte)registers.Read64(0x80));
        registers.Write32(0x80, 0x55);
        Assert.Equal(0x55ul, registers.Read64(0x80)); // the device takes a half for a whole
    }

    [Fact]
    public void It_tells_what_it_is()
    {
        using PciDevice device = EduDevice.Open();
        PciResource resource = Assert.Single(device.Resources);
        Assert.Equal((0, 1ul << 20, PciResourceKind.Memory), (resource.Index, resource.Length, resource.Kind));
        Assert.Equal((uint)resource.Start, device.Configuration.Read32(0x10) & ~0xfu);
        Assert.Equal(0x00ffu, device.ClassCode >> 8);
    }

    [Fact]
    public void It_may_use_memory_by_itself_until_the_device_is_disposed()
    {
        ushort before;
        using (PciDevice device = EduDevice.Open())
        {
            before = device.Configuration.Read16(Command);
            Assert.False(device.Configuration.IsBusMaster);
            Assert.Equal(0, before & BusMaster);
            device.EnableBusMaster();
            device.EnableBusMaster();
            Assert.True(device.Configuration.IsBusMaster);
            using PciDevice witness = EduDevice.Open();
            Assert.Equal(before | BusMaster | 2, witness.Configuration.Read16(Command));
        }

        using PciDevice after = EduDevice.Open();
        Assert.Equal(before, after.Configuration.Read16(Command));
    }

    [Fact]
    public void A_driver_that_does_not_take_it_leaves_it_as_it_was()
    {
        using PciDevice device = EduDevice.Open();
        Assert.SkipUnless(device.IommuGroup is null, "Behind an IOMMU vfio-pci takes it.");
        Assert.SkipUnless(Directory.Exists("/sys/bus/pci/drivers/vfio-pci"), "The module vfio-pci is not loaded.");
        var refused = Assert.Throws<MemoryPagesException>(() => device.Bind("vfio-pci").Dispose());
        Assert.Equal(ErrorReason.NotSupported, refused.Reason);
        Assert.Contains("IOMMU", refused.Hint);
        Assert.Null(device.Driver);
        Assert.Equal("(null)", File.ReadAllText($"/sys/bus/pci/devices/{device.Address}/driver_override").Trim());
    }
}

#pragma warning disable MP1001, MP1005, MP1007 // bindings are refused, and disposed twice, on purpose

using static MemoryPages.Testing.SystemCallFailure;

namespace MemoryPages.Tests.Physical;

/// <summary>A device changes hands, or does not: each order to the kernel is refused in turn, and who drove it drives it again. In the guests of eng/guest with an IOMMU.</summary>
public sealed class PciDriverBindingTests : IDisposable
{
    private const string Driver = "virtio-pci";

    private readonly PciDevice _device = VfioMachine.Find(0x1af4, 0x1044, "virtio-rng");

    public PciDriverBindingTests() => Assert.Equal(Driver, _device.Driver);

    private string Override => File.ReadAllText($"/sys/bus/pci/devices/{_device.Address}/driver_override").Trim();

    public void Dispose()
    {
        Assert.Equal((Driver, "(null)"), (_device.Driver, Override));
        _device.Dispose();
    }

    [Fact]
    public void It_is_lent_and_given_back()
    {
        using (PciDriverBinding binding = _device.Bind("vfio-pci"))
        {
            Assert.Equal(("vfio-pci", "vfio-pci", Driver), (_device.Driver, binding.Driver, binding.PreviousDriver));
            binding.Restore();
            Assert.Equal(Driver, _device.Driver);
        }

        using (PciDriverBinding nobody = _device.Bind(null))
        {
            Assert.Null(_device.Driver);
        }
    }

    [Fact]
    public void What_the_kernel_drives_is_not_opened_and_the_error_names_the_driver()
    {
        var refused = Assert.Throws<MemoryPagesException>(() => DmaDevice.OpenVfio(_device.Address).Dispose());
        Assert.Equal(ErrorReason.Busy, refused.Reason);
        Assert.Contains($"'{Driver}' has it", refused.Hint);
        Assert.Empty(VfioMachine.OpenFiles);
    }

    [Fact]
    public void A_driver_that_is_not_there_is_named_with_what_loads_it()
    {
        var refused = Assert.Throws<MemoryPagesException>(() => _device.Bind("no-such-driver").Dispose());
        Assert.Equal(ErrorReason.NotFound, refused.Reason);
        Assert.Contains("modprobe", refused.Hint);
    }

    /// <summary>Orders are told apart by their lengths: the driver's name (driver_override), the device's address (unbind, drivers_probe).</summary>
    [Theory]
    [InlineData("vfio-pci", "driver_override")]
    [InlineData("0000:00:00.0", "unbind")]
    public void An_order_that_is_refused_changes_nothing(string order, string call)
    {
        Assert.SkipUnless(IsPossible, "Calls cannot be made to fail here.");
        foreach (int error in new[] { EPERM, EIO })
        {
            During(
                () =>
                {
                    var refused = Assert.Throws<MemoryPagesException>(() => _device.Bind("vfio-pci").Dispose());
                    Assert.Equal((call, error), (refused.NativeCall, refused.ErrorCode));
                },
                new FailingCall(Pwrite, error, ThirdArgument: order.Length));
            Assert.Equal((Driver, "(null)"), (_device.Driver, Override));
        }
    }

    /// <summary>Let go by the one and not taken by the other is what nobody may be left with: what was refused on the way back is tried again.</summary>
    [Fact]
    public void A_device_that_cannot_be_given_back_is_given_back_the_next_time()
    {
        Assert.SkipUnless(IsPossible, "Calls cannot be made to fail here.");
        using PciDriverBinding binding = _device.Bind("vfio-pci");
        During(
            () =>
            {
                Assert.Equal(EIO, Assert.Throws<MemoryPagesException>(binding.Restore).ErrorCode);
                binding.Dispose();
            },
            new FailingCall(Pwrite, EIO, ThirdArgument: _device.Address.Length));
        Assert.Equal("vfio-pci", _device.Driver);
        binding.Restore();
        Assert.Equal(Driver, _device.Driver);
    }
}

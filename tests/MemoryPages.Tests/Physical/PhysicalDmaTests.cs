using EduDriver;
using MemoryPages.Tests.Effects;

namespace MemoryPages.Tests.Physical;

/// <summary>DMA at physical addresses, done by a device: QEMU's edu in the guest of eng/guest, machine "physical".</summary>
public sealed class PhysicalDmaTests
{
    [Fact]
    public void Bytes_arrive_by_physical_address_and_come_back_to_another_place()
    {
        using DmaDevice dma = OpenPhysical();
        using DeviceRegisters registers = dma.MapResource(0);
        var edu = new EduDma(registers);
        dma.EnableBusMaster();
        using DmaBuffer buffer = dma.Allocate(2 << 20);
        nuint last = buffer.Length - (nuint)EduDma.MostBytes;
        using (WriteView view = buffer.Write())
        {
            Pattern.Bytes((nuint)EduDma.MostBytes).CopyTo(view.Slice(3, EduDma.MostBytes));
            view.Slice(last, EduDma.MostBytes).Clear();
        }

        edu.Read(buffer.AddressOf(3), EduDma.MostBytes);
        edu.Write(buffer.AddressOf(last), EduDma.MostBytes);
        using ReadView all = buffer.Read();
        Assert.True(all.Slice(3, EduDma.MostBytes).SequenceEqual(all.Slice(last, EduDma.MostBytes)));
        Assert.Equal(new DmaSegment(buffer.Address, buffer.Length), Assert.Single(buffer.Segments));
    }

    [Fact]
    public void Memory_of_the_library_is_found_by_the_address_that_it_tells()
    {
        using DmaDevice dma = OpenPhysical();
        using DeviceRegisters registers = dma.MapResource(0);
        var edu = new EduDma(registers);
        dma.EnableBusMaster();
        using PhysicalMemory memory = PhysicalMemory.Allocate(3 << 20, new() { MaxAddress = uint.MaxValue, Node = 0 });
        foreach (nuint offset in new nuint[] { 0, (1 << 20) - 100, (2 << 20) - 100, (3 << 20) - 1000 })
        {
            using WriteView view = memory.Write();
            view.Slice(offset, 500).Fill((byte)(1 + (offset >> 16)));
            view.Slice(1 << 19, 500).Clear();
            edu.Read(memory.AddressOf(offset).Value, 500);
            edu.Write(memory.AddressOf(1 << 19).Value, 500);
            Assert.True(view.Slice(offset, 500).SequenceEqual(view.Slice(1 << 19, 500)));
        }
    }

    [Fact]
    public void Without_leave_to_use_memory_the_device_writes_nothing()
    {
        using DmaDevice dma = OpenPhysical();
        using DeviceRegisters registers = dma.MapResource(0);
        using DmaBuffer buffer = dma.Allocate(1);
        new EduDma(registers).Write(buffer.Address, 512);
        using ReadView all = buffer.Read();
        Assert.Equal(-1, all.Slice(0, 512).IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void The_device_is_chosen_by_what_stands_before_it()
    {
        using PciDevice device = EduDevice.Open();
        using PciDriverBinding? binding = device.WhyNoPhysicalAddresses is null ? null : device.Bind("vfio-pci");
        using DmaDevice dma = DmaDevice.Open(device.Address);
        Assert.Equal(device.WhyNoPhysicalAddresses is not null, dma.IsTranslated);
        Assert.Contains(dma.IsTranslated ? "IO addresses" : "Physical addresses", dma.Reason);
    }

    [Fact]
    public void Behind_an_IOMMU_physical_addresses_are_refused_with_the_reason()
    {
        using PciDevice device = EduDevice.Open();
        Assert.SkipWhen(device.WhyNoPhysicalAddresses is null, "No IOMMU translates for the edu device of this machine.");
        Assert.Contains("iommu_group/type", Assert.Throws<NotSupportedException>(() => DmaDevice.OpenPhysical(device.Address).Dispose()).Message);
    }

    [Fact]
    public void Without_an_IOMMU_ordinary_pages_are_refused_with_the_reason()
    {
        using DmaDevice dma = OpenPhysical();
        using Pages<ReadWrite> pages = Pages.Allocate(1);
        Assert.Contains("Allocate", Assert.Throws<NotSupportedException>(() => dma.Map(pages).Dispose()).Message);
        Assert.Contains("intel_iommu=on", Assert.Throws<NotSupportedException>(() => DmaDevice.OpenVfio(dma.Address).Dispose()).Message);
        Assert.Throws<NotSupportedException>(dma.Reset);
        Assert.Equal(0, pages.LeaseCount);
    }

    private static DmaDevice OpenPhysical()
    {
        using (PciDevice device = EduDevice.Open())
        {
            Assert.SkipUnless(device.WhyNoPhysicalAddresses is null, "An IOMMU translates for the edu device of this machine.");
        }

        return DmaDevice.OpenPhysical(EduDevice.Address);
    }
}

using EduDriver;
using MemoryPages.Tests.Effects;

namespace MemoryPages.Tests.Physical;

/// <summary>DMA behind an IOMMU, done by a device: QEMU's edu in the guest of eng/guest, machine "iommu".</summary>
public sealed class VfioTests : IDisposable
{
    private const ulong High = 4ul << 30;

    private static readonly nuint s_page = PageSize.Base;

    private readonly PciDevice _device = EduDevice.Open();
    private readonly PciDriverBinding _binding;
    private readonly DmaDevice _dma;
    private readonly DeviceRegisters _registers;
    private readonly EduDma _edu;

    public VfioTests()
    {
        if (_device.IommuGroup is null)
        {
            _device.Dispose();
            Assert.Skip("No IOMMU looks after the edu device of this machine.");
        }

        _binding = _device.Bind("vfio-pci");
        _dma = DmaDevice.OpenVfio(_device.Address);
        _registers = _dma.MapResource(0);
        _edu = new EduDma(_registers);
        _dma.EnableBusMaster();
    }

    public void Dispose()
    {
        _registers.Dispose();
        _dma.Dispose();
        _binding.Restore(); // says so if it fails
        _binding.Dispose();
        Assert.Null(_device.Driver);
        _device.Dispose();
    }

    [Fact]
    public void Bytes_arrive_at_a_chosen_address_and_come_back_to_another()
    {
        using Pages<ReadWrite> pages = Filled(16);
        using DmaMapping mapping = _dma.Map(pages, ioAddress: High);
        Assert.Equal(new IoAddress(High), mapping.Address);
        Assert.Equal(pages.Length, mapping.Length);
        AssertCopies(pages, mapping, from: 3, to: (8 * s_page) + 5, EduDma.MostBytes);
        AssertCopies(pages, mapping, from: s_page - 1000, to: (9 * s_page) + s_page - 7, 2000); // over an edge between pages, on both sides
    }

    [Fact]
    public void The_same_memory_is_found_at_two_addresses()
    {
        using Pages<ReadWrite> pages = Filled(4);
        using DmaMapping high = _dma.Map(pages, ioAddress: High);
        using DmaMapping any = _dma.Map(pages, maxAddress: uint.MaxValue);
        Assert.True(any.AddressOf(any.Length - 1).Value <= uint.MaxValue);
        _edu.Read(high.AddressOf(17), 100);
        _edu.Write(any.AddressOf(3 * s_page), 100);
        AssertSame(pages, 17, 3 * s_page, 100);
    }

    [Fact]
    public void Parts_of_pages_are_mapped_alone()
    {
        using Pages<ReadWrite> pages = Filled(4);
        using DmaMapping part = _dma.Map(pages, ioAddress: High, range: new PageRange(s_page, s_page));
        _edu.Read(part.Address, 64);
        _edu.Write(new IoAddress(High) + s_page, 64); // behind its end
        Pattern.AssertKept(pages);
        _edu.Write(part.AddressOf(512), 64);
        AssertSame(pages, s_page, s_page + 512, 64);
    }

    [Fact]
    public void After_Unmap_the_device_cannot_write_and_the_pages_are_free()
    {
        using Pages<ReadWrite> pages = Filled(2);
        DmaMapping mapping = _dma.Map(pages, ioAddress: High);
        _edu.Read(mapping.Address, 64);
        Assert.Contains("1 lease", Assert.Throws<InvalidOperationException>(() => pages.Discard()).Message);

        mapping.Unmap();
        mapping.Unmap();
        mapping.Dispose();

        Assert.Equal(0, pages.LeaseCount);
        _edu.Write(High + s_page, 64);
        Pattern.AssertKept(pages);
        pages.Discard();
        using DmaMapping again = _dma.Map(pages, ioAddress: High);
        _edu.Write(again.AddressOf(s_page), 64);
        Assert.NotEqual(0, pages.Read<byte>(s_page));
    }

    [Fact]
    public void Memory_that_it_may_only_read_it_cannot_write()
    {
        using Pages<ReadOnly> pages = Filled(2).DenyWrite();
        using Pages<ReadWrite> target = Pages.Allocate(s_page);
        using DmaMapping source = _dma.MapToRead(pages);
        using DmaMapping destination = _dma.Map(target);
        _edu.Read(source.AddressOf(s_page), 256);
        _edu.Write(source.Address, 256);
        _edu.Write(destination.Address, 256);
        using ReadView read = pages.Read();
        Assert.True(read.Span[(int)s_page..][..256].SequenceEqual(Bytes(target, 0, 256)));
        Assert.True(read.Span.SequenceEqual(Pattern.Bytes(pages.Length)));
    }

    [Fact]
    public void A_physical_address_is_refused_and_would_reach_nothing()
    {
        Assert.NotNull(_device.WhyNoPhysicalAddresses);
        Assert.Contains("iommu_group/type", _device.WhyNoPhysicalAddresses);
        using Pages<ReadWrite> pages = Filled(1);
        pages.Lock();
        using DmaMapping mapping = _dma.Map(pages, ioAddress: High);
        _edu.Read(mapping.Address, 64);
        Assert.True(Frames.CanSee);
        ulong frame = Frames.Of(AddressOf(pages), s_page)[0];
        _edu.Write(frame * s_page, 64);
        Pattern.AssertKept(pages);
    }

    [Fact]
    public void Mapped_pages_count_as_locked_for_each_mapping_and_stay_where_they_are()
    {
        using Pages<ReadWrite> pages = Filled(16);
        pages.Advise(Advice.NoHugePage);
        long locked = VfioMachine.Held;
        using DmaMapping once = _dma.Map(pages);
        Assert.Equal(locked + (long)pages.Length, VfioMachine.Held);
        ulong[] frames = Frames.Of(AddressOf(pages), pages.Length);
        using (DmaMapping twice = _dma.Map(pages))
        {
            Assert.Equal(locked + (2 * (long)pages.Length), VfioMachine.Held);
        }

        File.WriteAllText("/proc/sys/vm/compact_memory", "1");
        Assert.Equal(frames, Frames.Of(AddressOf(pages), pages.Length));
        once.Unmap();
        Assert.Equal(locked, VfioMachine.Held);
    }

    [Fact]
    public void An_address_that_is_in_use_is_refused_with_what_is_there()
    {
        using Pages<ReadWrite> pages = Filled(4);
        using DmaMapping mapping = _dma.Map(pages, ioAddress: High);
        foreach (ulong place in new[] { High, High + (3 * s_page), High - (3 * s_page) })
        {
            var refused = Assert.Throws<MemoryPagesException>(() => _dma.Map(pages, ioAddress: place).Dispose());
            Assert.Equal(ErrorReason.AlreadyExists, refused.Reason);
            Assert.Contains($"mapped at 0x{High:x}", refused.Hint);
        }

        Assert.Equal(1, pages.LeaseCount);
        AssertCopies(pages, mapping, 0, s_page, 100);
    }

    [Theory]
    [InlineData(High + 0x200, "multiple of the IOMMU's page")]
    [InlineData(0xfee00000, "reserved")]
    [InlineData(1ul << 60, "not all among those")]
    [InlineData(ulong.MaxValue - 0xffff, "not all among those")]
    public void An_address_that_the_IOMMU_does_not_take_is_refused_with_the_reason(ulong place, string reason)
    {
        using Pages<ReadWrite> pages = Filled(32);
        var refused = Assert.Throws<MemoryPagesException>(() => _dma.Map(pages, ioAddress: place).Dispose());
        Assert.Contains(reason, refused.Hint);
        Assert.Equal(VfioMachine.HasIommufd(_device.Address) ? "IOMMU_IOAS_MAP" : "VFIO_IOMMU_MAP_DMA", refused.NativeCall);
        Assert.Equal(0, pages.LeaseCount);
        Assert.DoesNotContain(_dma.IoAddresses, range => range.Contains(0xfee00000));
    }

    [Fact]
    public void What_is_not_whole_pages_is_refused()
    {
        using Pages<ReadWrite> pages = Filled(2);
        foreach (PageRange range in new[] { new PageRange(1, s_page), new PageRange(0, s_page - 1), new PageRange(0, 0) })
        {
            Assert.Throws<ArgumentException>(() => _dma.Map(pages, range: range).Dispose());
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => _dma.Map(pages, range: new PageRange(s_page, 2 * s_page)).Dispose());
        Assert.Throws<InvalidOperationException>(() => _dma.Map(pages, maxAddress: s_page).Dispose()); // no address is that low
        Assert.Equal(0, pages.LeaseCount);
    }

    [Fact]
    public void A_page_without_anything_behind_it_is_refused()
    {
        using var file = Files.TempFile.InSharedMemory(4 * s_page);
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path);
        file.Resize(s_page);
        var refused = Assert.Throws<MemoryPagesException>(() => _dma.Map(pages).Dispose());
        Assert.Equal(ErrorReason.Unbacked, refused.Reason);
        Assert.Equal(0, pages.LeaseCount);
    }

    [Fact]
    public void At_the_limit_of_locked_memory_the_error_has_the_numbers_and_nothing_is_mapped()
    {
        using Pages<ReadWrite> pages = Filled(32);
        long before = VfioMachine.Held;
        string hint = "";
        LockLimit.Run(16 * s_page, () =>
        {
            using DmaMapping small = _dma.Map(pages, range: new PageRange(0, 8 * s_page));
            var refused = Assert.Throws<MemoryPagesException>(() => _dma.Map(pages).Dispose());
            Assert.Equal(ErrorReason.LockLimit, refused.Reason);
            hint = refused.Hint!;
        });
        Assert.Contains("RLIMIT_MEMLOCK", hint);
        Assert.Equal(before, VfioMachine.Held);
        Assert.Equal(0, pages.LeaseCount);
        using DmaMapping all = _dma.Map(pages);
    }

    [Fact]
    public void A_device_that_somebody_has_is_busy()
    {
        var refused = Assert.Throws<MemoryPagesException>(() => DmaDevice.OpenVfio(_device.Address).Dispose());
        Assert.Equal(ErrorReason.Busy, refused.Reason);
        Assert.Contains(_device.Address, refused.Message);
    }

    [Fact]
    public void A_buffer_is_made_for_the_device_wherever_it_is()
    {
        using DmaBuffer buffer = _dma.Allocate(3 << 20, uint.MaxValue);
        Assert.Equal(3u << 20, buffer.Length);
        Assert.Equal(new DmaSegment(buffer.Address, buffer.Length), Assert.Single(buffer.Segments));
        Assert.True(buffer.AddressOf(buffer.Length - 1).Value <= uint.MaxValue);
        using (WriteView view = buffer.Write(new PageRange(100, 1000)))
        {
            Pattern.Bytes(1000).CopyTo(view.Span);
        }

        _edu.Read(buffer.AddressOf(100), 1000);
        _edu.Write(buffer.AddressOf((3 << 20) - 1000), 1000);
        using ReadView all = buffer.Read();
        Assert.True(all.Slice(100, 1000).SequenceEqual(all.Slice((3 << 20) - 1000, 1000)));
        Assert.Contains("IOMMU", buffer.Reason);
    }

    [Fact]
    public void When_the_device_is_disposed_its_mappings_end_and_it_is_stopped()
    {
        using Pages<ReadWrite> pages = Filled(1);
        using DmaMapping mapping = _dma.Map(pages, ioAddress: High);
        _edu.Read(mapping.Address, 64);
        _dma.Dispose();
        Assert.Equal(0, pages.LeaseCount);
        _edu.Write(High, 64);
        Pattern.AssertKept(pages);
        mapping.Unmap();
        Assert.Throws<ObjectDisposedException>(() => Use(_dma, pages));
    }

    private static void Use(object device, Pages<ReadWrite> pages) => ((DmaDevice)device).Map(pages).Dispose();

    private static Pages<ReadWrite> Filled(int count)
    {
        Pages<ReadWrite> pages = Pages.Allocate((nuint)count * s_page);
        Pattern.Fill(pages);
        return pages;
    }

    private static unsafe nuint AddressOf(Pages<ReadWrite> pages) => (nuint)Unsafe.PagesDangerous.DangerousPointer(pages);

    private static byte[] Bytes(Pages<ReadWrite> pages, nuint offset, int count)
    {
        using ReadView view = pages.Read(new PageRange(offset, (nuint)count));
        return view.Span.ToArray();
    }

    private static void AssertSame(Pages<ReadWrite> pages, nuint from, nuint to, int count) => Assert.Equal(Bytes(pages, from, count), Bytes(pages, to, count));

    private void AssertCopies(Pages<ReadWrite> pages, DmaMapping mapping, nuint from, nuint to, int count)
    {
        Assert.NotEqual(Bytes(pages, from, count), Bytes(pages, to, count));
        _edu.Read(mapping.AddressOf(from), count);
        _edu.Write(mapping.AddressOf(to), count);
        AssertSame(pages, from, to, count);
    }
}

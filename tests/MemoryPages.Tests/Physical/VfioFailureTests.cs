#pragma warning disable MP1001, MP1005, MP1007 // what is refused, and looked at afterwards, is what is tested

using EduDriver;
using MemoryPages.Physical;
using MemoryPages.Platform;
using MemoryPages.Platform.Linux.Native;
using static MemoryPages.Testing.SystemCallFailure;

namespace MemoryPages.Tests.Physical;

/// <summary>Every call on the way to a device and its memory fails in turn: nothing is left of the attempt, and the next one succeeds.</summary>
public sealed class VfioFailureTests : IDisposable
{
    private static readonly nuint s_page = PageSize.Base;

    private static readonly Dictionary<string, nuint> s_opening = new()
    {
        [nameof(VfioCalls.VFIO_GROUP_GET_STATUS)] = VfioCalls.VFIO_GROUP_GET_STATUS,
        [nameof(VfioCalls.VFIO_GROUP_SET_CONTAINER)] = VfioCalls.VFIO_GROUP_SET_CONTAINER,
        [nameof(VfioCalls.VFIO_SET_IOMMU)] = VfioCalls.VFIO_SET_IOMMU,
        [nameof(VfioCalls.VFIO_IOMMU_GET_INFO)] = VfioCalls.VFIO_IOMMU_GET_INFO,
        [nameof(VfioCalls.VFIO_GROUP_GET_DEVICE_FD)] = VfioCalls.VFIO_GROUP_GET_DEVICE_FD,
        [nameof(IommufdCalls.IOMMU_IOAS_ALLOC)] = IommufdCalls.IOMMU_IOAS_ALLOC,
        [nameof(IommufdCalls.VFIO_DEVICE_BIND_IOMMUFD)] = IommufdCalls.VFIO_DEVICE_BIND_IOMMUFD,
        [nameof(IommufdCalls.VFIO_DEVICE_ATTACH_IOMMUFD_PT)] = IommufdCalls.VFIO_DEVICE_ATTACH_IOMMUFD_PT,
        [nameof(IommufdCalls.IOMMU_IOAS_IOVA_RANGES)] = IommufdCalls.IOMMU_IOAS_IOVA_RANGES,
        [nameof(VfioCalls.VFIO_DEVICE_GET_INFO)] = VfioCalls.VFIO_DEVICE_GET_INFO,
        [nameof(VfioCalls.VFIO_DEVICE_GET_REGION_INFO)] = VfioCalls.VFIO_DEVICE_GET_REGION_INFO,
    };

    private readonly PciDevice _device = VfioMachine.Find(Edu.VendorId, Edu.DeviceId, "edu device");
    private readonly PciDriverBinding _binding;

    public VfioFailureTests()
    {
        Assert.SkipUnless(IsPossible, "Calls cannot be made to fail here.");
        _binding = _device.Bind("vfio-pci");
    }

    public static TheoryData<string, bool> Opening
    {
        get
        {
            var rows = new TheoryData<string, bool>();
            foreach (string call in s_opening.Keys)
            {
                bool isGroups = call.Contains("GROUP", StringComparison.Ordinal) || call is "VFIO_SET_IOMMU" or "VFIO_IOMMU_GET_INFO";
                bool isIommufd = call.Contains("IOMMUFD", StringComparison.Ordinal) || call.Contains("IOAS", StringComparison.Ordinal);
                if (!isIommufd)
                {
                    rows.Add(call, false);
                }

                if (!isGroups)
                {
                    rows.Add(call, true);
                }
            }

            return rows;
        }
    }

    public void Dispose()
    {
        _binding.Restore(); // says so if it fails, as where something has the device open
        _binding.Dispose();
        Assert.Null(_device.Driver);
        _device.Dispose();
    }

    [Theory]
    [MemberData(nameof(Opening))]
    public void A_device_that_cannot_be_opened_leaves_no_file_open_and_opens_the_next_time(string call, bool iommufd)
    {
        DmaWay way = WayOf(iommufd);
        foreach (int error in new[] { ENOMEM, EPERM, EIO })
        {
            During(
                () =>
                {
                    var refused = Assert.Throws<MemoryPagesException>(() => Open(way).Dispose());
                    Assert.Equal((call, error), (refused.NativeCall, refused.ErrorCode));
                    Assert.Contains(_device.Address, refused.Message);
                },
                new FailingCall(Ioctl, error, s_opening[call]));
            Assert.Empty(VfioMachine.OpenFiles);
            Assert.Equal("vfio-pci", _device.Driver);
        }

        using DmaDevice opened = Open(way);
    }

    /// <summary>Each file in turn is one too many for the process.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_process_that_may_open_no_more_files_is_told_so(bool iommufd)
    {
        DmaWay way = WayOf(iommufd);
        int failed = 0;
        while (true)
        {
            Exception? refused = null;
            DescriptorLimit.Run(failed, () => refused = Record.Exception(() => Open(way).Dispose()));
            Assert.Empty(VfioMachine.OpenFiles);
            if (refused is null)
            {
                break;
            }

            Assert.Contains("RLIMIT_NOFILE", Assert.IsType<MemoryPagesException>(refused).Hint);
            failed++;
        }

        Assert.InRange(failed, 2, 3); // a device and its space; a group, its container and the device
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pages_that_cannot_be_mapped_are_free_and_count_for_nothing(bool iommufd)
    {
        DmaWay way = WayOf(iommufd);
        using DmaDevice dma = Open(way);
        using Pages<ReadWrite> pages = Pages.Allocate(8 * s_page);
        long held = VfioMachine.Held;
        foreach (int error in new[] { ENOMEM, EFAULT, ENOSPC, EINVAL })
        {
            During(
                () =>
                {
                    Assert.Equal(error, Assert.Throws<MemoryPagesException>(() => dma.Map(pages).Dispose()).ErrorCode);
                    Assert.Equal(error, Assert.Throws<MemoryPagesException>(() => dma.Map(pages, ioAddress: 4ul << 30).Dispose()).ErrorCode);
                    Assert.Equal(error, Assert.Throws<MemoryPagesException>(() => dma.Allocate(3 << 20).Dispose()).ErrorCode);
                },
                new FailingCall(Ioctl, error, way == DmaWay.Group ? VfioCalls.VFIO_IOMMU_MAP_DMA : IommufdCalls.IOMMU_IOAS_MAP));
            Assert.Equal((0L, held), (pages.LeaseCount, VfioMachine.Held));
        }

        IoAddress first;
        using (DmaMapping mapping = dma.Map(pages))
        {
            first = mapping.Address;
        }

        using DmaMapping again = dma.Map(pages);
        Assert.Equal(first, again.Address); // no IO address was lost
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pages_that_cannot_be_unmapped_stay_leased_until_they_can(bool iommufd)
    {
        DmaWay way = WayOf(iommufd);
        using DmaDevice dma = Open(way);
        using Pages<ReadWrite> pages = Pages.Allocate(8 * s_page);
        long held = VfioMachine.Held;
        DmaMapping mapping = dma.Map(pages);
        During(
            () =>
            {
                Assert.Equal(EIO, Assert.Throws<MemoryPagesException>(mapping.Unmap).ErrorCode);
                mapping.Dispose();
                Assert.Equal(1, pages.LeaseCount);
                Assert.Equal(ErrorReason.AlreadyExists, Assert.Throws<MemoryPagesException>(() => dma.Map(pages, ioAddress: mapping.Address).Dispose()).Reason);
            },
            new FailingCall(Ioctl, EIO, way == DmaWay.Group ? VfioCalls.VFIO_IOMMU_UNMAP_DMA : IommufdCalls.IOMMU_IOAS_UNMAP));
        mapping.Unmap();
        Assert.Equal((0L, held), (pages.LeaseCount, VfioMachine.Held));
    }

    [Fact]
    public void Registers_that_cannot_be_mapped_leave_the_device_as_it_was()
    {
        using DmaDevice dma = Open(DmaWay.Best);
        PciResource resource = dma.Resources[0];
        string[] files = VfioMachine.OpenFiles;
        During(
            () => Assert.Equal(ENOMEM, Assert.Throws<MemoryPagesException>(() => dma.MapResource(0).Dispose()).ErrorCode),
            new FailingCall(Ioctl, ENOMEM, VfioCalls.VFIO_DEVICE_GET_REGION_INFO));
        During(
            () => Assert.Equal(ENOMEM, Assert.Throws<MemoryPagesException>(() => dma.MapResource(0).Dispose()).ErrorCode),
            new FailingCall(Mmap, ENOMEM, (nuint)resource.Length));
        Assert.Equal(files, VfioMachine.OpenFiles);
        using var edu = new Edu(dma.MapResource(0));
        Assert.True(edu.IsAlive(1));
    }

    [Fact]
    public void Leave_to_use_memory_that_cannot_be_given_is_not_had()
    {
        using DmaDevice dma = Open(DmaWay.Best);
        During(
            () => Assert.Equal(EIO, Assert.Throws<MemoryPagesException>(dma.EnableBusMaster).ErrorCode),
            new FailingCall(Pwrite, EIO, ThirdArgument: sizeof(ushort)));
        Assert.False(dma.Configuration.IsBusMaster);
        dma.EnableBusMaster();
        Assert.True(dma.Configuration.IsBusMaster);
    }

    private DmaWay WayOf(bool iommufd)
    {
        Assert.SkipWhen(iommufd && !VfioMachine.HasIommufd(_device.Address), "This kernel has no iommufd.");
        return iommufd ? DmaWay.Device : DmaWay.Group;
    }

    private VfioDevice Open(DmaWay way) => VfioDevice.OpenDevice(_device.Address, way: way);
}

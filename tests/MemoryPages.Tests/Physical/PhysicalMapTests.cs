#pragma warning disable MP1007, MP1008 // raw addresses, and objects that are refused

using MemoryPages.Tests.Effects;
using MemoryPages.Unsafe;
using static MemoryPages.Tests.Physical.PhysicalWitness;

namespace MemoryPages.Tests.Physical;

/// <summary>Where any memory of the process is: pages, and what others have.</summary>
public sealed unsafe class PhysicalMapTests
{
    private static readonly nuint s_page = PageSize.Base;

    [Fact]
    public void Every_byte_of_locked_pages_is_where_the_kernel_says()
    {
        SkipUnlessVisible();
        using Pages<ReadWrite> pages = Pages.Allocate(20 * s_page);
        pages.Prefault();
        pages.Lock();
        PhysicalMap map = PhysicalMap.Of(pages);
        ulong[] frames = Frames.Of((nuint)pages.DangerousPointer(), pages.Length);
        Assert.True(map.IsComplete);
        for (nuint offset = 0; offset < pages.Length; offset += 511)
        {
            Assert.Equal((frames[offset / s_page] * s_page) + (offset % s_page), map.AddressOf(offset).Value);
        }

        Assert.Equal(pages.Length, map.Segments.Aggregate((nuint)0, (sum, segment) => sum + segment.Length));
        Assert.True(map.Verify());
    }

    [Fact]
    public void A_translation_calls_nobody_and_allocates_nothing()
    {
        SkipUnlessVisible();
        Assert.SkipUnless(SystemCallFailure.IsPossible, "Calls cannot be made to fail here.");
        using Pages<ReadWrite> pages = Pages.Allocate(20 * s_page);
        pages.Prefault();
        pages.Lock();
        PhysicalMap map = PhysicalMap.Of(pages);
        ulong expected = Sum();
        SystemCallFailure.During(
            () =>
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                Assert.Equal((expected, 0L), (Sum(), GC.GetAllocatedBytesForCurrentThread() - before));
                Assert.Throws<MemoryPagesException>(() => map.Verify()); // asks the kernel
            },
            new FailingCall(SystemCallFailure.Pread, SystemCallFailure.EIO, ThirdArgument: 20 * sizeof(ulong)),
            new FailingCall(SystemCallFailure.Pread, SystemCallFailure.EIO, ThirdArgument: sizeof(ulong)),
            new FailingCall(SystemCallFailure.Mincore, SystemCallFailure.EIO));

        ulong Sum()
        {
            ulong sum = 0;
            for (nuint offset = 0; offset < map.Length; offset += 511)
            {
                sum += map.AddressOf(offset).Value;
            }

            return sum;
        }
    }

    [Fact]
    public void A_part_may_begin_and_end_within_pages()
    {
        SkipUnlessVisible();
        using Pages<ReadWrite> pages = Pages.Allocate(4 * s_page);
        pages.Prefault();
        pages.Lock();
        PhysicalMap whole = PhysicalMap.Of(pages);
        PhysicalMap part = PhysicalMap.Of(pages, new PageRange(s_page - 3, s_page + 5));
        Assert.Equal(s_page + 5, part.Length);
        Assert.Equal(whole.AddressOf(s_page - 3), part.AddressOf(0));
        Assert.Equal(whole.AddressOf(s_page), part.AddressOf(3));
        Assert.Equal(whole.AddressOf((2 * s_page) + 1), part.AddressOf(s_page + 4));
        Assert.Equal(s_page + 5, part.Segments.Aggregate((nuint)0, (sum, segment) => sum + segment.Length));
        Assert.Throws<ArgumentOutOfRangeException>(() => part.AddressOf(s_page + 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => part.TryAddressOf(nuint.MaxValue, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => PhysicalMap.Of(pages, new PageRange(1, pages.Length)));
    }

    [Fact]
    public void A_huge_page_is_one_segment()
    {
        SkipUnlessVisible();
        using var pool = new HugePagePool(1);
        using Pages<ReadWrite> pages = Pages.Allocate(1, new() { HugePages = HugePages.Explicit(), Populate = true });
        PhysicalMap map = PhysicalMap.Of(pages);
        Assert.True(map.IsContiguous);
        Assert.Equal(pages.Length, Assert.Single(map.Segments).Length);
    }

    [Fact]
    public void A_page_that_is_not_there_has_no_address_until_it_is()
    {
        SkipUnlessVisible();
        using Pages<ReadWrite> pages = Pages.Allocate(3 * s_page);
        pages.Write(0, 1);
        pages.Write(2 * s_page, 1);
        PhysicalMap map = PhysicalMap.Of(pages);
        Assert.False(map.IsComplete || map.IsContiguous);
        Assert.True(map.TryAddressOf(0, out _));
        Assert.False(map.TryAddressOf(s_page, out PhysicalAddress none));
        Assert.Equal(default, none);
        Assert.Contains("not in memory", Assert.Throws<InvalidOperationException>(() => map.AddressOf(s_page)).Message);
        Assert.Equal(2 * s_page, map.Segments.Aggregate((nuint)0, (sum, segment) => sum + segment.Length));
        Assert.True(map.Verify());

        pages.Write(s_page, 1);
        Assert.False(map.Verify());
        map.Refresh();
        Assert.Equal(Frames.Of((nuint)pages.DangerousPointer() + s_page, s_page)[0] * s_page, map.AddressOf(s_page).Value);
    }

    /// <summary>Untouched memory that is only read is the page of zeros: a device that wrote there would write into everybody's zeros.</summary>
    [Fact]
    public void The_page_of_zeros_is_never_told()
    {
        SkipUnlessVisible();
        using Pages<ReadWrite> pages = Pages.Allocate(s_page);
        Assert.Equal(0, pages.Read<int>(0));
        Assert.NotEqual(0ul, Frames.Of((nuint)pages.DangerousPointer(), s_page)[0]); // the kernel would tell it
        PhysicalMap map = PhysicalMap.Of(pages);
        Assert.False(map.TryAddressOf(0, out _));
        Assert.Contains("shared until somebody writes", Assert.Throws<InvalidOperationException>(() => map.AddressOf(0)).Message);
        Assert.Empty(map.Segments);
        pages.Write(0, 1);
        map.Refresh();
        Assert.True(map.IsComplete);
    }

    [Fact]
    public void Memory_of_others_has_addresses_too_and_none_is_read()
    {
        SkipUnlessVisible();
        byte[] array = GC.AllocateUninitializedArray<byte>(100, pinned: true);
        array.AsSpan().Fill(1);
        var address = (nuint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref array[0]);
        PhysicalMap map = PhysicalMap.OfAddresses(address, 1);
        Assert.Equal(Frames.Of(PageSize.AlignDown(address, s_page), s_page)[0], map.AddressOf(0).Value / s_page);
        Assert.Equal(address % s_page, map.AddressOf(0).Value % s_page);

        Assert.False(PhysicalMap.OfAddresses(s_page, 1).IsComplete);
        Assert.Empty(PhysicalMap.OfAddresses(nuint.MaxValue - s_page, 1).Segments);
        Assert.Empty(PhysicalMap.OfAddresses(address, 0).Segments);
        Assert.Throws<ArgumentOutOfRangeException>(() => PhysicalMap.OfAddresses(nuint.MaxValue, 2));
    }

    [Fact]
    public void Pages_that_ended_are_not_looked_up()
    {
        SkipUnlessVisible();
        Pages<ReadWrite> pages = Pages.Allocate(s_page);
        pages.Write(0, 1);
        PhysicalMap map = PhysicalMap.Of(pages);
        pages.Dispose();
        Assert.Throws<ObjectDisposedException>(() => map.Verify());
        Assert.Throws<ObjectDisposedException>(map.Refresh);
    }

    [Fact]
    public void Who_may_not_see_frames_is_told_so()
    {
        Assert.SkipWhen(Frames.CanSee, "This process is shown frames.");
        using Pages<ReadWrite> pages = Pages.Allocate(s_page);
        pages.Write(0, 1);
        var refused = Assert.Throws<MemoryPagesException>(() => PhysicalMap.Of(pages));
        Assert.Equal(ErrorReason.AccessDenied, refused.Reason);
        Assert.Contains("CAP_SYS_ADMIN", refused.Hint);
    }
}

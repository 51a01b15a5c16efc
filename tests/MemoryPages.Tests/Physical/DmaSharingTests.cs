#pragma warning disable MP1001, MP1005, MP1007 // what is refused, and used after the end, is what is tested

using System.Globalization;
using System.Runtime.InteropServices;
using MemoryPages.Platform.Linux.Native;
using MemoryPages.Tests.Effects;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Testing.SystemCallFailure;

namespace MemoryPages.Tests.Physical;

/// <summary>Buffers that drivers of the kernel take: of its heaps and of shared memory. In the guests of eng/guest whose kernel has them.</summary>
public sealed unsafe partial class DmaSharingTests
{
    private const string HeapFolder = "/dev/dma_heap";
    private const string Maker = "/dev/udmabuf";

    private static readonly nuint s_page = PageSize.Base;

    [Fact]
    public void The_heaps_are_the_kernels()
    {
        Assert.Equal(Directory.Exists(HeapFolder) ? Directory.GetFiles(HeapFolder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal) : [], DmaBuffer.Heaps);
    }

    [Fact]
    public void Where_the_kernel_has_none_the_error_says_what_it_lacks()
    {
        Needed.Linux("a kernel that could have such buffers");
        Assert.SkipWhen(Directory.Exists(HeapFolder) || File.Exists(Maker), "This kernel has them.");
        var refused = Assert.Throws<MemoryPagesException>(() => DmaBuffer.AllocateShared(s_page).Dispose());
        Assert.Equal(ErrorReason.NotSupported, refused.Reason);
        Assert.Contains("CONFIG_UDMABUF", refused.Hint);
        Assert.Contains("CONFIG_DMABUF_HEAPS_SYSTEM", refused.Hint);
        foreach (DmaBufferOptions options in new DmaBufferOptions[] { new() { Heap = "system" }, new() { Contiguous = true } })
        {
            refused = Assert.Throws<MemoryPagesException>(() => DmaBuffer.AllocateShared(s_page, options).Dispose());
            Assert.Equal(ErrorReason.NotSupported, refused.Reason);
            Assert.Contains("CONFIG_DMABUF_HEAPS", refused.Hint);
        }

        using SharedMemory memory = Sealed(s_page);
        Assert.Equal(ErrorReason.NotSupported, Assert.Throws<MemoryPagesException>(() => DmaBuffer.Share(memory.Handle).Dispose()).Reason);
    }

    [Fact]
    public void Arguments_that_are_none_are_refused()
    {
        Assert.Equal("length", Assert.Throws<ArgumentOutOfRangeException>(() => DmaBuffer.AllocateShared(0)).ParamName);
        foreach (string name in new[] { "", "../mem", "a/b", "." })
        {
            Assert.Equal("options", Assert.Throws<ArgumentException>(() => DmaBuffer.AllocateShared(1, new() { Heap = name })).ParamName);
        }

        using SharedMemory memory = SharedMemory.Create(2 * s_page);
        foreach (PageRange range in new PageRange[] { new(1, s_page), new(0, 1), new(s_page, 0) })
        {
            Assert.Equal("range", Assert.Throws<ArgumentException>(() => DmaBuffer.Share(memory.Handle, range)).ParamName);
        }
    }

    [Fact]
    public void The_systems_heap_is_taken_and_the_buffer_is_one_that_drivers_take()
    {
        NeedHeap("system");
        using (DmaBuffer buffer = DmaBuffer.AllocateShared((3 << 20) - 1))
        {
            Assert.Equal(3u << 20, buffer.Length);
            Assert.Contains("heap 'system'", buffer.Reason);
            Assert.Single(Buffers);
            AssertIsWhatItSays(buffer);
        }

        Assert.Empty(Buffers);
    }

    [Fact]
    public void A_contiguous_heap_is_taken_where_that_is_wished()
    {
        Assert.SkipUnless(DmaBuffer.Heaps.Any(heap => heap != "system"), "This kernel has no contiguous heap (CMA).");
        using DmaBuffer buffer = DmaBuffer.AllocateShared(5 << 20, new() { Contiguous = true });
        Assert.Contains("in a row", buffer.Reason);
        AssertIsWhatItSays(buffer);
        var refused = Assert.Throws<MemoryPagesException>(() => DmaBuffer.AllocateShared(1u << 31, new() { Contiguous = true }).Dispose());
        Assert.Equal(ErrorReason.OutOfMemory, refused.Reason);
        Assert.Contains("cma=", refused.Hint);
    }

    [Fact]
    public void Shared_memory_becomes_a_buffer_of_the_same_pages()
    {
        NeedMaker();
        using SharedMemory memory = Sealed(8 * s_page);
        using Pages<ReadWrite> pages = memory.MapShared();
        pages.Prefault();
        pages.Write(3 * s_page, 42);
        using DmaBuffer buffer = DmaBuffer.Share(memory.Handle, new PageRange(2 * s_page, 4 * s_page));
        Assert.Equal(4 * s_page, buffer.Length);
        using (buffer.BeginAccess())
        using (WriteView view = buffer.Write())
        {
            Assert.Equal(42, view[s_page]);
            view[s_page + 1] = 43;
        }

        Assert.Equal(43, pages.Read<byte>((3 * s_page) + 1));
        PhysicalMap map = PhysicalMap.Of(pages);
        for (nuint offset = 0; offset < buffer.Length; offset += 511)
        {
            Assert.Equal(map.AddressOf((2 * s_page) + offset).Value, buffer.AddressOf(offset).Value);
        }

        Assert.Equal(buffer.Length, buffer.Segments.Aggregate((nuint)0, (sum, segment) => sum + segment.Length));

    }

    [Fact]
    public void Shared_memory_of_huge_pages_becomes_a_buffer_of_whole_ones()
    {
        NeedMaker();
        using var pool = new HugePagePool(2);
        nuint huge = HugePagePool.Size;
        using SharedMemory memory = SharedMemory.Create(2 * huge, new() { HugePages = HugePages.Explicit(huge), Seals = SharedMemorySeals.Shrink });
        Assert.Contains($"{huge}", Assert.Throws<ArgumentException>(() => DmaBuffer.Share(memory.Handle, new PageRange(0, s_page))).Message);
        using DmaBuffer buffer = DmaBuffer.Share(memory.Handle, new PageRange(huge, huge));
        Assert.Equal(0u, buffer.Address.Value % huge);
        Assert.Equal(new DmaSegment(buffer.Address, huge), Assert.Single(buffer.Segments));
    }

    /// <summary>By vgem, a driver of graphics that shows no picture anywhere.</summary>
    [Fact]
    public void A_driver_of_the_kernel_takes_buffers_of_both_kinds()
    {
        const nuint DRM_IOCTL_PRIME_FD_TO_HANDLE = 0xC00C_642E;
        const string Card = "/dev/dri/card0";
        NeedHeap("system");
        NeedMaker();
        Assert.SkipUnless(File.Exists(Card), $"This machine has no {Card}.");
        using SafeFileHandle card = File.OpenHandle(Card, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        using SharedMemory memory = Sealed(4 * s_page);
        using DmaBuffer ofHeap = DmaBuffer.AllocateShared(4 * s_page), ofMemory = DmaBuffer.Share(memory.Handle);
        int* request = stackalloc int[3]; // struct drm_prime_handle: the driver's number for it, flags, the descriptor
        foreach (DmaBuffer buffer in new[] { ofHeap, ofMemory })
        {
            (request[0], request[1], request[2]) = (0, 0, (int)buffer.Handle!.DangerousGetHandle());
            Assert.True(ioctl(card, DRM_IOCTL_PRIME_FD_TO_HANDLE, request) == 0, $"errno {Marshal.GetLastPInvokeError()}");
            Assert.NotEqual(0, request[0]);
        }
    }

    [Fact]
    public void Shared_memory_that_could_get_shorter_or_is_too_long_is_refused_with_the_reason()
    {
        NeedMaker();
        using (SharedMemory open = SharedMemory.Create(s_page))
        {
            Assert.Contains("SharedMemorySeals.Shrink", Assert.Throws<MemoryPagesException>(() => DmaBuffer.Share(open.Handle).Dispose()).Hint);
        }

        using (SharedMemory written = SharedMemory.Create(s_page, new() { Seals = SharedMemorySeals.Shrink | SharedMemorySeals.Write }))
        {
            Assert.Equal(ErrorReason.NotSupported, Assert.Throws<MemoryPagesException>(() => DmaBuffer.Share(written.Handle).Dispose()).Reason);
        }

        const string Limit = "/sys/module/udmabuf/parameters/size_limit_mb";
        nuint tooLong = ((nuint)long.Parse(File.ReadAllText(Limit), CultureInfo.InvariantCulture) << 20) + s_page;
        using (SharedMemory longer = Sealed(tooLong))
        {
            Assert.Contains(Limit, Assert.Throws<MemoryPagesException>(() => DmaBuffer.Share(longer.Handle).Dispose()).Hint);
        }

        using var file = Files.TempFile.InSharedMemory(s_page);
        using SafeFileHandle ordinary = File.OpenHandle(file.Path, FileMode.Open, FileAccess.ReadWrite);
        Assert.Equal(ErrorReason.NotSupported, Assert.Throws<MemoryPagesException>(() => DmaBuffer.Share(ordinary).Dispose()).Reason);
        Assert.Empty(Buffers);
    }

    [Fact]
    public void Who_may_not_use_the_heap_gets_shared_memory_and_who_may_nothing_is_told_what()
    {
        NeedHeap("system");
        NeedMaker();
        Assert.SkipUnless(Kernel.IsRoot && File.Exists("/usr/bin/setpriv"), "Only root can make itself an ordinary user, here with setpriv.");
        Scenario.SkipUnlessOthersReachIt();
        string[] asOrdinary = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
        ScenarioResult refused = Scenario.RunUnder(asOrdinary, "DmaBufferOfOrdinaryUser");
        Assert.Contains($"AccessDenied This user may not open {HeapFolder}/system", refused.Output);

        try
        {
            VfioMachine.Own(Maker, "65534");
            ScenarioResult given = Scenario.RunUnder(asOrdinary, "DmaBufferOfOrdinaryUser");
            Assert.True(given.ExitCode == 0, given.ToString());
            Assert.Contains("udmabuf: of the heap 'system' the system said EACCES", given.Output);
            Assert.Contains("CAP_SYS_ADMIN", given.Output); // its address is not for this user to know
        }
        finally
        {
            VfioMachine.Own(Maker, "0");
        }
    }

    [Fact]
    public void Every_call_that_fails_leaves_no_buffer_behind()
    {
        NeedHeap("system");
        NeedMaker();
        Assert.SkipUnless(IsPossible, "Calls cannot be made to fail here.");
        nuint length = 37 * s_page;
        using SharedMemory memory = Sealed(length);
        var heap = new DmaBufferOptions { Heap = "system" };
        During(
            () => Assert.Equal(ErrorReason.OutOfMemory, Assert.Throws<MemoryPagesException>(() => DmaBuffer.AllocateShared(length, heap).Dispose()).Reason),
            new FailingCall(Ioctl, ENOMEM, DmaBufferCalls.DMA_HEAP_IOCTL_ALLOC));
        During(
            () => Assert.Equal(ENOMEM, Assert.Throws<MemoryPagesException>(() => DmaBuffer.Share(memory.Handle).Dispose()).ErrorCode),
            new FailingCall(Ioctl, ENOMEM, DmaBufferCalls.UDMABUF_CREATE));
        During(
            () =>
            {
                Assert.Equal(EPERM, Assert.Throws<MemoryPagesException>(() => DmaBuffer.AllocateShared(length, heap).Dispose()).ErrorCode);
                Assert.Equal(EPERM, Assert.Throws<MemoryPagesException>(() => DmaBuffer.Share(memory.Handle).Dispose()).ErrorCode);
            },
            new FailingCall(Mmap, EPERM, length));
        Assert.Empty(Buffers);
        using DmaBuffer buffer = DmaBuffer.AllocateShared(length);
        During(
            () => Assert.Equal(ErrorReason.InputOutput, Assert.Throws<MemoryPagesException>(() => { using DmaAccess access = buffer.BeginAccess(); }).Reason),
            new FailingCall(Ioctl, EIO, DmaBufferCalls.DMA_BUF_IOCTL_SYNC));
    }

    [Fact]
    public void A_buffer_that_ended_is_refused_and_a_view_keeps_its_bytes()
    {
        NeedHeap("system");
        DmaBuffer buffer = DmaBuffer.AllocateShared(s_page);
        using (buffer.BeginAccess())
        using (WriteView view = buffer.Write())
        {
            buffer.Dispose();
            view[0] = 7;
            Assert.Equal(7, view[0]);
        }

        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.Address);
        Assert.Throws<ObjectDisposedException>(() => { using ReadView view = buffer.Read(); });
        Assert.Throws<ObjectDisposedException>(() => { using DmaAccess access = buffer.BeginAccess(); });
        Assert.True(buffer.Handle!.IsClosed);
    }

    /// <summary>This process's files that are such buffers.</summary>
    private static string[] Buffers =>
        [.. Directory.GetFiles("/proc/self/fd").Select(path => new FileInfo(path).LinkTarget ?? "").Where(target => target.Contains("dmabuf", StringComparison.Ordinal))];

    private static SharedMemory Sealed(nuint length) => SharedMemory.Create(length, new() { Seals = SharedMemorySeals.Shrink });

    private static void NeedHeap(string name) => Assert.SkipUnless(File.Exists($"{HeapFolder}/{name}"), $"This kernel has no {HeapFolder}/{name}.");

    private static void NeedMaker() => Assert.SkipUnless(File.Exists(Maker), $"This kernel has no {Maker}.");

    /// <summary>Zeroed; what is written is in the file; where it is nobody tells.</summary>
    private static void AssertIsWhatItSays(DmaBuffer buffer)
    {
        const int Shared = 1;
        nint other = Kernel.Map(0, buffer.Length, Kernel.ReadBit | Kernel.WriteBit, Shared, (int)buffer.Handle!.DangerousGetHandle(), 0);
        Assert.NotEqual(Kernel.Failed, other);
        var bytes = new Span<byte>((void*)other, (int)buffer.Length);
        Assert.Equal(-1, bytes.IndexOfAnyExcept((byte)0));
        using (buffer.BeginAccess())
        using (WriteView view = buffer.Write())
        {
            Pattern.Bytes(buffer.Length).CopyTo(view.Span);
        }

        Assert.True(bytes.SequenceEqual(Pattern.Bytes(buffer.Length)));
        Assert.Throws<NotSupportedException>(() => buffer.Address);
        Assert.Throws<NotSupportedException>(() => buffer.Segments);
        _ = Kernel.Unmap(other, buffer.Length);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(SafeFileHandle file, nuint request, void* argument);
}

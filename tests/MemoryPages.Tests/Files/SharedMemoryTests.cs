#pragma warning disable MP1001, MP1007 // what disposed memory answers is tested; what is refused needs no end

using System.Globalization;
using MemoryPages.Tests.Effects;
using MemoryPages.Unsafe;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Tests.Files;

/// <summary>Shared memory without a name: made, mapped, sealed.</summary>
public sealed unsafe class SharedMemoryTests
{
    public SharedMemoryTests() => Needed.Call("memfd_create");

    private static readonly nuint s_page = PageSize.Base;

    [Fact]
    public void It_is_mapped_any_number_of_times_and_all_see_the_same()
    {
        using var memory = SharedMemory.Create((2 * s_page) + 1, new() { Name = "seen-twice" });
        Assert.Equal((3 * s_page, "seen-twice"), (memory.Length, memory.Name));
        using Pages<ReadWrite> one = memory.MapShared();
        using Pages<ReadWrite> two = memory.MapShared(new() { Offset = (long)s_page, Length = s_page });
        using Pages<ReadOnly> three = memory.Map(new() { Offset = (long)s_page + 5 });
        Assert.Equal((3 * s_page, s_page, (2 * s_page) - 5), (one.Length, two.Length, three.Length));
        Assert.True(one.IsFileBacked);
        Assert.Equal(0, one.Read<int>((3 * s_page) - 4));
        two.Write(5, 0x11223344);
        Assert.Equal((0x11223344, 0x11223344), (one.Read<int>(s_page + 5), three.Read<int>(0)));
        Assert.Contains("/memfd:seen-twice", SystemMap.At((nuint)one.DangerousPointer())!.Line);
        Assert.StartsWith("rw-s", SystemMap.At((nuint)one.DangerousPointer())!.Access);
        Assert.StartsWith("r--s", SystemMap.At((nuint)three.DangerousPointer() - 5)!.Access);
    }

    [Fact]
    public void Pages_outlive_the_memory_and_nothing_is_left_after_both()
    {
        var memory = SharedMemory.Create(s_page, new() { Name = "short-lived" });
        string descriptor = $"/proc/self/fd/{memory.Descriptor}";
        Assert.Contains("short-lived", new FileInfo(descriptor).LinkTarget);
        Pages<ReadWrite> pages = memory.MapShared();
        memory.Dispose();
        memory.Dispose();
        Assert.DoesNotContain("short-lived", new FileInfo(descriptor).LinkTarget ?? "");
        pages.Write(7, 42);
        Assert.Equal(42, pages.Read<int>(7));
        pages.Dispose();
        Assert.DoesNotContain(File.ReadLines(Needed.File("/proc/self/maps")), line => line.Contains("short-lived"));
        foreach (Action use in (Action[])[
            () => memory.Map(), () => memory.MapShared(), () => _ = memory.Length, () => _ = memory.Seals, () => memory.AddSeals(SharedMemorySeals.Grow),
            () => memory.EnsureSealed(), () => _ = memory.Descriptor, () => memory.IsInheritable = true, () => _ = memory.IsInheritable])
        {
            Assert.Throws<ObjectDisposedException>(use);
        }
    }

    [Fact]
    public void Without_seals_the_length_can_change_and_sealed_it_cannot()
    {
        using var open = SharedMemory.Create(4 * s_page);
        RandomAccess.SetLength(open.Handle, (long)s_page);
        Assert.Equal(s_page, open.Length);
        Assert.Equal(SharedMemorySeals.None, open.Seals & ~SharedMemorySeals.Execute);
        InvalidDataException lacking = Assert.Throws<InvalidDataException>(() => open.EnsureSealed());
        Assert.Contains(nameof(SharedMemorySeals.Length), lacking.Message);

        open.AddSeals(SharedMemorySeals.Shrink);
        Assert.Throws<InvalidDataException>(() => open.EnsureSealed());
        open.EnsureSealed(SharedMemorySeals.Shrink);
        AssertRefused(() => RandomAccess.SetLength(open.Handle, 0));
        RandomAccess.SetLength(open.Handle, (long)(9 * s_page));

        using var fixedLength = SharedMemory.Create(4 * s_page, new() { Seals = SharedMemorySeals.Length });
        fixedLength.EnsureSealed();
        AssertRefused(() => RandomAccess.SetLength(fixedLength.Handle, 0));
        AssertRefused(() => RandomAccess.SetLength(fixedLength.Handle, (long)(9 * s_page)));
        Assert.Equal(4 * s_page, fixedLength.Length);
    }

    [Fact]
    public void Sealed_against_writers_to_come_the_one_that_is_goes_on()
    {
        using var memory = SharedMemory.Create(s_page, new() { Seals = SharedMemorySeals.Length });
        using Pages<ReadWrite> writer = memory.MapShared();
        memory.AddSeals(SharedMemorySeals.FutureWrite);
        using Pages<ReadOnly> reader = memory.Map();
        writer.Write(0, 5L);
        Assert.Equal(5L, reader.Read<long>(0));

        MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => memory.MapShared());
        Assert.Equal((ErrorReason.Sealed, "mmap", "EPERM"), (told.Reason, told.NativeCall, told.ErrorSymbol));
        Assert.Throws<MemoryPagesException>(() => reader.AllowWrite());
        AssertRefused(() => RandomAccess.Write(memory.Handle, [1], 0));
        Assert.Equal(5L, reader.Read<long>(0));
    }

    [Fact]
    public void Content_can_be_sealed_once_nobody_writes_and_no_seal_after_the_last()
    {
        using var memory = SharedMemory.Create(s_page);
        Pages<ReadWrite> writer = memory.MapShared();
        writer.Write(0, 5L);
        MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => memory.AddSeals(SharedMemorySeals.Write));
        Assert.Equal((ErrorReason.Sealed, "fcntl", "EBUSY"), (told.Reason, told.NativeCall, told.ErrorSymbol));
        Assert.Contains("mapped to write", told.Hint);
        writer.Dispose();
        memory.AddSeals(SharedMemorySeals.Write | SharedMemorySeals.Length | SharedMemorySeals.Seal);
        Assert.Throws<MemoryPagesException>(() => memory.MapShared());
        using Pages<ReadOnly> pages = memory.Map();
        Assert.Equal(5L, pages.Read<long>(0));

        told = Assert.Throws<MemoryPagesException>(() => memory.AddSeals(SharedMemorySeals.FutureWrite));
        Assert.Equal((ErrorReason.Sealed, "EPERM"), (told.Reason, told.ErrorSymbol));
        Assert.Equal(ErrorReason.NotSupported, Assert.Throws<MemoryPagesException>(() => SharedMemory.Create(1).AddSeals((SharedMemorySeals)0x4000)).Reason);
    }

    [Fact]
    public void What_is_no_shared_memory_is_refused_and_stays_the_callers()
    {
        using var file = new TempFile(100);
        using SafeFileHandle onDisk = File.OpenHandle(file.Path);
        using SafeFileHandle device = File.OpenHandle(Needed.File("/dev/zero"));
        foreach (SafeFileHandle handle in (SafeFileHandle[])[onDisk, device])
        {
            Assert.Throws<InvalidDataException>(() => SharedMemory.FromHandle(handle));
            Assert.False(handle.IsClosed);
        }

        Assert.Throws<ArgumentNullException>(() => SharedMemory.FromHandle(null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => SharedMemory.Create(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => SharedMemory.TryCreate(0, default, out _));
    }

    [Fact]
    public void A_handle_is_taken_over()
    {
        var memory = SharedMemory.Create(s_page);
        using (Pages<ReadWrite> pages = memory.MapShared())
        {
            pages.Write(0, 9);
        }

        using var second = SharedMemory.OpenOfProcess(Environment.ProcessId, memory.Descriptor, FileAccess.Read);
        memory.Dispose();
        using Pages<ReadOnly> read = second.Map();
        Assert.Equal(9, read.Read<int>(0));
        Assert.Equal(ErrorReason.AccessDenied, Assert.Throws<MemoryPagesException>(() => second.MapShared()).Reason);
        using SharedMemory third = SharedMemory.FromHandle(second.Handle);
        Assert.Same(second.Handle, third.Handle);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, 0)]
    [InlineData(1, -1)]
    public void Numbers_that_no_process_or_descriptor_has_are_refused(int process, int descriptor) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SharedMemory.OpenOfProcess(process, descriptor));

    [Fact]
    public void What_another_process_does_not_have_open_is_not_found()
    {
        Assert.Throws<FileNotFoundException>(() => SharedMemory.OpenOfProcess(Environment.ProcessId, 1_000_000));
        Assert.Throws<FileNotFoundException>(() => SharedMemory.OpenOfProcess(int.MaxValue, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => SharedMemory.OpenOfProcess(Environment.ProcessId, 0, FileAccess.Write));
        using SafeFileHandle device = File.OpenHandle(Needed.File("/dev/zero"));
        Assert.Throws<InvalidDataException>(() => SharedMemory.OpenOfProcess(Environment.ProcessId, (int)device.DangerousGetHandle(), FileAccess.Read));
    }

    [Fact]
    public void Explicit_huge_pages_are_promised_when_it_is_made()
    {
        using var pool = new HugePagePool(3);
        long free = HugePagePool.Free;
        long promised = HugePagePool.Counter("resv_hugepages");
        using (var memory = SharedMemory.Create(HugePagePool.Size + 1, new() { HugePages = HugePages.Explicit(), Seals = SharedMemorySeals.Length }))
        {
            Assert.Equal(2 * HugePagePool.Size, memory.Length);
            Assert.Equal(promised + 2, HugePagePool.Counter("resv_hugepages"));
            using Pages<ReadWrite> pages = memory.MapShared();
            pages.Write(HugePagePool.Size, 1);
            Assert.Equal(free - 1, HugePagePool.Free);
            Assert.Equal(HugePagePool.Size, SystemMap.At((nuint)pages.DangerousPointer())!.Bytes("KernelPageSize"));
            using Pages<ReadOnly> again = memory.Map();
            Assert.Equal(1, again.Read<int>(HugePagePool.Size));
        }

        Assert.Equal((free, promised), (HugePagePool.Free, HugePagePool.Counter("resv_hugepages")));
    }

    [Fact]
    public void A_pool_that_is_short_is_said_and_ordinary_pages_do_where_that_is_wished()
    {
        Assert.SkipUnless(HugePagePool.Size != 0, "This kernel has no pool of huge pages.");
        nuint length = (nuint)(HugePagePool.Free + 1000) * HugePagePool.Size;
        int descriptors = Directory.GetFiles(Needed.File("/proc/self/fd")).Length;
        MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => SharedMemory.Create(length, new() { HugePages = HugePages.Explicit() }));
        Assert.Equal((ErrorReason.NoHugePages, "mmap"), (told.Reason, told.NativeCall));
        Assert.Contains("nr_hugepages", told.Hint);
        Assert.False(SharedMemory.TryCreate(length, new() { HugePages = HugePages.Explicit() }, out _));
        Assert.Equal(descriptors, Directory.GetFiles(Needed.File("/proc/self/fd")).Length);

        using var ordinary = SharedMemory.Create(length, new() { HugePages = HugePages.Explicit(0, HugePagePolicy.Prefer) });
        using Pages<ReadWrite> pages = ordinary.MapShared();
        Assert.Equal(s_page, pages.PageSize);

        told = Assert.Throws<MemoryPagesException>(() => SharedMemory.Create(1, new() { HugePages = HugePages.Explicit((nuint)1 << 40) }));
        Assert.Equal((ErrorReason.NoHugePages, "memfd_create"), (told.Reason, told.NativeCall));
    }

    [Fact]
    public void Transparent_huge_pages_are_asked_for_in_each_mapping()
    {
        using var memory = SharedMemory.Create(4 << 20, new() { HugePages = HugePages.Transparent });
        using Pages<ReadWrite> pages = memory.MapShared();
        SystemMap region = SystemMap.At((nuint)pages.DangerousPointer())!;
        Assert.Equal(Advice.HugePage.IsSupported, region.HasFlag("hg"));
    }

    [Fact]
    public void More_than_any_system_has_is_told()
    {
        MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => SharedMemory.Create(nuint.MaxValue));
        Assert.Equal("ftruncate", told.NativeCall);
        Assert.False(SharedMemory.TryCreate(nuint.MaxValue, default, out SharedMemory? none));
        Assert.Null(none);
    }

    private static void AssertRefused(Action action)
    {
        Exception? refused = Record.Exception(action);
        Assert.True(refused is IOException or UnauthorizedAccessException, string.Create(CultureInfo.InvariantCulture, $"{refused}"));
    }
}

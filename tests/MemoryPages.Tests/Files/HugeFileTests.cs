using System.Runtime.Versioning;
using MemoryPages.Tests.Effects;
using MemoryPages.Unsafe;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Tests.Files.FileWitness;

namespace MemoryPages.Tests.Files;

/// <summary>Files of huge pages: everything is in units of these, and one that is rounded wrongly stays mapped for ever.</summary>
[SupportedOSPlatform("linux")]
public sealed unsafe class HugeFileTests
{
    public HugeFileTests() => Needed.File("/sys/kernel/mm/hugepages");

    private static readonly nuint s_huge = HugePagePool.Size;

    [Fact]
    public void The_pages_are_huge_and_all_come_back()
    {
        using var pool = new HugePagePool(4); // private pages are promised their copies
        long free = HugePagePool.Free;
        using (SafeFileHandle file = HugeFile(3 * s_huge))
        {
            var withinTwo = new FileMapOptions { Offset = (long)s_huge + 100, Length = s_huge + 5 };
            Pages<ReadWrite> pages = Pages.MapShared(file, withinTwo);
            Assert.Equal((s_huge, s_huge + 5), (pages.PageSize, pages.Length));
            Assert.Equal(2 * s_huge, RegionOf(pages).End - RegionOf(pages).Start);
            Assert.True(RegionOf(pages).HasFlag("ht"));
            pages.Write(s_huge, 0x11223344);
            pages.Lock(range: new PageRange(5, 1));
            pages.Unlock();
            using Pages<ReadOnly> readOnly = pages.DenyWrite(); // refused by the system where it is not rounded
            using Pages<ReadOnly> whole = Pages.Map(file);
            Assert.Equal(0x11223344, whole.Read<int>((2 * s_huge) + 100));
            Assert.Equal(s_huge + 5, readOnly.Length);

            using Pages<ReadWrite> copy = Pages.MapCopyOnWrite(file, new() { Offset = 7, Length = 1 });
            Assert.Equal(s_huge, copy.PageSize);
        }

        Assert.Equal(free, HugePagePool.Free);
    }

    [Fact]
    public void Nothing_is_promised_that_the_pool_does_not_have()
    {
        using var pool = new HugePagePool(1);
        long free = HugePagePool.Free;
        using (SafeFileHandle file = HugeFile(((nuint)free + 2) * s_huge))
        {
            var refused = Assert.Throws<MemoryPagesException>(() => Pages.MapShared(file));
            Assert.Equal((ErrorReason.NoHugePages, "mmap", "ENOMEM"), (refused.Reason, refused.NativeCall, refused.ErrorSymbol));
            Assert.Contains("nr_hugepages", refused.Hint);
            Assert.DoesNotContain("HugePagePolicy", refused.Hint); // a file's pages are what they are
            Assert.Equal("NoReserve", Assert.Throws<ArgumentException>(() => Pages.MapCopyOnWrite(file, new() { NoReserve = true })).ParamName);
        }

        Assert.Equal(free, HugePagePool.Free);
    }

    [Fact]
    public void An_empty_one_gives_pages_of_nothing_that_would_be_huge()
    {
        using SafeFileHandle file = HugeFile(0);
        using Pages<ReadOnly> pages = Pages.Map(file);
        Assert.Equal((0u, s_huge), ((uint)pages.Length, pages.PageSize));
    }

    [Fact]
    public void A_file_in_memory_gets_transparent_huge_pages_where_its_file_system_gives_them()
    {
        nuint size = PageSize.TransparentHuge;
        Assert.SkipUnless(size != 0, "This kernel has no transparent huge pages.");
        using var mounted = new MountedFileSystem("size=32m,huge=advise");
        string path = mounted.Write("file", []);
        using (FileStream stream = File.OpenWrite(path))
        {
            stream.SetLength(4 * (long)size);
        }

        using Pages<ReadWrite> pages = Pages.MapShared(path);
        Assert.Equal(PageSize.Base, pages.PageSize); // its blocks are told to be huge; its pages need not be
        pages.Advise(Advice.HugePage);
        for (nuint at = 0; at < pages.Length; at += size)
        {
            pages.Write(at, (byte)1);
        }

        Assert.InRange(RegionOf(pages).Bytes("ShmemPmdMapped"), size, 4 * size);
    }

    private static SafeFileHandle HugeFile(nuint length)
    {
        Assert.SkipUnless(s_huge != 0, "This kernel has no huge pages.");
        int descriptor = Kernel.CreateMemoryFile("huge", Kernel.HugeMemoryFile);
        Assert.SkipUnless(descriptor >= 0, "This kernel makes no files of huge pages.");
        using var stream = new FileStream(new SafeFileHandle(descriptor, ownsHandle: false), FileAccess.ReadWrite);
        stream.SetLength((long)length);
        return new SafeFileHandle(descriptor, ownsHandle: true);
    }
}

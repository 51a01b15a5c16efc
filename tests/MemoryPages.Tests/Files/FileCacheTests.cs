using Microsoft.Win32.SafeHandles;
using static MemoryPages.Testing.SystemCallFailure;

namespace MemoryPages.Tests.Files;

/// <summary>What the system says that it caches of files.</summary>
public sealed class FileCacheTests
{
    private static readonly nuint s_page = PageSize.Base;

    [Fact]
    public void Reading_fills_the_cache_and_writing_makes_it_dirty_until_it_is_flushed()
    {
        SkipUnlessSupported();
        using var file = TempFile.Sparse(256 * s_page);
        Assert.SkipUnless(OnDisk(file.Path), "The temporary folder is in memory: nothing of it is ever written back.");
        Assert.Equal(0u, FileCache.Query(file.Path).Cached);

        using Pages<ReadWrite> pages = Pages.MapShared(file.Path);
        pages.Advise(Advice.Random); // no read-ahead
        _ = pages.Read<byte>(7 * s_page);
        FileCacheFacts facts = FileCache.Query(file.Path);
        Assert.Equal((s_page, 0u), (facts.Cached, facts.Dirty));

        pages.Write(9 * s_page, 1);
        facts = FileCache.Query(file.Path);
        Assert.Equal((2 * s_page, s_page), (facts.Cached, facts.Dirty + facts.WritingBack));
        Assert.Equal(s_page, FileCache.Query(file.Path, (long)(8 * s_page) + 5, (long)s_page).Cached);
        Assert.Equal(s_page, FileCache.Query(file.Path, (long)(8 * s_page)).Cached);

        pages.Flush();
        facts = FileCache.Query(file.Path);
        Assert.Equal((2 * s_page, 0u, 0u), (facts.Cached, facts.Dirty, facts.WritingBack));
        Assert.Equal(facts.Cached, pages.CountResidentBytes());
    }

    [Fact]
    public void What_is_asked_wrongly_or_refused_is_told()
    {
        SkipUnlessSupported();
        using var file = new TempFile(10);
        using SafeFileHandle handle = File.OpenHandle(file.Path);
        Assert.Throws<ArgumentOutOfRangeException>(() => FileCache.Query(handle, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => FileCache.Query(handle, 0, -1));
        Assert.Throws<ArgumentNullException>(() => FileCache.Query((SafeFileHandle)null!));
        Assert.Throws<FileNotFoundException>(() => FileCache.Query(file.Path + "x"));
        Assert.Equal(0u, FileCache.Query(handle, 1L << 40).Cached);
        handle.Dispose();
        Assert.Throws<ObjectDisposedException>(() => FileCache.Query(handle));

        Assert.SkipUnless(IsPossible, "Refusing calls takes seccomp on x86-64 Linux.");
        MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => During(() => FileCache.Query(file.Path), new FailingCall(Cachestat, EPERM)));
        Assert.Equal((ErrorReason.AccessDenied, "cachestat", "FileCache.Query"), (told.Reason, told.NativeCall, told.Operation));
    }

    private static void SkipUnlessSupported() => Assert.SkipUnless(FileCache.IsSupported, "This kernel does not tell what it caches (before Linux 6.5).");

    private static bool OnDisk(string path) => new DriveInfo(Path.GetDirectoryName(path)!).DriveFormat is not ("tmpfs" or "ramfs");
}

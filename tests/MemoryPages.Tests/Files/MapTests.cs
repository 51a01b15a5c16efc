#pragma warning disable MP1007 // allocations are refused, or owners lost, on purpose

using System.Runtime.Versioning;
using MemoryPages.Tests.Effects;
using MemoryPages.Unsafe;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Tests.Files.FileWitness;

namespace MemoryPages.Tests.Files;

/// <summary>Which bytes of which file come to be where.</summary>
[SupportedOSPlatform("linux")]
public sealed unsafe class MapTests
{
    private static readonly nuint s_page = PageSize.Base;

    [Theory]
    [InlineData(0, null)]
    [InlineData(0, 1)]
    [InlineData(1, null)]
    [InlineData(77, 5000)]
    [InlineData(4095, 2)]
    [InlineData(4096, 4096)]
    [InlineData(4097, null)]
    [InlineData(12344, 1)]
    [InlineData(12345, null)] // at the very end: nothing
    public void A_part_has_the_bytes_of_the_file_and_its_own_length(long offset, int? length)
    {
        using var file = new TempFile(12345);
        var options = new FileMapOptions { Offset = offset, Length = (nuint?)length };
        byte[] expected = file.Content[(int)offset..(length is int count ? (int)offset + count : 12345)];

        using Pages<ReadOnly> pages = Pages.Map(file.Path, options);
        using SafeFileHandle handle = File.OpenHandle(file.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        using Pages<ReadOnly> ofHandle = Pages.Map(handle, options);
        using Pages<ReadWrite> shared = Pages.MapShared(file.Path, options);
        using Pages<ReadWrite> sharedOfHandle = Pages.MapShared(handle, options);

        Assert.Equal((nuint)expected.Length, pages.Length);
        Assert.Equal(expected, Bytes(pages));
        Assert.Equal(expected, Bytes(ofHandle));
        Assert.Equal(expected, Bytes(shared));
        Assert.Equal(expected, Bytes(sharedOfHandle));
        Assert.All(new[] { pages.IsFileBacked, ofHandle.IsFileBacked, shared.IsFileBacked }, Assert.True);
        Assert.Equal((file.Path, null), (pages.Name, ofHandle.Name));
    }

    [Fact]
    public void Offsets_beyond_32_bits_are_ordinary()
    {
        long offset = Convert.ToInt64(uint.MaxValue) + 2;
        using var file = TempFile.Sparse((nuint)offset + 5432);
        byte[] bytes = Pattern.Bytes(5432);
        using (SafeFileHandle handle = File.OpenHandle(file.Path, FileMode.Open, FileAccess.Write))
        {
            RandomAccess.Write(handle, bytes, offset);
        }

        using Pages<ReadOnly> pages = Pages.Map(file.Path, new() { Offset = offset });
        Assert.Equal(bytes, Bytes(pages));

        using Pages<ReadOnly> whole = Pages.Map(file.Path);
        Assert.Equal((nuint)offset + 5432, whole.Length);
        Assert.Equal(bytes[5431], whole.Read<byte>((nuint)offset + 5431));
        Assert.Equal(0, whole.Read<byte>((nuint)offset - 1));
    }

    [Theory]
    [InlineData(-1, null)]
    [InlineData(long.MinValue, null)]
    [InlineData(5001, null)]
    [InlineData(5001, 0UL)]
    [InlineData(long.MaxValue, 1UL)]
    [InlineData(0, 5001UL)]
    [InlineData(5000, 1UL)]
    [InlineData(1, 5000UL)]
    [InlineData(1, ulong.MaxValue)]
    [InlineData(4999, ulong.MaxValue - 4998)] // their sum overflows to less than the file
    public void A_part_that_is_not_within_the_file_is_refused(long offset, ulong? length)
    {
        using var file = new TempFile(5000);
        var options = new FileMapOptions { Offset = offset, Length = (nuint?)length };
        Assert.Throws<ArgumentOutOfRangeException>(() => Pages.Map(file.Path, options));
        Assert.Throws<ArgumentOutOfRangeException>(() => Pages.MapShared(file.Path, options));
        Assert.False(IsMapped(file.Path));
        Assert.False(IsOpen(file.Path));
    }

    [Fact]
    public void What_is_not_a_file_that_may_be_opened_is_said_in_the_frameworks_words()
    {
        string missing = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        Assert.Equal(missing, Assert.Throws<FileNotFoundException>(() => Pages.Map(missing)).FileName);
        Assert.Throws<FileNotFoundException>(() => Pages.MapShared(missing));
        Assert.False(File.Exists(missing));
        Assert.Throws<DirectoryNotFoundException>(() => Pages.Map(Path.Combine(missing, "file")));
        Assert.Throws<DirectoryNotFoundException>(() => Pages.Map("/etc/passwd/file"));
        Assert.Throws<ArgumentException>(() => Pages.Map(""));
        Assert.Throws<ArgumentNullException>(() => Pages.Map((string)null!));
        Assert.Throws<ArgumentNullException>(() => Pages.Map((SafeFileHandle)null!));
    }

    [Theory]
    [InlineData("000", false, false)]
    [InlineData("400", true, false)]
    [InlineData("600", true, true)]
    public void A_file_that_may_not_be_read_or_written_is_refused(string mode, bool readable, bool writable)
    {
        Needed.Call("chmod");
        using var file = new TempFile(100);
        File.SetUnixFileMode(file.Path, (UnixFileMode)Convert.ToInt32(mode, 8));

        // Root may open anything by two capabilities: the child gives them up.
        string[] launcher = Kernel.IsRoot ? ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-dac_override,-dac_read_search"] : [];
        ScenarioResult result = Scenario.RunUnder(launcher, "TryMap", file.Path);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal($"{(readable ? "mapped" : nameof(UnauthorizedAccessException))} {(writable ? "mapped" : nameof(UnauthorizedAccessException))}", result.Output);
    }

    [Fact]
    public void A_handle_without_the_access_is_refused_with_a_hint()
    {
        using var file = new TempFile(100);
        using SafeFileHandle readOnly = File.OpenHandle(file.Path, share: FileShare.ReadWrite);
        using SafeFileHandle writeOnly = File.OpenHandle(file.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        foreach (Action map in (Action[])[() => Pages.MapShared(readOnly), () => Pages.Map(writeOnly), () => Pages.MapShared(writeOnly)])
        {
            var refused = Assert.Throws<MemoryPagesException>(map);
            Assert.Equal((ErrorReason.AccessDenied, Witness.MapFile, Witness.NoAccess), (refused.Reason, refused.NativeCall, refused.ErrorSymbol));
            Assert.Contains("must be open for reading", refused.Hint);
        }

        Assert.False(IsMapped(file.Path));
        readOnly.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Pages.Map(readOnly));
    }

    [Fact]
    public void The_file_is_not_kept_open_and_a_given_handle_is_left_open()
    {
        using var file = new TempFile(100);
        using Pages<ReadOnly> pages = Pages.Map(file.Path);
        using Pages<ReadWrite> shared = Pages.MapShared(file.Path);
        Assert.False(IsOpen(file.Path));
        Assert.True(IsMapped(file.Path));

        using SafeFileHandle handle = File.OpenHandle(file.Path);
        Pages<ReadOnly> ofHandle = Pages.Map(handle);
        Assert.False(handle.IsClosed);
        ofHandle.Dispose();
        Assert.Equal(100, RandomAccess.GetLength(handle));
        ofHandle = Pages.Map(handle);
        handle.Dispose();
        Assert.False(IsOpen(file.Path));
        Assert.Equal(Pattern.At(99), ofHandle.Read<byte>(99));
        ofHandle.Dispose();
    }

    [Fact]
    public void Disposing_unmaps_the_file()
    {
        using var file = new TempFile(5 * s_page);
        Pages<ReadOnly> pages = Pages.Map(file.Path, new() { Offset = 10 });
        nuint address = (nuint)pages.DangerousPointer();
        Assert.True(IsMapped(file.Path));
        pages.Dispose();
        Assert.False(IsMapped(file.Path));
        Assert.DoesNotContain(SystemMap.Between(address, address + (5 * s_page)), region => region.Line.EndsWith(file.Path));
    }

    [Fact]
    public void A_file_that_is_deleted_lives_on_in_its_pages()
    {
        var file = new TempFile(2 * s_page);
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path);
        file.Dispose();
        Assert.Equal(OperatingSystem.IsWindows(), File.Exists(file.Path)); // there it is deleted when nobody has it any more
        pages.Write(s_page, (byte)7);
        pages.Flush();
        Assert.Equal((7, Pattern.At(0)), (pages.Read<byte>(s_page), pages.Read<byte>(0)));
    }

    [Fact]
    public void Populating_reads_all_of_the_part_in()
    {
        using var file = TempFile.Sparse(200 * s_page);
        using Pages<ReadOnly> pages = Pages.Map(file.Path, new() { Offset = (long)(2 * s_page) + 5, Length = 100 * s_page, Populate = true });
        Assert.DoesNotContain(false, SystemMap.Present((nuint)pages.DangerousPointer() - 5, 101 * s_page));
        using Pages<ReadOnly> lazy = Pages.Map(file.Path, new() { Offset = (long)(150 * s_page) });
        Assert.DoesNotContain(true, SystemMap.Present((nuint)lazy.DangerousPointer(), 50 * s_page));
    }

    /// <summary>A descriptor that is in use is closed when that ends: its number is never another file's in between.</summary>
    [Fact]
    public void A_handle_that_another_thread_closes_is_mapped_or_refused()
    {
        using var file = new TempFile(s_page);
        int mapped = 0;
        for (int round = 0; round < 300; round++)
        {
            SafeFileHandle handle = File.OpenHandle(file.Path);
            int ready = 0;
            var closing = new Thread(() =>
            {
                Volatile.Write(ref ready, 1);
                Thread.SpinWait(100 * round); // at first too early for the mapping, in the end too late
                handle.Dispose();
            });
            closing.Start();
            while (Volatile.Read(ref ready) == 0)
            {
            }

            try
            {
                using Pages<ReadOnly> pages = Pages.Map(handle);
                Assert.Equal(Pattern.At(5), pages.Read<byte>(5));
                mapped++;
            }
            catch (ObjectDisposedException)
            {
                // Closed before, or between asking for its length and mapping it.
            }

            closing.Join();
        }

        Assert.InRange(mapped, 1, 300);
        Assert.False(IsOpen(file.Path));
        Assert.False(IsMapped(file.Path));
    }
}

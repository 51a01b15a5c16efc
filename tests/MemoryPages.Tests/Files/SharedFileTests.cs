using MemoryPages.Tests.Effects;
using MemoryPages.Unsafe;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Tests.Files;

/// <summary>Writing to files, protecting them, and what is refused on them.</summary>
public sealed unsafe class SharedFileTests
{
    private static readonly nuint s_page = PageSize.Base;

    [Fact]
    public void What_is_written_is_seen_by_every_other_mapping_and_by_readers()
    {
        using var file = new TempFile(3 * s_page);
        using Pages<ReadWrite> one = Pages.MapShared(file.Path, new() { Offset = 5 });
        using Pages<ReadOnly> other = Pages.Map(file.Path);
        one.Write((2 * s_page) - 5, 0x11223344);
        Assert.Equal(0x11223344, other.Read<int>(2 * s_page));
        Assert.Equal(0x11223344, BitConverter.ToInt32(file.Content, 2 * (int)s_page));

        using (var stream = new FileStream(file.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            stream.Position = 100;
            stream.WriteByte(0xEE);
        }

        Assert.Equal(0xEE, one.Read<byte>(95));
        Assert.Equal(3 * (int)s_page, file.Content.Length);
    }

    [Fact]
    public void Read_only_pages_of_a_file_cannot_become_writable_and_stay_as_they_were()
    {
        using var file = new TempFile(2 * s_page);
        using Pages<ReadOnly> pages = Pages.Map(file.Path);
        nuint address = (nuint)pages.DangerousPointer();

        var refused = Assert.Throws<MemoryPagesException>(() => pages.AllowWrite());

        Assert.Equal((ErrorReason.AccessDenied, Witness.ProtectCall, Witness.NoSuchProtection), (refused.Reason, refused.NativeCall, refused.ErrorSymbol));
        Assert.Contains("not opened for that access", refused.Hint);
        Assert.True(pages.IsUsable);
        Assert.Equal(0, pages.LeaseCount);
        Assert.StartsWith("r--s", SystemMap.At(address)!.Access);
        Assert.Equal(Pattern.At(s_page), pages.Read<byte>(s_page));
        using Pages<NoAccess> closed = pages.DenyRead(); // less is always granted
        Assert.StartsWith("---s", SystemMap.At(address)!.Access);
    }

    [Fact]
    public void Pages_to_read_of_a_handle_for_writing_become_writable()
    {
        Needed.Call("mprotect");
        using var file = new TempFile(128);
        using SafeFileHandle handle = File.OpenHandle(file.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        using Pages<ReadWrite> pages = Pages.Map(handle).AllowWrite();
        pages.CopyFrom(0, "hello, world!"u8);
        Assert.Equal("hello, world!"u8, file.Content.AsSpan(0, 13));
    }

    [Fact]
    public void Writable_pages_can_be_sealed_and_opened_again()
    {
        using var file = new TempFile(s_page);
        Pages<ReadWrite> pages = Pages.MapShared(file.Path);
        nuint address = (nuint)pages.DangerousPointer();
        Pages<ReadOnly> sealed_ = pages.DenyWrite();
        Assert.StartsWith("r--s", SystemMap.At(address)!.Access);
        sealed_.Flush();
        using Pages<ReadWrite> open = sealed_.AllowWrite();
        Assert.StartsWith("rw-s", SystemMap.At(address)!.Access);
        open.Write(10, (byte)99);
        Assert.Equal(99, file.Content[10]);
    }

    [Fact]
    public void What_forgets_content_is_refused_since_the_file_gives_it()
    {
        using var file = new TempFile(2 * s_page);
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path);
        Assert.Contains("a file gives", Assert.Throws<InvalidOperationException>(() => pages.Discard()).Message);
        Assert.Throws<InvalidOperationException>(() => pages.Offer());
        Assert.Throws<InvalidOperationException>(() => pages.Reclaim());
        Assert.Equal(Pattern.Bytes(2 * s_page), file.Content);
        Assert.Equal(Pattern.At(s_page), pages.Read<byte>(s_page));
    }

    [Fact]
    public void Resizing_shows_more_or_less_of_the_file_and_does_not_round()
    {
        Needed.Call("mremap");
        using var file = new TempFile(4 * s_page);
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path, new() { Offset = 77, Length = 10 });

        pages.Resize((3 * s_page) + 1, mayMove: true);

        Assert.Equal((3 * s_page) + 1, pages.Length);
        var bytes = new byte[pages.Length];
        pages.CopyTo(0, bytes);
        Assert.Equal(file.Content[77..(78 + (3 * (int)s_page))], bytes);
        Assert.Throws<ArgumentOutOfRangeException>(() => pages.Read<byte>(pages.Length));

        nuint address = (nuint)pages.DangerousPointer();
        pages.Resize(5);
        Assert.Equal(5u, pages.Length);
        Assert.Equal(Pattern.At(77), pages.Read<byte>(0));
        SystemMap region = SystemMap.At(address)!;
        Assert.Equal(s_page, region.End - region.Start);
    }

    [Fact]
    public void A_file_is_not_made_longer()
    {
        Needed.Call("mremap");
        using var file = new TempFile(s_page);
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path);
        Assert.Equal(ErrorReason.Unbacked, Assert.Throws<MemoryPagesException>(() => pages.Resize(3 * s_page, mayMove: true)).Reason);
        Assert.Equal(((int)s_page, s_page), (file.Content.Length, pages.Length));
    }

    [Fact]
    public void Flush_writes_the_pages_that_hold_the_range_and_no_others()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "The package strace is not installed.");
        using var file = new TempFile(6 * s_page);
        using var trace = new TempFile(0);
        ScenarioResult result = Scenario.RunUnder(["strace", "-f", "-qq", "-e", "trace=msync", "-o", trace.Path], "FlushRanges", file.Path);
        Assert.SkipWhen(result.Errors.Contains("PTRACE"), "This sandbox allows no ptrace: " + result.Errors);
        Assert.True(result.ExitCode == 0, result.ToString());

        nuint address = nuint.Parse(result.Output);
        string Expect(nuint offset, nuint pages) => $"msync(0x{address + (offset * s_page):x}, {pages * s_page}, MS_SYNC) = 0";
        string[] calls = [.. File.ReadLines(trace.Path).Where(line => line.Contains("msync(")).Select(line => line[line.IndexOf("msync(")..])];
        Assert.Equal(
        [
            Expect(0, 6),  // all, of pages that begin within a page
            Expect(2, 1),  // one byte
            Expect(1, 2),  // two bytes across a border
            Expect(0, 1),  // the part before the first border
            Expect(0, 6),  // sealed pages hold what was written before
        ], calls);
    }

    /// <summary>The first and the last page hold bytes of the file that are not these pages' own.</summary>
    [Fact]
    public void What_destroys_content_leaves_pages_alone_of_which_a_part_is_not_theirs()
    {
        Needed.Call("madvise");
        using TempFile file = TempFile.InSharedMemory(4 * s_page);
        byte[] expected = file.Content;
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path, new() { Offset = 100, Length = (3 * s_page) - 50 });
        Assert.Equal(new PageRange(s_page - 100, 2 * s_page), pages.DangerousAdvise(UncheckedAdvice.Remove));
        expected.AsSpan((int)s_page, 2 * (int)s_page).Clear();
        Assert.Equal(expected, file.Content);
    }

    [Fact]
    public void A_device_that_fails_is_said()
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "No seccomp filters here: not x86-64 Linux.");
        using var file = new TempFile(s_page);
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path);
        var refused = Assert.Throws<MemoryPagesException>(() => SystemCallFailure.During(() => pages.Flush(), new FailingCall(SystemCallFailure.Msync, SystemCallFailure.EIO)));
        Assert.Equal((ErrorReason.InputOutput, "msync", "EIO"), (refused.Reason, refused.NativeCall, refused.ErrorSymbol));
        pages.Flush();
    }
}

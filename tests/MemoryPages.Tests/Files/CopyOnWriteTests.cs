using System.Runtime.Versioning;
using MemoryPages.Tests.Effects;
using MemoryPages.Unsafe;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Tests.Files.FileWitness;

namespace MemoryPages.Tests.Files;

/// <summary>Pages that begin as a file's content: what is written is the process's own, the file never changes.</summary>
[SupportedOSPlatform("linux")]
public sealed unsafe class CopyOnWriteTests
{
    private static readonly nuint s_page = PageSize.Base;

    [Fact]
    public void What_is_written_is_in_the_pages_only()
    {
        using var file = new TempFile(8 * s_page);
        byte[] before = file.Content;
        using Pages<ReadWrite> copy = Pages.MapCopyOnWrite(file.Path);
        using Pages<ReadOnly> other = Pages.Map(file.Path);
        using Pages<ReadWrite> another = Pages.MapCopyOnWrite(file.Path);
        Assert.True(copy.IsFileBacked && copy.IsCopyOnWrite);
        Assert.True(other.IsFileBacked && !other.IsCopyOnWrite);
        Assert.Equal(before, Bytes(copy));
        Assert.Equal("rw-p", RegionOf(copy).Access);

        copy.CopyFrom((3 * s_page) + 10, "abc123"u8);
        copy.Flush();

        Assert.Equal("abc123"u8.ToArray(), Bytes(copy)[(int)((3 * s_page) + 10)..][..6]);
        Assert.Equal(before, file.Content);
        Assert.Equal(before, Bytes(other));
        Assert.Equal(before, Bytes(another));
        Assert.Equal(s_page, RegionOf(copy).Bytes("Anonymous")); // one page was copied, no more
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(77, 5000)]
    [InlineData(4097, null)]
    [InlineData(12345, null)] // at the very end: nothing
    public void A_part_has_the_bytes_of_the_file(long offset, int? length)
    {
        using var file = new TempFile(12345);
        using SafeFileHandle handle = File.OpenHandle(file.Path);
        var options = new FileMapOptions { Offset = offset, Length = (nuint?)length };
        using Pages<ReadWrite> pages = Pages.MapCopyOnWrite(file.Path, options);
        using Pages<ReadWrite> ofHandle = Pages.MapCopyOnWrite(handle, options);
        using Pages<ReadOnly> readOnly = Pages.MapCopyOnWrite<ReadOnly>(handle, options);
        byte[] expected = file.Content[(int)offset..(length is int count ? (int)offset + count : 12345)];
        Assert.Equal((nuint)expected.Length, pages.Length);
        Assert.Equal(expected, Bytes(pages));
        Assert.Equal(expected, Bytes(ofHandle));
        Assert.Equal(expected, Bytes(readOnly));
        Assert.True(readOnly.IsCopyOnWrite); // also of nothing
    }

    [Fact]
    public void Each_protection_can_be_the_first_and_needs_a_file_to_read_only()
    {
        using var file = new TempFile(2 * s_page);
        using SafeFileHandle handle = File.OpenHandle(file.Path);
        AssertAccess<NoAccess>("---p");
        AssertAccess<ReadOnly>("r--p");
        AssertAccess<ReadWrite>("rw-p");
        AssertAccess<WriteOnly>(Witness.Expected<WriteOnly>());
        AssertAccess<ExecuteOnly>("--xp");
        AssertAccess<ReadExecute>("r-xp");

        void AssertAccess<TProtection>(string access)
            where TProtection : struct, IProtection
        {
            using Pages<TProtection> byPath = Pages.MapCopyOnWrite<TProtection>(file.Path);
            using Pages<TProtection> byHandle = Pages.MapCopyOnWrite<TProtection>(handle);
            Assert.Equal(access, RegionOf(byPath).Access);
            Assert.Equal(access, RegionOf(byHandle).Access);
        }
    }

    [Fact]
    public void Read_only_ones_become_writable_and_executable_and_the_file_stays_as_it_is()
    {
        Needed.Call("chmod");
        using var file = new TempFile(2 * s_page);
        File.SetUnixFileMode(file.Path, UnixFileMode.UserRead);
        byte[] before = file.Content;
        Pages<ReadOnly> readOnly = Pages.MapCopyOnWrite<ReadOnly>(file.Path);
        using Pages<ReadWrite> writable = readOnly.AllowWrite();
        writable.Write(5, (byte)0xEE);
        using Pages<ReadExecute> executable = writable.AllowExecuteDenyWrite();
        Assert.Equal("r-xp", RegionOf(executable).Access);
        using Pages<ReadWrite> again = executable.AllowWriteDenyExecute();
        again.Write(6, (byte)0xDD);
        using (ProtectionScope<ReadOnly> scope = again.ProtectScope<ReadOnly>(new PageRange(0, s_page)))
        using (ReadView view = scope.Read())
        {
            Assert.Equal([0xEE, 0xDD], view.Span[5..7].ToArray());
        }

        Assert.Equal(before, file.Content);
    }

    [Fact]
    public void Every_protection_is_reached_and_the_file_stays_as_it_is()
    {
        Needed.Call("mprotect");
        using var file = new TempFile(256);
        byte[] before = file.Content;
        Pages<ReadWrite> again = Pages.MapCopyOnWrite(file.Path).DenyWrite().AllowWrite();
        again.CopyFrom(0, "abc123"u8);
        again.Flush();
        using Pages<ReadOnly> other = Pages.Map(file.Path);
        using Pages<ReadExecute> executable = again.AllowExecuteDenyWrite();
        Assert.Equal("abc123"u8, Bytes(executable).AsSpan(0, 6));
        Assert.Equal(before, Bytes(other));
        Assert.Equal(before, file.Content);
    }

    [Fact]
    public void Pages_that_were_not_written_show_what_others_change()
    {
        using var file = new TempFile(2 * s_page);
        using Pages<ReadWrite> copy = Pages.MapCopyOnWrite(file.Path);
        using Pages<ReadWrite> shared = Pages.MapShared(file.Path);
        copy.Write(0, (byte)1);
        shared.Write(1, (byte)200);
        shared.Write(s_page, (byte)201);
        Assert.Equal(Pattern.At(1), copy.Read<byte>(1)); // the page is ours since it was written
        Assert.Equal(201, copy.Read<byte>(s_page));
    }

    [Fact]
    public void Discarding_gives_copies_back_and_the_file_is_read_again()
    {
        using var file = new TempFile(6 * s_page);
        using Pages<ReadWrite> copy = Pages.MapCopyOnWrite(file.Path);
        byte[] before = file.Content;
        Fill(copy);
        Assert.Equal(6 * s_page, RegionOf(copy).Bytes("Anonymous"));

        ReleaseFacts facts = copy.Discard(new PageRange(s_page + 1, 3 * s_page)); // pages 2 and 3 lie in it whole

        Assert.Equal(new ReleaseFacts(new PageRange(2 * s_page, 2 * s_page), ReadsZero: false, ChargeReleased: false, NeedsRecommit: false), facts);
        Assert.Equal(4 * s_page, RegionOf(copy).Bytes("Anonymous"));
        byte[] after = Bytes(copy);
        int start = 2 * (int)s_page;
        int end = 4 * (int)s_page;
        Assert.Equal(before[start..end], after[start..end]);
        Assert.Equal(-1, after.AsSpan(0, start).IndexOfAnyExcept((byte)0xA5));
        Assert.Equal(-1, after.AsSpan(end).IndexOfAnyExcept((byte)0xA5));
        Assert.Throws<InvalidOperationException>(() => copy.Offer());
        Assert.Throws<InvalidOperationException>(() => copy.Reclaim());
    }

    /// <summary>The rest of the first and the last page is nobody's: these pages lie in the whole all the same.</summary>
    [Fact]
    public void Discarding_all_of_a_part_that_begins_and_ends_within_a_page_gives_these_back_too()
    {
        Needed.Call("madvise");
        using var file = new TempFile(3 * s_page);
        using Pages<ReadWrite> copy = Pages.MapCopyOnWrite(file.Path, new() { Offset = 100, Length = (2 * s_page) + 50 });
        byte[] before = Bytes(copy);
        Fill(copy);
        Assert.Equal(new PageRange(0, copy.Length), copy.Discard().Range);
        Assert.Equal(before, Bytes(copy));
        Assert.Equal(0u, RegionOf(copy).Bytes("Anonymous"));

        Fill(copy);
        Assert.Equal(new PageRange(0, s_page - 100), copy.Discard(new PageRange(0, s_page)).Range);
        Assert.Equal(new PageRange((2 * s_page) - 100, 150), copy.Discard(new PageRange(s_page + 1, s_page + 49)).Range);
        Assert.Equal(default, copy.Discard(new PageRange(0, 0)).Range);
        Assert.Equal(default, copy.Discard(new PageRange(1, 10)).Range);
        Assert.Equal((0xA5, 0xA5), (copy.Read<byte>(s_page - 100), copy.Read<byte>((2 * s_page) - 101)));
        Assert.Equal((before[0], before[^1]), (copy.Read<byte>(0), copy.Read<byte>(copy.Length - 1)));
    }

    [Fact]
    public void Populating_reads_the_file_in_and_copies_nothing()
    {
        using var file = TempFile.Sparse(100 * s_page);
        using Pages<ReadWrite> copy = Pages.MapCopyOnWrite(file.Path, new() { Populate = true });
        Assert.DoesNotContain(false, SystemMap.Present((nuint)copy.DangerousPointer(), 100 * s_page));
        Assert.Equal(0u, RegionOf(copy).Bytes("Anonymous"));
        copy.Prefault();
        Assert.Equal(0u, RegionOf(copy).Bytes("Anonymous"));
        copy.Advise(Advice.PopulateWrite, new PageRange(0, 3 * s_page)); // who wants the copies now says so
        Assert.Equal(3 * s_page, RegionOf(copy).Bytes("Anonymous"));
    }

    /// <summary>"ac": promised and charged. "nr": mapped without a promise (proc(5), VmFlags).</summary>
    [Fact]
    public void Memory_for_the_copies_is_promised_unless_that_is_forgone()
    {
        using var file = TempFile.Sparse(100 * s_page);
        using Pages<ReadWrite> promised = Pages.MapCopyOnWrite(file.Path);
        using Pages<ReadWrite> shared = Pages.MapShared(file.Path, new() { NoReserve = true });
        using Pages<ReadOnly> readOnly = Pages.MapCopyOnWrite<ReadOnly>(file.Path);
        Assert.True(RegionOf(promised).HasFlag("ac"));
        Assert.False(RegionOf(shared).HasFlag("ac"));
        Assert.False(RegionOf(readOnly).HasFlag("ac"));

        Assert.SkipWhen(File.ReadAllText(Needed.File("/proc/sys/vm/overcommit_memory")).Trim() == "2", "Strict overcommit takes no wish to do without.");
        using Pages<ReadWrite> unpromised = Pages.MapCopyOnWrite(file.Path, new() { NoReserve = true });
        SystemMap region = RegionOf(unpromised);
        Assert.True(region.HasFlag("nr") && !region.HasFlag("ac"));
    }

    [Fact]
    public void Growing_elsewhere_takes_the_copies_along()
    {
        using var file = new TempFile(40 * s_page);
        using Pages<ReadWrite> copy = Pages.MapCopyOnWrite(file.Path, new() { Offset = 77, Length = 2 * s_page });
        nint behind = (nint)((nuint)copy.DangerousPointer() - 77 + (3 * s_page));
        nint wall = Kernel.Map(behind, s_page, 0, Kernel.PrivateAnonymous, -1, 0); // a stranger takes the place, if nobody has it
        copy.Write(5, (byte)0xEE);
        copy.Resize(30 * s_page, mayMove: true);
        byte[] expected = file.Content[77..(77 + (30 * (int)s_page))];
        expected[5] = 0xEE;
        Assert.Equal(expected, Bytes(copy));
        Assert.Equal(file.Content[82], Pattern.At(82));
        _ = Kernel.Unmap(wall, s_page);
    }

    private static void Fill(Pages<ReadWrite> pages)
    {
        using WriteView view = pages.Write();
        view.Span.Fill(0xA5);
    }
}

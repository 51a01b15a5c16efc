#pragma warning disable MP1005 // owners end and change under views on purpose: what the run time does then is tested

using MemoryPages.Tests.Effects;
using MemoryPages.Unsafe;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Tests.Files;

/// <summary>Files that get their length, and their space, from their pages.</summary>
public sealed unsafe class GrowingFileTests : IDisposable
{
    private static readonly nuint s_page = PageSize.Base;
    private readonly TempFolder _folder = new();

    public GrowingFileTests() => TempFolder.SkipUnlessFilesShrink();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_is_created_as_long_as_wished_with_all_its_space()
    {
        nuint length = (100 * s_page) + 1;
        using (Pages<ReadWrite> pages = Pages.MapShared(_folder.File, length))
        {
            Assert.Equal((length, _folder.File, true), (pages.Length, pages.Name, pages.IsFileBacked));
            Assert.Equal((long)length, new FileInfo(_folder.File).Length);
            Assert.InRange(Kernel.AllocatedBytes(_folder.File), (long)length, long.MaxValue);
            using WriteView view = pages.Write();
            Assert.Equal(-1, view.Span.IndexOfAnyExcept((byte)0));
            view.Span[^1] = 7;
        }

        Assert.Equal(7, File.ReadAllBytes(_folder.File)[^1]);
        Assert.Equal((long)length, new FileInfo(_folder.File).Length);
    }

    /// <summary>The lines of the README, with the numbers as people write them.</summary>
    [Fact]
    public void Sixty_four_gibibytes_without_space_double_where_they_stand()
    {
        using Pages<ReadWrite> db = Pages.MapShared(_folder.File, length: 1L << 36, new() { Space = FileSpace.Sparse });
        nuint address = (nuint)db.DangerousPointer();
        Assert.InRange(Kernel.AllocatedBytes(_folder.File), 0, (long)s_page);
        nuint old = db.Length;
        db.Write(old - 8, 42L);

        db.Resize(1L << 37);

        Assert.Equal(2 * old, db.Length);
        Assert.Equal(1L << 37, new FileInfo(_folder.File).Length);
        Assert.Equal(address, (nuint)db.DangerousPointer());
        db.Write(db.Length - 8, 43L);
        Assert.Equal((42L, 43L), (db.Read<long>(old - 8), db.Read<long>(db.Length - 8)));
        Assert.InRange(Kernel.AllocatedBytes(_folder.File), 0, 64 * (long)s_page);
    }

    [Fact]
    public void A_longer_file_is_mapped_whole_and_a_shorter_one_keeps_its_content()
    {
        File.WriteAllBytes(_folder.File, Pattern.Bytes(3 * s_page));
        using (Pages<ReadWrite> whole = Pages.MapShared(_folder.File, 5))
        {
            Assert.Equal(3 * s_page, whole.Length);
        }

        using (Pages<ReadWrite> asLongAsItIs = Pages.MapShared(_folder.File, 0))
        {
            Assert.Equal(3 * s_page, asLongAsItIs.Length);
        }

        using Pages<ReadWrite> longer = Pages.MapShared(_folder.File, 5 * s_page);
        Assert.Equal([true, true, true, false, false], Pattern.Kept(longer));
        Assert.Equal(0, longer.Read<byte>((5 * s_page) - 1));
    }

    [Fact]
    public void Holes_in_a_file_get_their_space_and_stay_zero()
    {
        using (FileStream stream = File.Create(_folder.File))
        {
            stream.SetLength(200 * (long)s_page);
            stream.Position = 100 * (long)s_page;
            stream.WriteByte(9);
        }

        Assert.InRange(Kernel.AllocatedBytes(_folder.File), 0, 32 * (long)s_page);
        using Pages<ReadWrite> pages = Pages.MapShared(_folder.File, 0);
        Assert.InRange(Kernel.AllocatedBytes(_folder.File), 200 * (long)s_page, long.MaxValue);
        using ReadView view = pages.Read();
        Assert.Equal(100 * (int)s_page, view.Span.IndexOfAnyExcept((byte)0));
        Assert.Equal(9, view.Span[100 * (int)s_page]);
    }

    /// <summary>
    /// What is there is advised and locked; the addresses behind it, which the file grows into, are a mapping of their own then. Memory is another
    /// matter.
    /// </summary>
    [Fact]
    public void What_growth_adds_inherits_no_locks_and_no_advice()
    {
        using Pages<ReadWrite> pages = Pages.MapShared(_folder.File, 4 * s_page);
        pages.Lock();
        pages.Advise(Advice.Random);
        pages.Resize(8 * s_page);
        nuint address = (nuint)pages.DangerousPointer();
        Assert.Equal((true, true), (At(3).HasFlag("lo"), At(3).HasFlag("rr")));
        Assert.Equal((false, false), (At(4).HasFlag("lo"), At(4).HasFlag("rr")));

        using Pages<ReadWrite> memory = Pages.Allocate(4 * s_page);
        memory.Lock();
        memory.Resize(8 * s_page, mayMove: true);
        Assert.True(SystemMap.At((nuint)memory.DangerousPointer() + (7 * s_page))!.HasFlag("lo"));

        SystemMap At(nuint page) => SystemMap.At(address + (page * s_page))!;
    }

    [Theory]
    [InlineData(FileSpace.Allocated)]
    [InlineData(FileSpace.Sparse)]
    public void Resizing_takes_the_file_along_both_ways(FileSpace space)
    {
        using Pages<ReadWrite> pages = Pages.MapShared(_folder.File, 10 * s_page, new() { Space = space });
        Pattern.Fill(pages);
        nuint address = (nuint)pages.DangerousPointer();

        pages.Resize((300 * s_page) + 17);

        Assert.Equal((address, (300 * s_page) + 17), ((nuint)pages.DangerousPointer(), pages.Length));
        Assert.Equal((long)pages.Length, new FileInfo(_folder.File).Length);
        Assert.Equal(space == FileSpace.Allocated, Kernel.AllocatedBytes(_folder.File) >= (long)pages.Length);
        pages.Write(pages.Length - 1, (byte)5);
        Assert.Equal(5, File.ReadAllBytes(_folder.File)[^1]);

        pages.Resize((2 * s_page) + 1);

        Assert.Equal((2 * (long)s_page) + 1, new FileInfo(_folder.File).Length);
        Assert.InRange(Kernel.AllocatedBytes(_folder.File), 0, 32 * (long)s_page);
        Assert.Throws<ArgumentOutOfRangeException>(() => pages.Read<byte>(pages.Length));
        Assert.Equal(Pattern.Bytes((2 * s_page) + 1), File.ReadAllBytes(_folder.File));

        pages.Resize(10 * s_page); // what was cut off is gone, in the page of the cut too
        Assert.Equal(0, pages.Read<byte>((2 * s_page) + 1));
        Assert.Equal(0, pages.Read<byte>(9 * s_page));
        Assert.Equal(Pattern.At(2 * s_page), pages.Read<byte>(2 * s_page));
    }

    [Fact]
    public void An_empty_file_grows()
    {
        using Pages<ReadWrite> pages = Pages.MapShared(_folder.File, 0);
        Assert.Equal((0u, 0L), (pages.Length, new FileInfo(_folder.File).Length));
        using (WriteView view = pages.Write())
        {
            Assert.True(view.Span.IsEmpty);
        }

        pages.Flush();
        pages.Resize(1);
        pages.Write(0, (byte)3);
        pages.Resize(2 * s_page);
        Assert.Equal(3, File.ReadAllBytes(_folder.File)[0]);
        Assert.Equal(2 * (int)s_page, File.ReadAllBytes(_folder.File).Length);
    }

    [Fact]
    public void Beyond_the_room_behind_them_they_move_if_they_may_and_keep_what_they_hold()
    {
        using Pages<ReadWrite> pages = Pages.MapShared(_folder.File, 3 * s_page, new() { Space = FileSpace.Sparse });
        Pattern.Fill(pages);
        SystemMap region = SystemMap.At((nuint)pages.DangerousPointer())!;
        nuint beyond = region.End - region.Start + s_page;
        nint blocker = Kernel.Map((nint)region.End, s_page, 0, Kernel.PrivateAnonymous, -1, 0); // there, or something is there already

        var refused = Assert.Throws<MemoryPagesException>(() => pages.Resize(beyond));
        Assert.Equal(("mremap", ErrorReason.AddressSpaceLimit), (refused.NativeCall, refused.Reason));
        Assert.Contains("mayMove", refused.Hint);
        Assert.Equal((3 * s_page, 3 * (long)s_page), (pages.Length, new FileInfo(_folder.File).Length));

        pages.Resize(beyond, mayMove: true);

        Assert.NotEqual(region.Start, (nuint)pages.DangerousPointer());
        Assert.Equal((beyond, (long)beyond), (pages.Length, new FileInfo(_folder.File).Length));
        using (ReadView view = pages.Read(new PageRange(0, 3 * s_page)))
        {
            Assert.Equal(Pattern.Bytes(3 * s_page), view.Span.ToArray());
        }

        pages.Write(beyond - 1, (byte)1);
        nuint address = (nuint)pages.DangerousPointer();
        pages.Resize(beyond + s_page); // with new room behind them
        Assert.Equal(address, (nuint)pages.DangerousPointer());
        _ = Kernel.Unmap(blocker, s_page);
    }

    [Fact]
    public void While_leased_neither_pages_nor_file_are_resized()
    {
        using Pages<ReadWrite> pages = Pages.MapShared(_folder.File, 3 * s_page);
        using ReadView view = pages.Read();
        Assert.Throws<InvalidOperationException>(() => pages.Resize(s_page));
        Assert.Throws<InvalidOperationException>(() => pages.Resize(5 * s_page));
        Assert.Equal((3 * s_page, 3 * (long)s_page), (pages.Length, new FileInfo(_folder.File).Length));
    }

    [Fact]
    public void What_another_process_made_longer_is_shown_and_never_cut_off()
    {
        using Pages<ReadWrite> pages = Pages.MapShared(_folder.File, 2 * s_page);
        using (FileStream other = File.OpenWrite(_folder.File))
        {
            other.Position = 5 * (long)s_page;
            other.WriteByte(8);
        }

        pages.Resize(s_page);
        Assert.Equal((s_page, (5 * (long)s_page) + 1), (pages.Length, new FileInfo(_folder.File).Length));
        pages.Resize((5 * s_page) + 1);
        Assert.Equal(8, pages.Read<byte>(5 * s_page));
        Assert.Equal((5 * (long)s_page) + 1, new FileInfo(_folder.File).Length);
    }

    [Fact]
    public void The_file_is_open_as_long_as_its_pages_and_a_given_handle_stays_the_users()
    {
        Pages<ReadWrite> pages = Pages.MapShared(_folder.File, s_page);
        Assert.Equal(1, Descriptors());
        pages.Dispose();
        Assert.Equal(0, Descriptors());

        SafeFileHandle handle = File.OpenHandle(_folder.File, FileMode.Open, FileAccess.ReadWrite);
        pages = Pages.MapShared(handle, 2 * s_page);
        Assert.Equal((2, null), (Descriptors(), pages.Name));
        handle.Dispose();
        pages.Resize(4 * s_page);
        using (ReadView view = pages.Read())
        {
            pages.Dispose();
            Assert.Equal(1, Descriptors()); // until the last lease ends
        }

        Assert.Equal(0, Descriptors());
        Assert.Equal(4 * (long)s_page, new FileInfo(_folder.File).Length);
    }

    [Fact]
    public void Addresses_that_are_kept_from_stale_memories_are_those_of_the_file_only()
    {
        Pages<ReadWrite> pages = Pages.MapShared(_folder.File, 3 * s_page);
        nuint address = (nuint)pages.DangerousPointer();
        pages.LeaseMemory().Dispose();
        pages.Dispose();
        Assert.StartsWith("---p", SystemMap.At(address + (3 * s_page) - 1)!.Access);
        Assert.InRange(SystemMap.At(address)!.End - SystemMap.At(address)!.Start, 3 * s_page, (nuint)1 << 29); // neighbours of one kind are one region
    }

    [Fact]
    public void Transitions_keep_the_file()
    {
        Pages<ReadWrite> pages = Pages.MapShared(_folder.File, s_page);
        using Pages<ReadOnly> data = pages.DenyWrite();
        data.Resize(3 * s_page);
        Assert.Equal(0, data.Read<byte>((3 * s_page) - 1));
        Assert.StartsWith("r--s", SystemMap.At((nuint)data.DangerousPointer() + (2 * s_page))!.Access);
        Assert.Equal(3 * (long)s_page, new FileInfo(_folder.File).Length);
        data.Flush();
    }

    [Fact]
    public void Deleted_it_grows_and_is_flushed_all_the_same()
    {
        using Pages<ReadWrite> pages = Pages.MapShared(_folder.File, s_page);
        File.Delete(_folder.File);
        pages.Resize(10 * s_page);
        pages.Write((10 * s_page) - 1, (byte)1);
        pages.Flush();
        Assert.False(File.Exists(_folder.File));

        using var other = new TempFolder();
        using Pages<ReadWrite> withoutFolder = Pages.MapShared(other.File, s_page);
        File.Delete(other.File);
        Directory.Delete(other.Path);
        withoutFolder.Flush();
        Directory.CreateDirectory(other.Path); // for the end of the test
    }

    [Fact]
    public void What_cannot_be_such_a_file_is_said_and_nothing_is_left()
    {
        Assert.Throws<DirectoryNotFoundException>(() => Pages.MapShared(Path.Combine(_folder.File, "file"), 1UL));
        Assert.Equal(ErrorReason.NotSupported, Assert.Throws<MemoryPagesException>(() => Pages.MapShared(_folder.Path, 1UL)).Reason);
        Assert.Equal("path", Assert.Throws<ArgumentNullException>(() => Pages.MapShared((string)null!, 1UL)).ParamName);
        Assert.Equal("file", Assert.Throws<ArgumentNullException>(() => Pages.MapShared((SafeFileHandle)null!, 1UL)).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>("options", () => Pages.MapShared(_folder.File, 1, new() { Space = (FileSpace)2 }));
        Assert.False(File.Exists(_folder.File));

        File.WriteAllBytes(_folder.File, Pattern.Bytes(s_page));
        using SafeFileHandle readOnly = File.OpenHandle(_folder.File);
        Assert.Equal(ErrorReason.AccessDenied, Assert.Throws<MemoryPagesException>(() => Pages.MapShared(readOnly, 2 * s_page)).Reason);
        readOnly.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Pages.MapShared(readOnly, 2 * s_page));
        Assert.Equal(Pattern.Bytes(s_page), File.ReadAllBytes(_folder.File));
        Assert.Equal(0, Descriptors());
    }

    [Theory]
    [InlineData(ulong.MaxValue, FileSpace.Allocated)]
    [InlineData(ulong.MaxValue, FileSpace.Sparse)]
    [InlineData(1UL << 63, FileSpace.Allocated)]
    [InlineData(1UL << 62, FileSpace.Sparse)]
    [InlineData(1UL << 47, FileSpace.Allocated)]
    public void Lengths_that_no_program_has_addresses_for_are_refused_and_no_file_is_left(ulong length, FileSpace space)
    {
        var options = new GrowingFileOptions { Space = space };
        Assert.Equal(ErrorReason.AddressSpaceLimit, Assert.Throws<MemoryPagesException>(() => Pages.MapShared(_folder.File, length, options)).Reason);
        Assert.False(File.Exists(_folder.File));

        using Pages<ReadWrite> pages = Pages.MapShared(_folder.File, s_page, new() { Space = space });
        Assert.Equal(ErrorReason.AddressSpaceLimit, Assert.Throws<MemoryPagesException>(() => pages.Resize(length)).Reason);
        Assert.Equal(ErrorReason.AddressSpaceLimit, Assert.Throws<MemoryPagesException>(() => pages.Resize(length, mayMove: true)).Reason);
        Assert.Equal((s_page, (long)s_page), (pages.Length, new FileInfo(_folder.File).Length));
        Assert.Equal(1, Descriptors());
    }

    private int Descriptors() => new DirectoryInfo(Needed.File("/proc/self/fd")).GetFiles().Count(descriptor => descriptor.LinkTarget == _folder.File);
}

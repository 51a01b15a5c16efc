using MemoryPages.Tests.Effects;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Files;

/// <summary>Holes: the space is back with the file system, what was there reads zero for everyone, and nothing beside it is touched.</summary>
public sealed unsafe class HoleTests : IDisposable
{
    public HoleTests() => Needed.Call("fallocate");

    private static readonly nuint s_page = PageSize.Base;
    private readonly TempFile _file = new(64 * s_page);

    public static TheoryData<int, int, int, int> Ranges => new()
    {
        // offset and length in bytes; first page and number of pages that are removed
        { 0, 64 * (int)s_page, 0, 64 },
        { 8 * (int)s_page, 16 * (int)s_page, 8, 16 },
        { (8 * (int)s_page) + 1, 16 * (int)s_page, 9, 15 },
        { (8 * (int)s_page) - 1, (16 * (int)s_page) + 2, 8, 16 },
        { 5, 2 * (int)s_page, 1, 1 },
        { 5, (int)s_page, 0, 0 },
        { 5, 0, 0, 0 },
    };

    public void Dispose() => _file.Dispose();

    [Theory]
    [MemberData(nameof(Ranges))]
    public void Whole_pages_of_the_range_read_zero_and_their_space_is_back(int offset, int length, int firstPage, int pages)
    {
        using Pages<ReadWrite> file = Pages.MapShared(_file.Path);
        using Pages<ReadOnly> other = Pages.Map(_file.Path);
        long space = Kernel.AllocatedBytes(_file.Path);

        ReleaseFacts facts = file.Remove(new PageRange((nuint)offset, (nuint)length));

        PageRange removed = pages == 0 ? default : new PageRange((nuint)firstPage * s_page, (nuint)pages * s_page);
        Assert.Equal(new ReleaseFacts(removed, ReadsZero: true, ChargeReleased: false, NeedsRecommit: false), facts);
        Assert.Equal(space - (pages * (long)s_page), Kernel.AllocatedBytes(_file.Path));
        byte[] expected = Pattern.Bytes(64 * s_page);
        expected.AsSpan(firstPage * (int)s_page, pages * (int)s_page).Clear();
        Assert.Equal(expected, _file.Content);
        using ReadView view = file.Read();
        Assert.True(view.Span.SequenceEqual(expected));
        using ReadView otherView = other.Read();
        Assert.True(otherView.Span.SequenceEqual(expected));
    }

    [Fact]
    public void A_part_that_begins_within_a_page_is_rounded_by_addresses_and_the_length_stays()
    {
        using Pages<ReadWrite> file = Pages.MapShared(_file.Path, new() { Offset = (long)s_page + 10, Length = 3 * s_page });
        Assert.Equal(new PageRange(s_page - 10, 2 * s_page), file.Remove().Range);
        byte[] expected = Pattern.Bytes(64 * s_page);
        expected.AsSpan(2 * (int)s_page, 2 * (int)s_page).Clear();
        Assert.Equal(expected, _file.Content);
    }

    [Fact]
    public void A_hole_can_be_written_again()
    {
        using Pages<ReadWrite> file = Pages.MapShared(_file.Path, 0);
        file.Remove();
        Assert.Equal(0, Kernel.AllocatedBytes(_file.Path));
        file.Write(9 * s_page, (byte)4);
        file.Flush();
        Assert.Equal(4, _file.Content[9 * (int)s_page]);
        Assert.InRange(Kernel.AllocatedBytes(_file.Path), (long)s_page, 4 * (long)s_page);
    }

    [Fact]
    public void Memory_is_refused_and_named_and_so_are_leased_pages()
    {
        using Pages<ReadWrite> memory = Pages.Allocate(1);
        Assert.Contains("Discard", Assert.Throws<InvalidOperationException>(() => memory.Remove()).Message);
        using Pages<ReadWrite> file = Pages.MapShared(_file.Path);
        Assert.Contains("Remove", Assert.Throws<InvalidOperationException>(() => file.Discard()).Message);
        using ReadView view = file.Read();
        Assert.Throws<InvalidOperationException>(() => file.Remove());
        Assert.Equal(Pattern.Bytes(64 * s_page), _file.Content);
    }

    [Fact]
    public void Locked_pages_are_refused_with_a_hint()
    {
        using Pages<ReadWrite> file = Pages.MapShared(_file.Path);
        file.Lock(range: new PageRange(0, s_page));
        var told = Assert.Throws<MemoryPagesException>(() => file.Remove(new PageRange(0, s_page)));
        Assert.Equal(("Remove", "madvise", "EINVAL", ErrorReason.NotSupported), (told.Operation, told.NativeCall, told.ErrorSymbol, told.Reason));
        Assert.Contains("Unlock", told.Hint);
        file.Unlock();
        file.Remove(new PageRange(0, s_page));
        Assert.Equal(0, file.Read<byte>(1));
    }

    [Fact]
    public void A_file_in_memory_gives_its_memory_back()
    {
        using TempFile file = TempFile.InSharedMemory(64 * s_page);
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path);
        Assert.Equal(64 * (long)s_page, Kernel.AllocatedBytes(file.Path));
        pages.Remove(new PageRange(s_page, 62 * s_page));
        Assert.Equal(2 * (long)s_page, Kernel.AllocatedBytes(file.Path));
        Assert.Equal((Pattern.At(0), 0, Pattern.At(63 * s_page)), (pages.Read<byte>(0), pages.Read<byte>(s_page), pages.Read<byte>(63 * s_page)));
    }

    [Fact]
    public void A_file_system_without_holes_is_said()
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "No seccomp filters here: not x86-64 Linux.");
        using Pages<ReadWrite> file = Pages.MapShared(_file.Path);
        var told = Assert.Throws<MemoryPagesException>(() =>
            SystemCallFailure.During(() => file.Remove(), new FailingCall(SystemCallFailure.Madvise, SystemCallFailure.EOPNOTSUPP, 64 * s_page, 9)));
        Assert.Equal(ErrorReason.NotSupported, told.Reason);
        Assert.Contains("holes", told.Hint);
        Assert.Equal(Pattern.Bytes(64 * s_page), _file.Content);
    }
}

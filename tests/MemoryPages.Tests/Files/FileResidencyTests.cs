using MemoryPages.Tests.Effects;
using static MemoryPages.Tests.Files.FileWitness;

namespace MemoryPages.Tests.Files;

/// <summary>What of a file is in memory, and keeping it there.</summary>
public sealed class FileResidencyTests
{
    public FileResidencyTests() => Needed.Call("mincore");

    private static readonly nuint s_page = PageSize.Base;

    /// <summary>The first and the last page are counted as far as they are these pages' own.</summary>
    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 5000)]
    [InlineData(4000, 97)]
    [InlineData(4000, 96)]
    [InlineData(100, 12_000)]
    [InlineData(77, 20_403)]
    public void No_more_bytes_are_resident_than_there_are(long offset, int length)
    {
        using var file = new TempFile(5 * s_page);
        using Pages<ReadOnly> pages = Pages.Map(file.Path, new() { Offset = offset, Length = (nuint)length, Populate = true });
        Assert.Equal((nuint)length, pages.CountResidentBytes());
        Assert.InRange(pages.CountResidentBytes(new PageRange(0, 1)), 1u, Math.Min(s_page, (nuint)length));
        Assert.InRange(pages.CountResidentBytes(new PageRange(pages.Length - 1, 1)), 1u, Math.Min(s_page, (nuint)length));
        Assert.Equal(0u, pages.CountResidentBytes(new PageRange(pages.Length, 0)));
        using Pages<ReadWrite> copy = Pages.MapCopyOnWrite(file.Path, new() { Offset = offset, Length = (nuint)length });
        Assert.Equal((nuint)length, copy.CountResidentBytes());
    }

    [Fact]
    public void Populating_what_the_file_does_not_have_any_more_fails_and_leaves_nothing()
    {
        using var file = new TempFile(8 * s_page);
        using Pages<ReadOnly> pages = Pages.Map(file.Path);
        file.Resize(3 * s_page);
        Assert.Equal(ErrorReason.Unbacked, Assert.Throws<MemoryPagesException>(() => pages.Prefault()).Reason);
        Assert.Equal(ErrorReason.Unbacked, Assert.Throws<MemoryPagesException>(() => pages.Lock()).Reason);
        pages.Prefault(new PageRange(0, 3 * s_page));
        Assert.Equal(Pattern.At(100), pages.Read<byte>(100));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void Locking_twice_and_unlocking_twice_is_once(long offset)
    {
        using var file = new TempFile(128 + (nuint)offset);
        using Pages<ReadOnly> pages = Pages.Map(file.Path, new() { Offset = offset }); // an address that is not a page's
        Assert.False(IsLocked());
        pages.Lock();
        Assert.True(IsLocked());
        pages.Lock();
        Assert.True(IsLocked());
        pages.Unlock();
        Assert.False(IsLocked());
        pages.Unlock();
        Assert.False(IsLocked());
        pages.Lock(LockMode.OnFault, new PageRange(5, 1));
        Assert.True(IsLocked());
        pages.Unlock(new PageRange(7, 1));
        Assert.False(IsLocked());

        bool IsLocked() => RegionOf(pages).HasFlag("lo");
    }
}

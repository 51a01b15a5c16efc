#pragma warning disable MP1008 // addresses are kept to compare and to look them up

using MemoryPages.Diagnostics;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Files;

/// <summary>An empty file, or none of a file, is pages of length 0: every verb does nothing, and no call is made.</summary>
public sealed class EmptyFileTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(100, 100)]
    [InlineData(100, 50)]
    public void Pages_of_nothing_take_every_verb(int fileLength, long offset)
    {
        using var file = new TempFile((nuint)fileLength);
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path, new() { Offset = offset, Length = 0, Populate = true });
        Assert.DoesNotContain(File.ReadLines(Needed.File("/proc/self/maps")), line => line.EndsWith(file.Path));
        Assert.Equal(0u, pages.Length);
        Assert.Equal(PageSize.Base, pages.PageSize);
        Assert.True(pages.IsFileBacked);

        using (WriteView view = pages.Write())
        {
            Assert.True(view.Span.IsEmpty && view.Elements<long>().IsEmpty && view.Length == 0);
        }

        pages.Advise(Advice.Sequential);
        pages.Prefault();
        pages.Lock();
        pages.Unlock();
        pages.Flush();
        pages.CopyFrom(0, []);
        pages.CopyTo(0, []);
        Assert.Equal(default, pages.DangerousAdvise(UncheckedAdvice.DontNeed));
        Assert.Equal(0u, pages.CountResidentBytes());
        Assert.Equal(0u, pages.CopyResidency([]));
        Assert.Empty(MemoryMap.RegionsOf(pages));
        using (System.Buffers.IMemoryOwner<byte> memory = pages.LeaseMemory())
        {
            Assert.Equal(0, memory.Memory.Length);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => pages.Read<byte>(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => pages.Write<byte>(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => pages.Advise(Advice.Random, new PageRange(0, 1)));

        using Pages<NoAccess> none = pages.DenyWrite().DenyRead();
        Assert.Equal(0u, none.Length);
    }

    [Fact]
    public void They_cannot_be_resized_and_the_error_says_what_to_do()
    {
        using var file = new TempFile(0);
        using Pages<ReadOnly> pages = Pages.Map(file.Path);
        Assert.Contains("map the file again", Assert.Throws<InvalidOperationException>(() => pages.Resize(10)).Message);
        Assert.Equal(0u, pages.Length);
    }

    [Fact]
    public unsafe void They_have_no_byte_to_point_to()
    {
        using var file = new TempFile(0);
        using Pages<ReadOnly> pages = Pages.Map(file.Path);
        Assert.Throws<ArgumentOutOfRangeException>(() => (nuint)pages.DangerousPointer());
    }
}

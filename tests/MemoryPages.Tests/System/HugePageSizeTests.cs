using System.Globalization;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Effects;

/// <summary>Each size of huge pages that the processor has. Larger ones than the default seldom lie in a pool: the guest of eng/guest has some.</summary>
public sealed unsafe class HugePageSizeTests
{
    public HugePageSizeTests() => Needed.File("/sys/kernel/mm/hugepages");

    public static TheoryData<ulong> Sizes => [.. PageSize.Huge.ToArray().Select(size => (ulong)size)];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_page_of_each_size_is_had_used_and_given_back(ulong bytes)
    {
        nuint size = (nuint)bytes;
        Assert.SkipWhen(Free(size) == 0, $"No page of {size:N0} bytes lies in the pool ({HugePagePool.Folder(size)}/free_hugepages).");
        long free = Free(size);
        using (Pages<ReadWrite> pages = Pages.Allocate(1, new() { HugePages = HugePages.Explicit(size) }))
        {
            Assert.Equal(size, pages.Length);
            Assert.Equal(size, pages.PageSize);
            pages.Write(0, 1L);
            pages.Write(size - sizeof(long), 2L);
            Assert.Equal(free - 1, Free(size));
            Assert.Equal(0u, (nuint)pages.DangerousPointer() % size);
            Assert.Equal(size, SystemMap.At((nuint)pages.DangerousPointer())!.Bytes("KernelPageSize"));
            if (Frames.CanSee)
            {
                ulong first = Frames.Of((nuint)pages.DangerousPointer(), PageSize.Base)[0];
                ulong last = Frames.Of((nuint)pages.DangerousPointer() + size - PageSize.Base, PageSize.Base)[0];
                Assert.Equal(size / PageSize.Base - 1, last - first);
            }

            Assert.Equal(1, pages.Read<long>(0));
            Assert.Equal(2, pages.Read<long>(size - sizeof(long)));
        }

        Assert.Equal(free, Free(size));
    }

    private static long Free(nuint size) => long.Parse(File.ReadAllText($"{HugePagePool.Folder(size)}/free_hugepages"), CultureInfo.InvariantCulture);
}

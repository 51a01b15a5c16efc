#pragma warning disable MP1001 // spent objects are used on purpose: what the run time says of them is tested

using MemoryPages.Diagnostics;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Effects;

public sealed unsafe class MemoryMapTests
{
    private static readonly nuint s_page = PageSize.Base;

    [Fact]
    public void The_regions_are_those_that_the_kernel_lists()
    {
        // The runtime maps meanwhile: what is listed before and after is to be listed between. Not its pages for compiling, which come and go at one place.
        List<SystemMap> before = SystemMap.Between(0, nuint.MaxValue);
        IReadOnlyList<MemoryRegion> regions = MemoryMap.Regions();
        HashSet<string> after = [.. SystemMap.Between(0, nuint.MaxValue).Select(region => region.Line)];
        Dictionary<nuint, MemoryRegion> byAddress = regions.ToDictionary(region => region.Address);
        SystemMap[] stable = [.. before.Where(region => after.Contains(region.Line) && !region.Line.Contains("doublemapper"))];
        Assert.InRange(stable.Length, before.Count / 4, before.Count);
        Assert.All(stable, region =>
        {
            MemoryRegion listed = byAddress[region.Start];
            Assert.Equal(region.Line, listed.Line);
            Assert.Equal(region.End - region.Start, listed.Length);
            Assert.Equal(region.Access[3] == 's', listed.IsShared);
            Assert.Equal(region.Line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries) is [_, _, _, _, _, var name] ? name.Trim() : "", listed.Name);
            Assert.Equal(region.Bytes("KernelPageSize"), listed.PageSize);
            Assert.Equal(
                $"{(listed.Protection.HasFlag(PageProtection.Read) ? 'r' : '-')}{(listed.Protection.HasFlag(PageProtection.Write) ? 'w' : '-')}{(listed.Protection.HasFlag(PageProtection.Execute) ? 'x' : '-')}",
                region.Access[..3]);
        });
        Assert.Equal(regions.OrderBy(region => region.Address), regions);
    }

    [Fact]
    public void The_regions_of_pages_are_split_as_the_kernel_split_them()
    {
        Needed.Call("madvise");
        using var island = new Island(600);
        island.Fill();
        island.Pages.Advise(Advice.DontFork, new PageRange(2 * s_page, s_page));
        island.Pages.Lock(range: new PageRange(4 * s_page, s_page));
        island.Pages.Offer(new PageRange(6 * s_page, 594 * s_page));

        IReadOnlyList<MemoryRegion> regions = MemoryMap.RegionsOf(island.Pages);

        List<SystemMap> expected = island.Regions;
        Assert.Equal(expected.Select(e => (e.Start, e.End - e.Start, e.Flags, e.Bytes("Rss"), e.Bytes("Locked"))),
            regions.Select(r => (r.Address, r.Length, r.Flags, r.Resident, r.Locked)));
        Assert.Equal(5, regions.Count);
        Assert.NotEqual(0u, regions[^1].LazilyFree);
        Assert.Equal(s_page, regions[3].Locked);
        Assert.Contains("dc", regions[1].Flags);
    }

    [Fact]
    public void The_region_of_a_file_has_its_path_and_is_shared()
    {
        using var file = new Files.TempFile(3 * s_page);
        string spaced = file.Path + " with spaces";
        File.Move(file.Path, spaced);
        try
        {
            using Pages<ReadOnly> pages = Pages.Map(spaced, new() { Offset = (long)s_page + 1, Length = 10 });
            MemoryRegion region = Assert.Single(MemoryMap.RegionsOf(pages));
            Assert.Equal(spaced, region.Name);
            Assert.Equal(spaced, pages.Name);
            Assert.True(region.IsShared && pages.IsFileBacked);
            Assert.Equal(PageProtection.Read, region.Protection);
            Assert.Equal(PageSize.AlignDown((nuint)pages.DangerousPointer(), PageSize.AllocationGranularity), region.Address);
        }
        finally
        {
            File.Delete(spaced);
        }
    }

    [Fact]
    public void Huge_pages_show()
    {
        TransparentHuge.SkipUnlessAllowed();
        using Pages<ReadWrite> pages = Pages.Allocate(PageSize.TransparentHuge, new() { HugePages = HugePages.Transparent, Populate = true });
        Assert.Equal(PageSize.TransparentHuge, MemoryMap.RegionsOf(pages).Aggregate((nuint)0, (sum, region) => sum + region.TransparentHuge));
    }

    [Fact]
    public void Spent_pages_have_no_regions()
    {
        Pages<ReadWrite> pages = Pages.Allocate(1);
        pages.Dispose();
        Assert.Throws<ObjectDisposedException>(() => MemoryMap.RegionsOf(pages));
        Assert.Throws<ArgumentNullException>(() => MemoryMap.RegionsOf<ReadWrite>(null!));
    }
}

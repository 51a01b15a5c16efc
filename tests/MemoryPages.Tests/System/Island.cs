using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Effects;

/// <summary>
/// Pages of the library between inaccessible addresses: the kernel can join them to no neighbour, so what smaps says of their region is said of
/// them alone. Behind them there may be free addresses to grow into.
/// </summary>
internal sealed unsafe class Island : IDisposable
{
    private readonly nuint _area;
    private readonly nuint _behind;

    public Island(int pages, int freePagesBehind = 0, AllocationOptions options = default)
    {
        nuint page = PageSize.Base;
        nuint hole = (nuint)(pages + freePagesBehind) * page;
        nuint wish = (nuint)pages * page;

        if (OperatingSystem.IsWindows())
        {
            Pages = MemoryPages.Pages.Allocate(wish, options); // no two allocations are ever joined
            return;
        }

        // Another thread of the runtime may be given the addresses between the two calls: seldom, so try again.
        for (int attempt = 1; ; attempt++)
        {
            nint area = Kernel.Map(0, hole + (2 * page), 0, Kernel.PrivateAnonymous | Kernel.NoReserve, -1, 0);
            Assert.NotEqual(Kernel.Failed, area);
            _area = (nuint)area;
            _behind = _area + page + hole;
            Assert.Equal(0, Kernel.Unmap(area + (nint)page, hole));
            Pages = MemoryPages.Pages.Allocate(wish, options with { NearAddress = _area + page });
            if (Address == _area + page)
            {
                return;
            }

            Dispose();
            Assert.True(attempt < 100, "The system never gave the addresses that were asked for, though they were free.");
        }
    }

    public Pages<ReadWrite> Pages { get; }

    public nuint Address => (nuint)Pages.DangerousPointer();

    public nuint End => Address + Pages.Length;

    /// <summary>The only region, where nothing has split it.</summary>
    public SystemMap Region => Assert.Single(Regions);

    public List<SystemMap> Regions => SystemMap.Between(Address, End);

    public bool[] Present => SystemMap.Present(Address, Pages.Length);

    /// <summary>Writes a pattern that differs from page to page and is nowhere zero.</summary>
    public void Fill() => Pattern.Fill(Pages);

    public void Dispose()
    {
        Pages.Dispose();
        if (_area != 0)
        {
            _ = Kernel.Unmap((nint)_area, PageSize.Base);
            _ = Kernel.Unmap((nint)_behind, PageSize.Base);
        }
    }
}

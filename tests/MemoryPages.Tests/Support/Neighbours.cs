using MemoryPages.Testing;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Support;

/// <summary>
/// Pages of the library with strangers' pages directly on both sides, filled with a pattern: a range operation that goes too far by a byte is seen.
/// </summary>
internal sealed unsafe class Neighbours : IDisposable
{
    private const byte Pattern = 0xA5;
    private readonly nuint _before;
    private readonly nuint _behind;

    public Neighbours(int pages)
    {
        nuint page = PageSize.Base;
        nuint length = (nuint)pages * page;
        const int Attempts = 50;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            (_before, nuint place, _behind) = OperatingSystem.IsWindows() ? AroundGranules(length) : AroundPages(length);
            Assert.NotEqual(0u, _before);
            Assert.NotEqual(0u, _behind);
            new Span<byte>((void*)_before, (int)page).Fill(Pattern);
            new Span<byte>((void*)_behind, (int)page).Fill(Pattern);
            Pages = MemoryPages.Pages.Allocate(length, new() { NearAddress = place });
            if ((nuint)Pages.DangerousPointer() == place)
            {
                return;
            }

            // Another thread of the runtime was given the gap in between. It keeps it; the strangers beside it are left where they are.
            Pages.Dispose();
        }

        Assert.Fail("The gap between the neighbours was taken each time.");
    }

    public Pages<ReadWrite> Pages { get; } = null!;

    /// <summary>Both neighbours are mapped, resident, writable and hold what they held.</summary>
    public void AssertUntouched()
    {
        AssertIntact(_before);
        AssertIntact(_behind);
    }

    public void Dispose()
    {
        Pages.Dispose();
        AssertUntouched();
        if (OperatingSystem.IsWindows())
        {
            WindowsKernel.Free(PageSize.AlignDown(_before, PageSize.AllocationGranularity));
            WindowsKernel.Free(_behind);
        }
        else
        {
            _ = Kernel.Unmap((nint)_before, PageSize.Base);
            _ = Kernel.Unmap((nint)_behind, PageSize.Base);
        }
    }

    private static (nuint Before, nuint Place, nuint Behind) AroundPages(nuint length)
    {
        nuint page = PageSize.Base;

        // A stranger that is not of one kind with the library's pages, or the kernel would join them to one mapping: that is the other test.
        nint area = Kernel.Map(0, length + (2 * page), Kernel.ReadBit | Kernel.WriteBit, Kernel.PrivateAnonymous, -1, 0);
        Assert.NotEqual(Kernel.Failed, area);
        nuint place = (nuint)area + page;
        Assert.Equal(0, Kernel.Unmap((nint)place, length));
        return ((nuint)area, place, place + length);
    }

    /// <summary>Windows gives addresses out by the granule: behind pages that end within one nobody else can be.</summary>
    private static (nuint Before, nuint Place, nuint Behind) AroundGranules(nuint length)
    {
        nuint granule = PageSize.AllocationGranularity;
        nuint whole = PageSize.AlignUp(length, granule);
        nuint area = WindowsKernel.FindFree(whole + (2 * granule));
        nuint before = WindowsKernel.Allocate(area, granule);
        return (before == 0 ? 0 : before + granule - PageSize.Base, area + granule, WindowsKernel.Allocate(area + granule + whole, granule));
    }

    private static void AssertIntact(nuint address)
    {
        SystemMap? region = SystemMap.At(address);
        Assert.NotNull(region);
        Assert.StartsWith("rw", region.Access);
        Assert.True(SystemMap.Present(address, PageSize.Base)[0]);
        Assert.Equal(-1, new Span<byte>((void*)address, (int)PageSize.Base).IndexOfAnyExcept(Pattern));
    }
}

using MemoryPages.Testing;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Support;

/// <summary>
/// Pages of the library with strangers' pages directly on both sides, filled with a pattern: a range operation that goes too far by a byte is seen.
/// </summary>
internal sealed unsafe class Neighbours : IDisposable
{
    private const byte Pattern = 0xA5;
    private readonly nint _area;
    private readonly nuint _length;

    public Neighbours(int pages)
    {
        _length = (nuint)(pages + 2) * PageSize.Base;
        const int Attempts = 50;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            // A stranger that is not of one kind with the library's pages, or the kernel would join them to one mapping: that is the other test.
            _area = Kernel.Map(0, _length, Kernel.ReadBit | Kernel.WriteBit, Kernel.PrivateAnonymous, -1, 0);
            Assert.NotEqual(Kernel.Failed, _area);
            new Span<byte>((void*)_area, (int)_length).Fill(Pattern);
            Assert.Equal(0, Kernel.Unmap(_area + (nint)PageSize.Base, (nuint)pages * PageSize.Base));
            Pages = MemoryPages.Pages.Allocate((nuint)pages * PageSize.Base, new() { NearAddress = (nuint)_area + PageSize.Base });
            if ((nuint)Pages.DangerousPointer() == (nuint)_area + PageSize.Base)
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
        AssertIntact((nuint)_area);
        AssertIntact((nuint)_area + _length - PageSize.Base);
    }

    public void Dispose()
    {
        Pages.Dispose();
        AssertUntouched();
        _ = Kernel.Unmap(_area, PageSize.Base);
        _ = Kernel.Unmap(_area + (nint)(_length - PageSize.Base), PageSize.Base);
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

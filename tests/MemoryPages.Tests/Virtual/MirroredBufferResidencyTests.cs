namespace MemoryPages.Tests.Reserved;

/// <summary>Which pages of a ring are in memory, in which half's page tables, and what stays.</summary>
public sealed unsafe class MirroredBufferResidencyTests
{
    public MirroredBufferResidencyTests() => Needed.Call("mincore");

    private static readonly nuint s_page = PageSize.AllocationGranularity;

    [Fact]
    public void Reads_zero_and_takes_no_memory_before_it_is_touched()
    {
        using var ring = MirroredBuffer.Create((nuint)64 << 20);
        Assert.Equal(0u, ring.CountResidentBytes());
        using (ReadView view = ring.Read(12345, 100_000))
        {
            Assert.Equal(-1, view.Span.IndexOfAnyExcept((byte)0));
        }
    }

    [Fact]
    public void Prefaulting_makes_both_halves_present()
    {
        using var ring = MirroredBuffer.Create(32 * s_page);
        nuint address = Ring.AddressOf(ring);
        Assert.DoesNotContain(true, SystemMap.Present(address, 2 * ring.Length));
        ring.Prefault();
        Assert.DoesNotContain(false, SystemMap.Present(address, 2 * ring.Length));
        Assert.Equal(ring.Length, ring.CountResidentBytes());
    }

    [Fact]
    public void A_page_counts_once_through_whichever_half_it_was_touched()
    {
        using var ring = MirroredBuffer.Create(8 * s_page);
        byte* start = (byte*)Ring.AddressOf(ring);
        start[ring.Length + s_page] = 1;
        Assert.Equal(s_page, ring.CountResidentBytes());
        start[s_page] = 2;
        Assert.Equal(s_page, ring.CountResidentBytes());
        start[5 * s_page] = 3;
        Assert.Equal(2 * s_page, ring.CountResidentBytes());
    }

    [Fact]
    public void Locking_is_charged_once_and_makes_both_halves_present()
    {
        using var ring = MirroredBuffer.Create(4 * s_page);
        nuint address = Ring.AddressOf(ring);
        long before = SystemMap.Status("VmLck");
        ring.Lock();
        Assert.Equal(before + (long)ring.Length, SystemMap.Status("VmLck"));
        Assert.True(SystemMap.At(address)!.HasFlag("lo"));
        Assert.False(SystemMap.At(address + ring.Length)!.HasFlag("lo"));
        Assert.DoesNotContain(false, SystemMap.Present(address, 2 * ring.Length));
        ring.Unlock();
        Assert.Equal(before, SystemMap.Status("VmLck"));
        ring.Unlock();
    }

    [Fact]
    public void A_lock_ends_with_the_ring()
    {
        long before = SystemMap.Status("VmLck");
        using (var ring = MirroredBuffer.Create(4 * s_page))
        {
            ring.Lock();
        }

        Assert.Equal(before, SystemMap.Status("VmLck"));
    }
}

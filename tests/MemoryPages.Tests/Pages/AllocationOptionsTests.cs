#pragma warning disable MP1007 // allocations are refused, or owners lost, on purpose

using static MemoryPages.Tests.Witness;

namespace MemoryPages.Tests;

public sealed class AllocationOptionsTests
{
    [Theory]
    [MemberData(nameof(Protections.All), MemberType = typeof(Protections))]
    public void Fresh_pages_have_the_protection_that_their_type_says<TProtection>(TProtection protection)
        where TProtection : struct, IProtection
    {
        _ = protection;
        using Pages<TProtection> pages = Pages.Allocate<TProtection>(3 * Page);
        Assert.Equal(Expected<TProtection>(), AccessOf(pages));
        Assert.DoesNotContain("/", SystemMap.At(AddressOf(pages))!.Line); // no file is behind them
    }

    [Theory]
    [MemberData(nameof(Protections.Readable), MemberType = typeof(Protections))]
    public void Fresh_pages_read_zero<TProtection>(TProtection protection)
        where TProtection : struct, IReadable
    {
        _ = protection;
        Dirty(64);
        using Pages<TProtection> pages = Pages.Allocate<TProtection>(64 * Page);
        using ReadView view = pages.Read();
        Assert.Equal(-1, view.Span.IndexOfAnyExcept((byte)0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64 << 10)]
    [InlineData(2 << 20)]
    [InlineData(1 << 30)]
    public void Addresses_are_aligned_as_wished_and_nothing_else_stays_mapped(int alignment)
    {
        // Several at once: one alone may be aligned by luck.
        var all = new List<Pages<ReadWrite>>();
        for (int i = 0; i < 4; i++)
        {
            long before = SystemMap.Status("VmSize");
            all.Add(Pages.Allocate(Page, new() { Alignment = (nuint)alignment }));
            Assert.InRange(SystemMap.Status("VmSize") - before, long.MinValue, 256 << 20); // of up to 1 GiB of slack nothing is left
            Assert.Equal((nuint)0, AddressOf(all[i]) % Math.Max((nuint)alignment, Page));
            Assert.Equal("rw-p", AccessOf(all[i]));
        }

        all.ForEach(p => p.Dispose());
    }

    [Fact]
    public void An_alignment_holds_beside_a_near_address_that_has_another()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(Page, new() { Alignment = 1 << 20, NearAddress = Lonely + (3 * Page) });
        Assert.Equal((nuint)0, AddressOf(pages) % (1 << 20));
    }

    [Fact]
    public void A_near_address_that_is_free_is_taken_and_one_that_is_not_is_left_alone()
    {
        nuint near = Lonely;
        using (Pages<ReadWrite> first = Pages.Allocate(Page, new() { NearAddress = near + 123 })) // any byte of the page
        {
            Assert.Equal(near, AddressOf(first));
            first.Write(0, 0x5A5A5A5A);
            using Pages<ReadWrite> second = Pages.Allocate(Page, new() { NearAddress = near });
            Assert.NotEqual(near, AddressOf(second));
            Assert.Equal(0x5A5A5A5A, first.Read<int>(0));
        }

        Assert.False(IsMapped(near));
    }

    [Fact]
    public void Memory_without_a_promise_is_marked_as_such()
    {
        using Pages<ReadWrite> plain = Pages.Allocate(Page);
        using Pages<ReadWrite> pages = Pages.Allocate(Page, new() { NoReserve = true });
        Assert.True(SystemMap.At(AddressOf(pages))!.HasFlag("nr"));
        Assert.False(SystemMap.At(AddressOf(plain))!.HasFlag("nr"));
    }

    [Fact]
    public void Stacks_are_asked_for_as_stacks()
    {
        const int MapStack = 0x20000;
        nint probe = Kernel.Map(0, Page, Kernel.ReadBit | Kernel.WriteBit, Kernel.PrivateAnonymous | MapStack, -1, 0);
        bool shows = SystemMap.At((nuint)probe)!.HasFlag("nh");
        _ = Kernel.Unmap(probe, Page);
        Assert.SkipUnless(shows, "This kernel does not show MAP_STACK (as 'nh') in smaps: it does from 6.7 on.");

        using Pages<ReadWrite> pages = Pages.Allocate(Page, new() { Stack = true });
        using Pages<ReadWrite> plain = Pages.Allocate(Page);
        Assert.True(SystemMap.At(AddressOf(pages))!.HasFlag("nh"));
        Assert.False(SystemMap.At(AddressOf(plain))!.HasFlag("nh"));
    }

    [Fact]
    public void Populated_pages_are_resident_at_once_and_others_are_not()
    {
        using Pages<ReadWrite> populated = Pages.Allocate(16 * Page, new() { Populate = true });
        using Pages<WriteOnly> writeOnly = Pages.Allocate<WriteOnly>(16 * Page, new() { Populate = true });
        using Pages<ReadOnly> readOnly = Pages.Allocate<ReadOnly>(16 * Page, new() { Populate = true });
        using Pages<ReadWrite> plain = Pages.Allocate(16 * Page);
        Assert.All(SystemMap.Present(AddressOf(populated), populated.Length), Assert.True);
        Assert.All(SystemMap.Present(AddressOf(writeOnly), writeOnly.Length), Assert.True);
        Assert.All(SystemMap.Present(AddressOf(readOnly), readOnly.Length), Assert.True);
        Assert.All(SystemMap.Present(AddressOf(plain), plain.Length), Assert.False);
    }

    [Fact]
    public void Wishes_that_contradict_themselves_are_refused_by_both_forms()
    {
        Refuse(new() { Alignment = 3 });
        Refuse(new() { Alignment = Page + 1 });
        Refuse(new() { Alignment = nuint.MaxValue });
        Refuse(new() { NoReserve = true, HugePages = HugePages.Explicit(2 << 20) });
        Refuse(new() { NoReserve = true, HugePages = HugePages.Explicit(2 << 20, HugePagePolicy.Prefer) });
        Assert.Throws<ArgumentException>(() => Pages.Allocate<NoAccess>(1, new() { Populate = true }));
        Assert.Throws<ArgumentException>(() => Pages.Allocate<ExecuteOnly>(1, new() { Populate = true }));
        Assert.Throws<ArgumentException>(() => HugePages.Explicit(Page));
        Assert.Throws<ArgumentException>(() => HugePages.Explicit((2 << 20) + 1));

        static void Refuse(AllocationOptions options)
        {
            Assert.Throws<ArgumentException>(() => Pages.Allocate(1, options));
            Assert.Throws<ArgumentException>(() => Pages.TryAllocate(1, options, out _));
        }
    }

    [Fact]
    public void An_alignment_that_no_address_has_room_for_is_refused_by_the_system()
    {
        MemoryPagesException e = Assert.Throws<MemoryPagesException>(() => Pages.Allocate(1, new() { Alignment = (nuint)1 << 63 }));
        Assert.Equal(OutOfMemory, e.ErrorSymbol);
        Assert.False(Pages.TryAllocate(1, new() { Alignment = (nuint)1 << 62 }, out _));
    }

    /// <summary>Frees memory that is full of ones, so that a later allocation of the same size would show it if the system did not clear it.</summary>
    private static void Dirty(int pages)
    {
        using Pages<ReadWrite> dirty = Pages.Allocate((nuint)pages * Page);
        using WriteView view = dirty.Write();
        view.Span.Fill(0xFF);
    }
}

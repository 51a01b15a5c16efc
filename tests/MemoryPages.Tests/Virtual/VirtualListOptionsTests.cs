#pragma warning disable MP1001 // spent objects are used on purpose: what the run time says of them is tested
#pragma warning disable MP1005 // owners end and change under views on purpose: what the run time does then is tested

using MemoryPages.Tests.Effects;
using static MemoryPages.Tests.Reserved.VirtualListWitness;
using Free = System.Runtime.CompilerServices.Unsafe;

namespace MemoryPages.Tests.Reserved;

/// <summary>Wishes: maximum, header, alignment, huge pages, names; views and the end.</summary>
public sealed unsafe class VirtualListOptionsTests
{
    public static TheoryData<int> Exponents => [.. Enumerable.Range(0, 22)];

    [Theory]
    [MemberData(nameof(Exponents))]
    public void Headers_and_elements_are_aligned_as_wished(int exponent)
    {
        nuint alignment = (nuint)1 << exponent;
        foreach (nuint header in (nuint[])[0, 1, 100, alignment, alignment + 1])
        {
            using var list = new VirtualList<byte>(new() { HeaderSize = header, HeaderAlignment = alignment, ElementAlignment = alignment, MaximumCapacity = 100, NoHugePages = true });
            using (WriteView view = list.Header())
            {
                Assert.True(view.Length >= header);
                view.Span.Fill(5);
                Assert.True(header == 0 || (nuint)Free.AsPointer(ref view[0]) % alignment == 0);
            }

            list.AddRange(Enumerable.Repeat((byte)6, 100).ToArray());
            Assert.Equal(0u, AddressOf(list) % alignment);
            list.ClearAndDecommit();
            list.TrimExcess();
            using WriteView after = list.Header();
            Assert.Equal(-1, after.Span.IndexOfAnyExcept((byte)5));
        }
    }

    [Fact]
    public void Capacity_is_never_above_the_maximum()
    {
        using var one = new VirtualList<int>(new() { MaximumCapacity = 1, InitialCapacity = 1, HeaderSize = 8 });
        Assert.Equal((1, 1), ((int)one.Capacity, (int)one.MaximumCapacity));
        one.Add(5);
        Assert.False(one.TryAddWithinCapacity(6));
        Assert.Throws<InvalidOperationException>(() => one.Add(6));
        AssertHolds(one, 5);
        using var none = new VirtualList<int>(new() { MaximumCapacity = 0, HeaderSize = 8 });
        Assert.Equal((0, 0), ((int)none.Capacity, (int)none.MaximumCapacity));
        Assert.Throws<InvalidOperationException>(() => none.Add(6));
        using WriteView header = none.Header();
        Assert.True(header.Length >= 8);
    }

    [Fact]
    public void The_default_maximum_is_what_the_machine_could_hold_and_costs_no_memory()
    {
        using var list = new VirtualList<long>();
        Assert.Equal(SystemMap.Machine("MemTotal") / 8, list.MaximumCapacity);
        list.Add(1);
        Assert.Equal(PageSize.Base, Resident(AddressOf(list), 16 * PageSize.Base));
    }

    [Fact]
    public void Contradictions_are_refused()
    {
        foreach (ListOptions options in (ListOptions[])
        [
            new() { MaximumCapacity = -1 }, new() { InitialCapacity = -1 }, new() { MaximumCapacity = 1, InitialCapacity = 2 }, new() { HeaderAlignment = 3 },
            new() { ElementAlignment = 48 }, new() { MaximumCapacity = nint.MaxValue }, new() { HeaderSize = nuint.MaxValue }, new() { HeaderSize = (nuint)nint.MaxValue },
        ])
        {
            Assert.ThrowsAny<ArgumentException>(() => new VirtualList<int>(options));
        }

        foreach (ListOptions options in (ListOptions[])[new() { MaximumCapacity = nint.MaxValue / 8 }, new() { ElementAlignment = (nuint)1 << 63 }, new() { HeaderAlignment = (nuint)1 << 63 }])
        {
            Assert.Throws<MemoryPagesException>(() => new VirtualList<int>(options));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Huge_pages_are_asked_for_behind_the_first(bool without)
    {
        TransparentHuge.SkipUnlessAllowed();
        nuint huge = PageSize.TransparentHuge;
        using var list = new VirtualList<byte>(new() { NoHugePages = without, MaximumCapacity = 8 * (nint)huge });
        list.EnsureCapacity(4 * (nint)huge);
        list.Add(1);
        nuint address = AddressOf(list);
        Assert.False(SystemMap.At(address)!.HasFlag("hg"));
        Assert.Equal(!without, SystemMap.At(address + huge)!.HasFlag("hg"));
        list.TrimExcess();
        list.EnsureCapacity(4 * (nint)huge);
        Assert.Equal(!without, SystemMap.At(address + (2 * huge))!.HasFlag("hg"));
    }

    /// <summary>Where the system uses huge pages unasked, "never" must be said.</summary>
    [Fact]
    public void No_huge_pages_are_forbidden_and_not_only_not_asked_for()
    {
        TransparentHuge.SkipUnlessAllowed();
        nint huge = (nint)PageSize.TransparentHuge;
        using var list = new VirtualList<byte>(new() { NoHugePages = true, MaximumCapacity = 8 * huge });
        list.AddRange(new byte[4 * huge]);
        Assert.All(SystemMap.Between(AddressOf(list), AddressOf(list) + (nuint)(8 * huge)), region => Assert.True(region.HasFlag("nh"), region.Line));
        list.Truncate(1);
        list.TrimExcess();
        list.AddRange(new byte[4 * huge]);
        Assert.All(SystemMap.Between(AddressOf(list), AddressOf(list) + (nuint)(8 * huge)), region => Assert.True(region.HasFlag("nh"), region.Line));
        Assert.Equal(0u, SystemMap.Between(AddressOf(list), AddressOf(list) + (nuint)(8 * huge)).Aggregate((nuint)0, (sum, region) => sum + region.Bytes("AnonHugePages")));
    }

    [Theory]
    [InlineData(Advice.DontDump, "dd")]
    [InlineData(Advice.DontFork, "dc")]
    [InlineData(Advice.Random, "rr")]
    [InlineData(Advice.Sequential, "sr")]
    public void Advice_holds_for_all_memory_now_and_later(Advice advice, string flag)
    {
        Needed.Call("madvise");
        using var list = new VirtualList<byte>(new() { Advice = advice, MaximumCapacity = 100 * (nint)PageSize.Base });
        list.Add(1);
        nuint address = AddressOf(list);
        nuint length = 100 * PageSize.Base;
        Assert.All(SystemMap.Between(address, address + length), region => Assert.True(region.HasFlag(flag), region.Line));
        list.EnsureCapacity(60 * (nint)PageSize.Base);
        list.TrimExcess();
        Assert.Equal((nint)PageSize.Base, list.Capacity);
        list.EnsureCapacity(100 * (nint)PageSize.Base);
        Assert.All(SystemMap.Between(address, address + length), region => Assert.True(region.HasFlag(flag), region.Line));
        using var plain = new VirtualList<byte>(new() { MaximumCapacity = 10 });
        plain.Add(1);
        Assert.False(SystemMap.At(AddressOf(plain))!.HasFlag(flag)); // else it proves nothing
    }

    [Fact]
    public void A_part_is_seen_through_a_view_of_it()
    {
        using VirtualList<int> list = Numbers(5);
        using (WriteView part = list.Write(1, 3))
        {
            Assert.Equal([1, 2, 3], part.Elements<int>().ToArray());
            foreach (ref int item in part.Elements<int>())
            {
                item += 10;
            }
        }

        AssertHolds(list, 0, 11, 12, 13, 4);
        using (ReadView rest = list.Read(4, 1))
        {
            Assert.Equal([4], rest.Elements<int>().ToArray());
        }

        using (ReadView none = list.Read(5, 0))
        {
            Assert.Equal(0u, none.Length);
        }

        foreach ((nint index, nint count) in ((nint, nint)[])[(0, 6), (5, 1), (6, 0), (-1, 1), (-1, 5), (3, -1), (1, nint.MaxValue), (nint.MaxValue, nint.MaxValue), (nint.MinValue, 0)])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => { using ReadView view = list.Read(index, count); });
            Assert.Throws<ArgumentOutOfRangeException>(() => { using WriteView view = list.Write(index, count); });
        }

        list.TrimExcess(); // no view stayed open
    }

    [Fact]
    public void Elements_with_references_are_refused_by_the_compiler() =>
        Assert.StartsWith("CS8377", Assert.Single(Snippet.Errors("using var list = new VirtualList<string>();")));

    [Fact]
    public void The_kernel_shows_the_name()
    {
        Assert.SkipUnless(Pages.NamesSupported, "This kernel takes no names.");
        using VirtualList<int> list = Numbers(1, new() { Name = "list-named" });
        Assert.EndsWith("[anon:list-named]", SystemMap.At(AddressOf(list))!.Line);
    }

    [Fact]
    public void A_view_holds_the_memory()
    {
        var list = Numbers(5);
        using (WriteView view = list.Write())
        {
            Assert.Equal(20u, view.Length);
            Assert.Throws<InvalidOperationException>(list.TrimExcess);
            Assert.Throws<InvalidOperationException>(list.ClearAndDecommit);
            list.Add(5);
            view.Elements<int>()[4] = 40;
            AssertHolds(list, 0, 1, 2, 3, 40, 5);
            list.Dispose();
            Assert.Equal(40, view.Elements<int>()[4]);
        }

        Assert.Throws<ObjectDisposedException>(() => { using ReadView view = list.Read(); });
    }

    [Fact]
    public void A_disposed_list_is_empty_and_refuses()
    {
        VirtualList<int> list = Numbers(5);
        nuint address = AddressOf(list);
        list.Dispose();
        list.Dispose();
        Assert.Equal(0u, SystemMap.At(address) is null ? 0 : Writable(address, PageSize.Base));
        Assert.Equal((0, 0), ((int)list.Count, (int)list.Capacity));
        foreach (Action use in (Action[])
        [
            () => list.Add(1), () => list.AddRange([1]), () => list.AddRange(Enumerable.Repeat(1, 1)), () => list.Insert(0, 1), () => list.Reserve(1),
            () => list.ReserveExact(1), () => list.EnsureCapacity(1), () => list.TryReserve(1), () => list.TrimExcess(), () => list.ClearAndDecommit(),
            () => { using ReadView view = list.Read(); }, () => { using WriteView view = list.Write(); }, () => { using WriteView view = list.Header(); }, () => ((System.Buffers.IBufferWriter<int>)list).GetSpan(),
            () => list.Reserve(0), () => list.ReserveExact(0), () => list.TryReserve(0), () => list.TryReserveExact(0), () => list.EnsureCapacity(0), () => list.AddRange([]),
            () => list.AddRange(Enumerable.Empty<int>()), () => list.AddRange(new List<int>()), () => list.AddRange(list), () => list.AddRange(System.Buffers.ReadOnlySequence<int>.Empty),
            () => list.InsertRange(0, []), () => list.AddRange(Enumerable.Range(0, 5).Where(i => i > 9)), () => list.Reserve(nint.MaxValue), () => list.EnsureCapacity(nint.MaxValue),
        ])
        {
            Assert.Throws<ObjectDisposedException>(use);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => list[0]);
        Assert.False(list.TryAddWithinCapacity(1) || list.TryPop(out _) || list.Contains(0));
    }

    [Theory]
    [InlineData("read")]
    [InlineData("write")]
    public void A_reference_into_a_disposed_list_is_a_fault_and_not_others_memory(string access)
    {
        ScenarioResult result = Scenario.Run("ListStaleReference", access);
        Assert.True(result.DiedOfBadAccess, result.ToString());
        Assert.Equal("disposed", result.Output);
    }
}

using MemoryPages.Tests.Effects;
using static MemoryPages.Testing.SystemCallFailure;
using static MemoryPages.Tests.Reserved.VirtualListWitness;

namespace MemoryPages.Tests.Reserved;

/// <summary>Memory for elements: asked for, refused, and given back.</summary>
public sealed class VirtualListCapacityTests
{
    private const string NeedsSeccomp = "Refusing calls takes seccomp on x86-64 Linux.";
    private static readonly nint s_page = (nint)PageSize.Base;

    [Fact]
    public void Capacity_is_whole_pages_and_no_more_than_exactly_needed()
    {
        using var list = new VirtualList<byte>(new() { NoHugePages = true });
        Assert.Equal(0, list.Capacity);
        Assert.Equal(s_page, list.EnsureCapacity(1));
        Assert.Equal(s_page, list.EnsureCapacity(s_page));
        Assert.Equal(s_page, list.EnsureCapacity(0));
        Assert.Equal(2 * s_page, list.EnsureCapacity(s_page + 1));
        list.ReserveExact((2 * s_page) + 1);
        Assert.Equal(3 * s_page, list.Capacity);
        list.Reserve((3 * s_page) + 1);
        Assert.Equal(6 * s_page, list.Capacity);
        list.Add(1);
        list.ReserveExact(6 * s_page); // beside the one
        Assert.Equal(7 * s_page, list.Capacity);
        Assert.Equal(CapacityError.None, list.TryReserveExact((8 * s_page) - 1));
        Assert.Equal(8 * s_page, list.Capacity);
        Assert.Equal(CapacityError.None, list.TryReserve(8 * s_page));
        Assert.Equal(16 * s_page, list.Capacity);
        Assert.Equal((nuint)(16 * s_page), Writable(AddressOf(list), (nuint)(20 * s_page)));
        AssertHolds<byte>(list, [1]);
    }

    /// <summary>Lists that grow commit whole huge pages; one that was told its length takes the pages that it needs.</summary>
    [Fact]
    public void Exactly_is_exactly_also_where_huge_pages_are_wished()
    {
        nint needed = (3 * Math.Max((nint)PageSize.TransparentHuge, s_page)) + (5 * s_page);
        using var list = new VirtualList<byte>();
        list.ReserveExact(needed);
        Assert.Equal(needed, list.Capacity);
        list.Add(1);
        Assert.Equal((nuint)needed, Charged(AddressOf(list), (nuint)(4 * needed)));
        list.Clear();
        Assert.Equal(CapacityError.None, list.TryReserveExact(needed + 1));
        Assert.Equal(needed + s_page, list.Capacity);
        using var presized = new VirtualList<byte>(new() { InitialCapacity = needed });
        Assert.Equal(needed, presized.Capacity);
        list.Reserve(needed + s_page + 1);
        Assert.True(PageSize.TransparentHuge == 0 || (nuint)list.Capacity % PageSize.TransparentHuge == 0, $"{list.Capacity}");
    }

    [Fact]
    public void More_than_the_maximum_is_an_overflow_and_changes_nothing()
    {
        using VirtualList<int> list = Numbers(10, new() { MaximumCapacity = 20 });
        foreach (nint more in (nint[])[11, nint.MaxValue])
        {
            Assert.Equal((CapacityError.Overflow, CapacityError.Overflow), (list.TryReserve(more), list.TryReserveExact(more)));
            Assert.Throws<InvalidOperationException>(() => list.Reserve(more));
            Assert.Throws<InvalidOperationException>(() => list.ReserveExact(more));
            Assert.Throws<InvalidOperationException>(() => list.EnsureCapacity(Math.Max(more, 21)));
        }

        Assert.Equal((CapacityError.None, CapacityError.None), (list.TryReserve(10), list.TryReserveExact(10)));
        Assert.Equal(20, list.EnsureCapacity(20));
        AssertHolds(list, Enumerable.Range(0, 10));
        string message = Assert.Throws<InvalidOperationException>(() => list.Reserve(11)).Message;
        Assert.Contains("11 elements", message);
        Assert.Contains("maximum capacity is 20", message);
        Assert.Contains("ListOptions.MaximumCapacity", message);
    }

    [Fact]
    public void Negative_numbers_are_refused()
    {
        using var list = new VirtualList<int>();
        foreach (nint number in (nint[])[-1, nint.MinValue])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => list.Reserve(number));
            Assert.Throws<ArgumentOutOfRangeException>(() => list.ReserveExact(number));
            Assert.Throws<ArgumentOutOfRangeException>(() => list.TryReserve(number));
            Assert.Throws<ArgumentOutOfRangeException>(() => list.TryReserveExact(number));
            Assert.Throws<ArgumentOutOfRangeException>(() => list.EnsureCapacity(number));
        }
    }

    [Fact]
    public void Refused_memory_is_told_and_the_contents_stay()
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        nint wanted = 4951 * s_page;     // no call of the runtime has such a length…
        byte[] more = new byte[wanted]; // …but this one, which is made before
        using var list = new VirtualList<byte>(new() { NoHugePages = true });
        list.AddRange(Enumerable.Repeat((byte)7, (int)s_page).ToArray());
        During(
            () =>
            {
                Assert.Equal((CapacityError.System, CapacityError.System), (list.TryReserve(wanted), list.TryReserveExact(wanted)));
                foreach (Action use in (Action[])
                    [() => list.Reserve(wanted), () => list.ReserveExact(wanted), () => list.EnsureCapacity(s_page + wanted), () => list.AddRange(more)])
                {
                    MemoryPagesException told = Assert.Throws<MemoryPagesException>(use);
                    Assert.Equal(("mprotect", ENOMEM, ErrorReason.OutOfMemory), (told.NativeCall, told.ErrorCode, told.Reason));
                }

                Assert.Equal(s_page, list.Capacity);
            },
            new FailingCall(Mprotect, ENOMEM, (nuint)wanted));
        AssertHolds(list, Enumerable.Repeat((byte)7, (int)s_page));
        list.Reserve(wanted);
        Assert.Equal(s_page + wanted, list.Capacity);
    }

    [Fact]
    public void Where_growing_ahead_is_refused_what_is_needed_is_had()
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        nint ahead = 4951 * s_page;
        using var list = new VirtualList<byte>(new() { NoHugePages = true, Growth = GrowthStrategy.Linear(ahead), InitialCapacity = s_page });
        list.AddRange(new byte[s_page]);
        During(() => list.Add(9), new FailingCall(Mprotect, ENOMEM, (nuint)ahead));
        Assert.Equal((s_page + 1, 2 * s_page), (list.Count, list.Capacity));
        Assert.Equal(9, list[s_page]);
    }

    [Fact]
    public void Elements_that_are_refused_also_exactly_are_not_added()
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        nint ahead = 4951 * s_page;
        byte[] more = new byte[977 * s_page];
        using var list = new VirtualList<byte>(new() { NoHugePages = true, Growth = GrowthStrategy.Linear(ahead), InitialCapacity = s_page });
        list.Add(1);
        During(
            () =>
            {
                Assert.Throws<MemoryPagesException>(() => list.AddRange(more));
                Assert.Throws<MemoryPagesException>(() => list.InsertRange(0, more));
            },
            new FailingCall(Mprotect, ENOMEM, (nuint)ahead),
            new FailingCall(Mprotect, ENOMEM, (nuint)more.Length));
        Assert.Equal((1, s_page), (list.Count, list.Capacity));
        AssertHolds<byte>(list, [1]);
        list.AddRange(more);
        Assert.Equal(more.Length + 1, list.Count);
    }

    /// <summary>The source has no count: the list grows in its middle, and there is refused.</summary>
    [Fact]
    public void Memory_that_is_refused_in_the_middle_leaves_the_contents_as_before()
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        const int Ahead = 381;
        nuint item = (nuint)System.Runtime.CompilerServices.Unsafe.SizeOf<ThirteenPages>();
        using var list = new VirtualList<ThirteenPages>(new() { NoHugePages = true, Growth = GrowthStrategy.Linear(Ahead) });
        list.EnsureCapacity(1);
        ThirteenPages first = default;
        first[0] = 7;
        list.Add(first);
        int seen = 0;
        During(
            () => Assert.Throws<MemoryPagesException>(() => list.AddRange(Enumerable.Range(0, 1000).Where(_ => ++seen != 0).Select(_ => first))),
            new FailingCall(Mprotect, ENOMEM, Ahead * item),
            new FailingCall(Mprotect, ENOMEM, item));
        Assert.Equal(Ahead, seen);
        Assert.Equal((1, (nint)1, 7), (list.Count(), list.Count, list[0][0]));
        list.AddRange(Enumerable.Repeat(first, 1000));
        Assert.Equal(1001, list.Count);
    }

    [Theory]
    [InlineData(ENOMEM)]
    [InlineData(EPERM)]
    public void Memory_that_cannot_be_given_back_is_told_and_nothing_has_changed(int error)
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        nint length = 4951 * s_page;
        byte[] items = [.. Enumerable.Range(0, (int)s_page).Select(i => (byte)(i | 1))];
        using var list = new VirtualList<byte>(new() { NoHugePages = true, InitialCapacity = s_page + length });
        list.AddRange(items);
        During(
            () =>
            {
                MemoryPagesException told = Assert.Throws<MemoryPagesException>(list.TrimExcess);
                Assert.Equal(("TrimExcess", "mmap", error), (told.Operation, told.NativeCall, told.ErrorCode));
            },
            new FailingCall(Mmap, error, (nuint)length));
        During(
            () =>
            {
                MemoryPagesException told = Assert.Throws<MemoryPagesException>(list.ClearAndDecommit);
                Assert.Equal(("ClearAndDecommit", "madvise", error), (told.Operation, told.NativeCall, told.ErrorCode));
            },
            new FailingCall(Madvise, error, (nuint)(s_page + length)));
        Assert.Equal(s_page + length, list.Capacity);
        Assert.Equal((nuint)list.Capacity, Charged(AddressOf(list), (nuint)(2 * length)));
        AssertHolds(list, items);
        list.TrimExcess();
        Assert.Equal(s_page, list.Capacity);
        list.ClearAndDecommit();
        Assert.Empty(list);
    }

    /// <summary>The wish for huge pages splits the mapping, and the kernel checks its limits part by part.</summary>
    [Fact]
    public void Memory_that_is_granted_by_half_is_given_back()
    {
        TransparentHuge.SkipUnlessAllowed();
        ScenarioResult result = Scenario.Run("ListCommitStopsHalfWay");
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Fact]
    public void Clearing_and_decommitting_gives_memory_back_and_keeps_capacity()
    {
        using var list = new VirtualList<byte>(new() { NoHugePages = true });
        list.AddRange(Enumerable.Repeat((byte)7, 100 * (int)s_page).ToArray());
        nuint address = AddressOf(list);
        nint capacity = list.Capacity;
        Assert.Equal((nuint)(100 * s_page), Resident(address, (nuint)(100 * s_page)));
        list.ClearAndDecommit();
        Assert.Empty(list);
        Assert.Equal(capacity, list.Capacity);
        Assert.Equal(0u, Resident(address, (nuint)capacity));
        Assert.Equal((nuint)capacity, Writable(address, (nuint)capacity));
        list.AddRange([1, 2]);
        AssertHolds<byte>(list, [1, 2]);
        Assert.Equal(address, AddressOf(list));
        Assert.Equal(PageSize.Base, Resident(address, (nuint)capacity));
    }

    [Fact]
    public void Trimming_gives_memory_and_its_charge_back_and_keeps_the_elements()
    {
        const nint Bytes = 256 << 20;
        using var list = new VirtualList<byte>(new() { NoHugePages = true });
        list.AddRange(Enumerable.Range(0, (int)s_page + 1).Select(i => (byte)i).ToArray());
        list.EnsureCapacity(Bytes);
        nuint address = AddressOf(list);
        long before = SystemMap.Machine("Committed_AS");
        list.TrimExcess();
        Assert.InRange(before - SystemMap.Machine("Committed_AS"), Bytes / 2, Bytes * 3L / 2);
        Assert.Equal(2 * s_page, list.Capacity);
        Assert.Equal((nuint)(2 * s_page), Writable(address, (nuint)Bytes));
        AssertHolds(list, Enumerable.Range(0, (int)s_page + 1).Select(i => (byte)i));
        list.TrimExcess();
        Assert.Equal(2 * s_page, list.Capacity);
        list.Clear();
        list.TrimExcess();
        Assert.Equal((0, 0u), ((int)list.Capacity, Writable(address, (nuint)Bytes)));
        list.Add(5);
        AssertHolds<byte>(list, [5]);
        Assert.Equal(address, AddressOf(list));
    }

    [Fact]
    public void Elements_behind_what_an_int_counts()
    {
        nint far = unchecked((nint)2147483653);
        using var list = new VirtualList<byte>(new() { MaximumCapacity = far + 10, NoHugePages = true });
        Assert.SkipUnless(list.TryReserveExact(far + 1) == CapacityError.None, "The system promises no 2 GiB.");
        System.Buffers.IBufferWriter<byte> writer = list;
        writer.Advance(int.MaxValue);
        writer.Advance(7);
        Assert.Equal(far + 1, list.Count);
        ref byte there = ref list[far];
        there = 8;
        list.Add(9);
        Assert.Equal((8, 9), (list[far], list.Pop()));
        Assert.Throws<ArgumentOutOfRangeException>(() => list[far + 1]);
        Assert.Throws<OverflowException>(() => { _ = ((ICollection<byte>)list).Count; });
        Assert.Equal(far + 1, list.ToSequence().Length);
        Assert.Equal(8, list.RemoveAt(far));
        Assert.True(Resident(AddressOf(list), (nuint)far / PageSize.Base * PageSize.Base) <= PageSize.Base);
    }
}

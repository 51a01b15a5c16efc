#pragma warning disable MP1001 // spent objects are used on purpose: what the run time says of them is tested
#pragma warning disable MP1005 // owners end and change under views on purpose: what the run time does then is tested

using MemoryPages.Unsafe;
using static MemoryPages.Tests.Virtual.VirtualBufferWitness;

namespace MemoryPages.Tests.Virtual;

public sealed class VirtualBufferViewTests
{
    [Fact]
    public void Views_are_over_committed_bytes_only()
    {
        using VirtualBuffer buffer = VirtualBuffer.Reserve(8 * Page);
        Assert.False(CanRead(buffer, new PageRange(0, 1)));
        buffer.Commit(Pages(1, 2));
        buffer.Commit(Pages(4));
        Assert.True(CanRead(buffer, Pages(1, 2)));
        Assert.True(CanWrite(buffer, new PageRange(Page, 1)));
        Assert.False(CanRead(buffer, new PageRange(Page - 1, 2)));
        Assert.False(CanWrite(buffer, new PageRange((3 * Page) - 1, 2)));
        Assert.False(CanRead(buffer, Pages(1, 4)));
        Assert.Contains("not all committed", Assert.Throws<InvalidOperationException>(() => { using ReadView view = buffer.Read(Pages(3)); }).Message);
        Assert.Equal(0, buffer.LeaseCount);
    }

    [Fact]
    public void One_view_spans_what_was_committed_in_two_steps()
    {
        using VirtualBuffer buffer = VirtualBuffer.Reserve(4 * Page);
        buffer.Commit(Pages(1));
        Fill(buffer, Pages(1), 1);
        buffer.Commit(Pages(2));
        using WriteView view = buffer.Write(new PageRange(Page + 3, (2 * Page) - 3));
        Assert.Equal((2 * Page) - 3, view.Length);
        Assert.Equal([1, 0], view.Slice(Page - 4, 2).ToArray());
        view.Span.Fill(7);
        AssertHolds(buffer, new PageRange(Page, 3), 1);
        AssertHolds(buffer, new PageRange(Page + 3, (2 * Page) - 3), 7);
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(5, 0)]
    [InlineData(0, 5)]
    [InlineData(1, -1)]
    public void Ranges_beyond_the_buffer_are_refused_by_every_member(int page, int pages)
    {
        using VirtualBuffer buffer = Committed(4);
        var range = new PageRange((nuint)page * Page, pages < 0 ? nuint.MaxValue : (nuint)pages * Page);
        Assert.All(Members(range), member => Assert.Throws<ArgumentOutOfRangeException>(() => member(buffer)));
        Assert.Equal(0, buffer.LeaseCount);
        Assert.True(CanWrite(buffer, Pages(0, 4)));
    }

    [Fact]
    public void While_a_view_is_open_memory_can_be_added_and_not_taken_away()
    {
        using VirtualBuffer buffer = VirtualBuffer.Reserve(8 * Page);
        buffer.Commit(Pages(0, 4));
        Fill(buffer, Pages(0, 4), 6);
        buffer.InstallGuard(Pages(3));
        using (ReadView view = buffer.Read(Pages(0)))
        {
            Assert.Equal(1, buffer.LeaseCount);
            Action[] taking =
            [
                () => buffer.Decommit(Pages(1)), () => buffer.Discard(Pages(1)), () => buffer.Protect<ReadOnly>(Pages(1)),
                () => buffer.InstallGuard(Pages(1)), () => buffer.RemoveGuard(Pages(3)),
            ];
            Assert.All(taking, take => Assert.Contains("1 lease", Assert.Throws<InvalidOperationException>(take).Message));
            buffer.Commit(Pages(5, 2));
            Fill(buffer, Pages(5, 2), 5);
            buffer.Prefault(Pages(6));
            Assert.Equal(-1, view.Span.IndexOfAnyExcept((byte)6));
        }

        AssertHolds(buffer, Pages(0, 3), 6);
        Assert.Equal(["rw-", "rw-", "rw-"], Access(buffer)[..3]);
        buffer.Decommit(Pages(1));
        Assert.Equal("---", Access(buffer)[1]);
    }

    [Fact]
    public void Views_must_fit_the_protection_of_each_part()
    {
        using VirtualBuffer buffer = Committed(6);
        Fill(buffer, Pages(0, 6), 8);
        buffer.Protect<ReadOnly>(new PageRange((2 * Page) - 1, 2));
        buffer.Protect<NoAccess>(Pages(4));
        Assert.Equal(["rw-", "r--", "r--", "rw-", "---", "rw-"], Access(buffer));
        AssertHolds(buffer, Pages(0, 4), 8);
        Assert.False(CanWrite(buffer, Pages(1)) || CanWrite(buffer, new PageRange(0, Page + 1)) || CanRead(buffer, Pages(3, 2)));
        Assert.True(CanWrite(buffer, Pages(0)) && CanWrite(buffer, Pages(3)));
        Assert.Equal(6 * Page, buffer.CommittedBytes);
        buffer.Protect<ReadWrite>(Pages(0, 6));
        AssertHolds(buffer, Pages(0, 6), 8);
        Fill(buffer, Pages(0, 6), 9);
        Assert.Throws<InvalidOperationException>(() =>
        {
            buffer.Decommit(Pages(2));
            buffer.Protect<ReadOnly>(Pages(1, 2));
        });
        Assert.Equal("rw-", Access(buffer)[1]);
    }

    [Fact]
    public void Prefault_makes_pages_present_and_only_committed_ones()
    {
        using VirtualBuffer buffer = VirtualBuffer.Reserve(8 * Page);
        buffer.Commit(Pages(1, 5));
        buffer.Protect<ReadOnly>(Pages(4));
        Assert.DoesNotContain(true, Present(buffer));
        buffer.Prefault((2 * Page) + 1, 2 * Page);
        Assert.Equal([false, false, true, true, true, false, false, false], Present(buffer));
        Assert.Throws<InvalidOperationException>(() => buffer.Prefault(Pages(5, 2)));
        Assert.False(Present(buffer)[5]);
        Assert.Equal(0, buffer.LeaseCount);
    }

    [Fact]
    public void Locks_hold_committed_pages_until_they_are_ended()
    {
        using VirtualBuffer buffer = VirtualBuffer.Reserve(8 * Page);
        buffer.Commit(Pages(1, 5));
        long before = SystemMap.Status("VmLck");
        Assert.Throws<InvalidOperationException>(() => buffer.Lock(Pages(0, 2)));
        buffer.Lock(new PageRange((3 * Page) - 1, 2));
        Assert.Equal(before + (2 * (long)Page), SystemMap.Status("VmLck"));
        Assert.Equal([false, false, true, true, false, false, false, false], Present(buffer));
        Assert.Equal(2 * Page, buffer.CountResidentBytes());
        buffer.Unlock(Pages(2));
        Assert.Equal(before + (long)Page, SystemMap.Status("VmLck"));
        buffer.Unlock();
        Assert.Equal(before, SystemMap.Status("VmLck"));
    }

    [Fact]
    public void Advice_reaches_the_kernel_for_the_part()
    {
        Needed.Call("madvise");
        using VirtualBuffer buffer = Committed(5);
        buffer.Advise(Advice.DontFork, new PageRange((2 * Page) - 1, 2));
        Assert.Equal([false, true, true, false, false], Enumerable.Range(0, 5).Select(i => SystemMap.At(Address(buffer) + ((nuint)i * Page))!.HasFlag("dc")));
        buffer.Advise(Advice.DoFork);
        Assert.DoesNotContain(Regions(buffer), region => region.HasFlag("dc"));
    }

    [Fact]
    public void Residency_is_counted_in_whole_pages_of_the_part()
    {
        using VirtualBuffer buffer = VirtualBuffer.Reserve((nuint)1 << 40);
        buffer.Commit(Pages(1, 100));
        Fill(buffer, Pages(3), 1);
        Fill(buffer, Pages(7, 2), 1);
        Assert.Equal(3 * Page, buffer.CountResidentBytes());
        Assert.Equal(2 * Page, buffer.CountResidentBytes(new PageRange((4 * Page) - 1, (3 * Page) + 2)));
        Assert.Equal((nuint)0, buffer.CountResidentBytes(Pages(200, 5)));
    }

    [Fact]
    public void Dispose_waits_for_the_last_view()
    {
        VirtualBuffer buffer = Committed(3);
        nuint address = Address(buffer);
        using (WriteView view = buffer.Write(Pages(0, 3)))
        {
            buffer.Dispose();
            buffer.Dispose();
            Assert.Throws<ObjectDisposedException>(() => buffer.Commit(Pages(0)));
            view.Span.Fill(1);
            Assert.Equal("rw-p", SystemMap.At(address)!.Access);
        }

        Assert.Null(SystemMap.At(address));
        buffer.Dispose();
    }

    [Fact]
    public void A_disposed_buffer_is_of_no_use()
    {
        VirtualBuffer buffer = Committed(3);
        buffer.Dispose();
        Assert.All(Members(Pages(0)), member => Assert.Throws<ObjectDisposedException>(() => member(buffer)));
        Assert.Equal(3 * Page, buffer.Length);
    }

    private static Action<VirtualBuffer>[] Members(PageRange range) =>
    [
        buffer => buffer.Commit(range), buffer => buffer.Commit(range.Offset, range.Length), buffer => buffer.TryCommit(range),
        buffer => buffer.Decommit(range), buffer => buffer.Decommit(range.Offset, range.Length), buffer => buffer.Discard(range),
        buffer => { using ReadView view = buffer.Read(range); }, buffer => { using WriteView view = buffer.Write(range); },
        buffer => buffer.Protect<ReadOnly>(range), buffer => buffer.InstallGuard(range), buffer => buffer.RemoveGuard(range),
        buffer => buffer.Prefault(range), buffer => buffer.Prefault(range.Offset, range.Length), buffer => buffer.Lock(range),
        buffer => buffer.Unlock(range), buffer => buffer.Advise(Advice.Normal, range), buffer => buffer.CountResidentBytes(range),
    ];
}

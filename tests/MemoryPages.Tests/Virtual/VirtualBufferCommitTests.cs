using static MemoryPages.Tests.Virtual.VirtualBufferWitness;

namespace MemoryPages.Tests.Virtual;

public sealed class VirtualBufferCommitTests
{
    private const long Much = 512L << 20;

    [Fact]
    public void Committed_pages_are_those_that_hold_a_byte_of_the_range()
    {
        using VirtualBuffer buffer = VirtualBuffer.Reserve(8 * Page);
        buffer.Commit(Page + 1, Page);
        Assert.Equal(["---", "rw-", "rw-", "---", "---", "---", "---", "---"], Access(buffer));
        Assert.Equal(2 * Page, buffer.CommittedBytes);
        buffer.Commit((6 * Page) - 1, 2);
        Assert.Equal(["---", "rw-", "rw-", "---", "---", "rw-", "rw-", "---"], Access(buffer));
        buffer.Commit((3 * Page) + 1, 0);
        Assert.Equal(4 * Page, buffer.CommittedBytes);
        Assert.DoesNotContain(true, Present(buffer));
        AssertHolds(buffer, Pages(1, 2), 0);
        AssertHolds(buffer, Pages(5, 2), 0);
    }

    [Fact]
    public void What_is_committed_keeps_content_and_protection_when_it_is_committed_again()
    {
        using VirtualBuffer buffer = VirtualBuffer.Reserve(5 * Page);
        buffer.Commit(Pages(1));
        buffer.Commit(Pages(3));
        Fill(buffer, Pages(1), 1);
        Fill(buffer, Pages(3), 3);
        buffer.Protect<ReadOnly>(Pages(3));
        Assert.True(buffer.TryCommit(Pages(0, 5)));
        buffer.Commit(Pages(0, 5));
        Assert.Equal(["rw-", "rw-", "rw-", "r--", "rw-"], Access(buffer));
        Assert.Equal(5 * Page, buffer.CommittedBytes);
        byte[] expected = [0, 1, 0, 3, 0];
        for (int i = 0; i < 5; i++)
        {
            AssertHolds(buffer, Pages(i), expected[i]);
        }
    }

    [Fact]
    public void Decommitted_pages_lie_in_the_range_whole_and_their_neighbours_keep_their_content()
    {
        using VirtualBuffer buffer = Committed(6);
        Fill(buffer, Pages(0, 6), 9);
        ReleaseFacts facts = buffer.Decommit(Page + 1, (3 * Page) - 1);
        Assert.Equal(new ReleaseFacts(Pages(2, 2), ReadsZero: true, ChargeReleased: true, NeedsRecommit: true), facts);
        Assert.Equal(["rw-", "rw-", "---", "---", "rw-", "rw-"], Access(buffer));
        Assert.Equal([true, true, false, false, true, true], Present(buffer));
        Assert.False(IsCharged(buffer, 2));
        Assert.True(IsCharged(buffer, 1));
        AssertHolds(buffer, Pages(0, 2), 9);
        AssertHolds(buffer, Pages(4, 2), 9);
        Assert.Equal(4 * Page, buffer.CommittedBytes);
        buffer.Decommit(Page + 1, (3 * Page) - 1); // not committed any more
        buffer.Commit(Pages(0, 6));
        AssertHolds(buffer, Pages(2, 2), 0);
        AssertHolds(buffer, Pages(4, 2), 9);
    }

    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(1, 0, -1)]
    [InlineData(1, 1, -1)]
    public void A_range_without_a_whole_page_decommits_nothing(int pages, int more, int shorter)
    {
        using VirtualBuffer buffer = Committed(4);
        Fill(buffer, Pages(0, 4), 9);
        nuint offset = (nuint)((pages * (nint)Page) + more);
        Assert.Equal(default, buffer.Decommit(offset, (nuint)((nint)Page + shorter)).Range);
        Assert.Equal(default, buffer.Discard(new PageRange(offset, (nuint)((nint)Page + shorter))).Range);
        Assert.Equal(4 * Page, buffer.CommittedBytes);
        AssertHolds(buffer, Pages(0, 4), 9);
    }

    [Fact]
    public void Decommit_is_legal_where_nothing_is_committed_and_over_a_mixture()
    {
        using VirtualBuffer buffer = VirtualBuffer.Reserve(1024 * Page);
        int mappings = Regions(buffer).Count;
        buffer.Decommit(0, buffer.Length);
        foreach (int page in (int[])[1, 5, 6, 900])
        {
            buffer.Commit(Pages(page));
            Fill(buffer, Pages(page), 1);
        }

        buffer.Decommit(0, buffer.Length);
        Assert.Equal((nuint)0, buffer.CommittedBytes);
        Assert.Equal((nuint)0, Rss(buffer));
        Assert.Equal(mappings, Regions(buffer).Count);
        Assert.DoesNotContain("rw-", Access(buffer));
    }

    [Fact]
    public void Locked_memory_is_decommitted_and_no_longer_locked()
    {
        using VirtualBuffer buffer = Committed(4);
        long before = SystemMap.Status("VmLck");
        buffer.Lock(Pages(0, 4));
        buffer.Decommit(Pages(1, 2));
        Assert.Equal(before + (2 * (long)Page), SystemMap.Status("VmLck"));
        Assert.Equal([true, false, false, true], Present(buffer));
        buffer.Commit(Pages(1, 2));
        AssertHolds(buffer, Pages(1, 2), 0);
    }

    [Fact]
    public void Committing_takes_what_the_system_can_promise_and_decommitting_gives_it_back()
    {
        using VirtualBuffer buffer = VirtualBuffer.Reserve((nuint)1 << 40);
        var range = new PageRange((nuint)1 << 30, (nuint)Much);
        Action commit = () => buffer.Commit(range);
        Action decommit = () => buffer.Decommit(range);
        Action touch = () =>
        {
            commit();
            Fill(buffer, new PageRange(range.Offset, 1 << 20), 1);
        };
        AssertCharge(Much, Much / 8, () => { }, commit, decommit);
        AssertCharge(-Much, Much / 8, touch, decommit, () => { });
        AssertCharge(0, Much / 8, touch, () => buffer.Discard(range), decommit);
        AssertCharge(0, Much / 8, commit, commit, decommit);
    }

    [Fact]
    public void Discarded_pages_read_zero_and_stay_committed_and_the_rest_is_skipped()
    {
        using VirtualBuffer buffer = Committed(8);
        Fill(buffer, Pages(0, 8), 9);
        buffer.Decommit(Pages(3, 2));
        buffer.Protect<ReadOnly>(Pages(6));
        ReleaseFacts facts = buffer.Discard(PageRange.FromBounds(Page + 1, 7 * Page));
        Assert.Equal(new ReleaseFacts(Pages(2, 5), ReadsZero: true, ChargeReleased: false, NeedsRecommit: false), facts);
        Assert.Equal([true, true, false, false, false, false, false, true], Present(buffer));
        Assert.Equal(["rw-", "rw-", "rw-", "---", "---", "rw-", "r--", "rw-"], Access(buffer));
        Assert.Equal(6 * Page, buffer.CommittedBytes);
        Assert.Equal(3 * Page, buffer.CountResidentBytes());
        AssertHolds(buffer, Pages(0, 2), 9);
        AssertHolds(buffer, Pages(2), 0);
        AssertHolds(buffer, Pages(5, 2), 0);
        AssertHolds(buffer, Pages(7), 9);
    }
}

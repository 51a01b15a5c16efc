using System.Diagnostics;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Effects;

/// <summary>Where pages are, and what moving them did. Where there is one node, all are there; the guest of eng/guest has two.</summary>
public sealed unsafe class NumaMovingTests
{
    private const int Count = 600; // more than the kernel is told of at a time

    private static readonly byte[] s_pattern = Pattern.Bytes(Count * PageSize.Base);

    public NumaMovingTests()
    {
        Needed.File("/proc/self/numa_maps");
        NumaMachine.SkipUnlessThere();
    }

    private static nuint Page => PageSize.Base;

    [Fact]
    public void Pages_that_are_on_the_node_stay_and_those_that_are_not_there_are_told_apart()
    {
        int node = NumaMachine.MemoryNodes[0];
        using Island island = OnNode(node, touched: Count / 2);
        int[] nodes = new int[Count];
        Assert.Equal(Count / 2u, island.Pages.CopyNumaNodes(nodes));
        Assert.Equal([.. Enumerable.Repeat(node, Count / 2), .. Enumerable.Repeat(-1, Count / 2)], nodes);
        Assert.Equal(Count / 2 * Page, island.Pages.CountBytesOnNode(node));
        Assert.Equal(2 * Page, island.Pages.CountBytesOnNode(node, new PageRange(Page - 1, 2))); // rounded outward

        var outcomes = new NumaMove[Count];
        NumaMoves moves = island.Pages.MoveToNode(node, outcomes: outcomes);

        Assert.Equal(new NumaMoves(0, Count / 2 * Page, Count / 2 * Page, 0, 0, 0, 0), moves);
        Assert.Equal(0u, moves.Remaining);
        Assert.Equal([.. Enumerable.Repeat(NumaMove.WasThere, Count / 2), .. Enumerable.Repeat(NumaMove.Absent, Count / 2)], outcomes);
    }

    [Fact]
    public void Pages_move_with_their_content_and_back()
    {
        (int first, int second) = NumaMachine.Two();
        using Island island = OnNode(first);
        var there = new PageRange(100 * Page, 400 * Page);
        using ReadView open = island.Pages.Read(); // moving asks for no lease to end
        Assert.Equal(new NumaMoves(Moved: 400 * Page, 0, 0, 0, 0, 0, 0), island.Pages.MoveToNode(second, there));
        Assert.Equal(400, NumaMachine.MapOf(island.Address).Pages[second]);
        Assert.Equal(Count - 400, NumaMachine.MapOf(island.Address).Pages[first]);
        Pattern.AssertKept(island.Pages);

        NumaMoves back = island.Pages.MoveToNode(first);
        Assert.Equal((400 * Page, (Count - 400) * Page), (back.Moved, back.WasThere));
        Assert.False(NumaMachine.MapOf(island.Address).Pages.ContainsKey(second));
        Pattern.AssertKept(island.Pages);
    }

    [Fact]
    public void Each_page_can_go_to_a_node_of_its_own()
    {
        (int first, int second) = NumaMachine.Two();
        using Island island = OnNode(first);
        int[] wished = [.. Enumerable.Range(0, Count).Select(i => i % 3 == 0 ? second : first)];
        NumaMoves moves = island.Pages.MoveToNodes(wished);
        Assert.Equal((nuint)wished.Count(node => node == second) * Page, moves.Moved);
        int[] nodes = new int[Count];
        island.Pages.CopyNumaNodes(nodes);
        Assert.Equal(wished, nodes);
        Pattern.AssertKept(island.Pages);
    }

    /// <summary>Of a huge page's second part the kernel says that it is busy, since the first is on its way.</summary>
    [Fact]
    public void Transparent_huge_pages_move_whole()
    {
        (int first, int second) = NumaMachine.Two();
        TransparentHuge.SkipUnlessAllowed();
        nuint huge = PageSize.TransparentHuge;
        using Pages<ReadWrite> pages = Pages.Allocate(
            2 * huge, new() { HugePages = HugePages.Transparent, NumaPolicy = NumaPolicy.Bind(first), Populate = true });
        nuint address = (nuint)pages.DangerousPointer();
        Assert.SkipUnless(SystemMap.At(address)!.Bytes("AnonHugePages") == 2 * huge, "The system had no huge pages to give.");
        Assert.Equal(new NumaMoves(Moved: 2 * huge, 0, 0, 0, 0, 0, 0), pages.MoveToNode(second));
        Assert.Equal(2 * huge, pages.CountBytesOnNode(second));
    }

    [Fact]
    public void Explicit_huge_pages_move_as_one_page_each()
    {
        (int first, int second) = NumaMachine.Two();
        using var pool = new HugePagePool(8);
        Assert.SkipUnless(MemoryPages.HugePagePool.Counters(0, first).Available > 1 && MemoryPages.HugePagePool.Counters(0, second).Available > 1,
            "The pool has pages of one node only.");
        using Pages<ReadWrite> pages = Pages.Allocate(
            2 * HugePagePool.Size, new() { HugePages = HugePages.Explicit(), NumaPolicy = NumaPolicy.Bind(first) });
        pages.Write(0, 0x1234);
        var outcomes = new NumaMove[1];
        Assert.Equal(HugePagePool.Size, pages.MoveToNode(second, new PageRange(0, 1), outcomes: outcomes).Moved);
        Assert.Equal([NumaMove.Moved], outcomes);
        Assert.Equal((HugePagePool.Size, HugePagePool.Size), (pages.CountBytesOnNode(first), pages.CountBytesOnNode(second)));
        Assert.Equal(0x1234, pages.Read<int>(0));
    }

    /// <summary>The kernel stops at a page that is held, and says nothing of those around it: they have moved, or are moved one by one.</summary>
    [Fact]
    public void Pages_that_a_device_could_be_using_stay_and_the_others_move()
    {
        (int first, int second) = NumaMachine.Two();
        using Island island = OnNode(first);
        var held = new PageRange(300 * Page, 3 * Page);
        var outcomes = new NumaMove[Count];
        using (var ring = new RegisteredBuffer(island.Address + held.Offset, held.Length))
        {
            // Pinning may itself have moved them out of memory that must stay movable, not to another node.
            NumaMoves moves = island.Pages.MoveToNode(second, outcomes: outcomes);
            Assert.Equal(new NumaMoves(Moved: (Count - 3) * Page, 0, 0, 0, Busy: 3 * Page, 0, 0), moves);
            Assert.Equal(3 * Page, moves.Remaining);
            Assert.All(Enumerable.Range(0, Count), i => Assert.Equal(i is >= 300 and < 303 ? NumaMove.Busy : NumaMove.Moved, outcomes[i]));
            Assert.Equal(3 * Page, island.Pages.CountBytesOnNode(first));
        }

        Pattern.AssertKept(island.Pages);
    }

    [Fact]
    public void Pages_that_another_process_has_too_move_only_where_that_is_wished()
    {
        (int first, int second) = NumaMachine.Two();
        string path = Path.Combine("/dev/shm", $"memorypages-numa-{Environment.ProcessId}");
        try
        {
            using (FileStream file = File.Create(path))
            {
                file.SetLength(8 * (long)Page); // of nothing: no page is there before the policy is
            }

            using Pages<ReadWrite> pages = Pages.MapShared(path);
            pages.SetNumaPolicy(NumaPolicy.Bind(first));
            Pattern.Fill(pages);
            Assert.Equal(pages.Length, pages.CountBytesOnNode(first));
            using Process other = Scenario.Start("HoldPagesOfFile", path);
            Assert.Equal("holding", other.StandardOutput.ReadLine());

            var outcomes = new NumaMove[8];
            Assert.Equal(pages.Length, pages.MoveToNode(second, outcomes: outcomes).Shared);
            Assert.All(outcomes, outcome => Assert.Equal(NumaMove.Shared, outcome));
            Assert.SkipUnless(Kernel.IsRoot, "Moving what others have takes CAP_SYS_NICE.");
            Assert.Equal(pages.Length, pages.MoveToNode(second, includeShared: true).Moved);

            other.StandardInput.Close();
            other.WaitForExit();
            Pattern.AssertKept(pages);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Moving_what_others_have_takes_a_privilege_that_the_error_names()
    {
        using Island island = OnNode(NumaMachine.MemoryNodes[0]);
        Capability.Without(Capability.SysNice, () =>
        {
            var refused = Assert.Throws<MemoryPagesException>(() => island.Pages.MoveToNode(NumaMachine.MemoryNodes[0], includeShared: true));
            Assert.Equal(("move_pages", ErrorReason.AccessDenied), (refused.NativeCall, refused.Reason));
            Assert.Contains("CAP_SYS_NICE", refused.Hint);
        });
    }

    [Fact]
    public void Nodes_that_are_absent_and_too_little_room_are_refused()
    {
        int node = NumaMachine.MemoryNodes[0];
        using Pages<ReadWrite> pages = Pages.Allocate(3 * Page);
        Assert.Contains("4711", Assert.Throws<ArgumentOutOfRangeException>(() => pages.MoveToNode(4711)).Message);
        Assert.Contains("-1", Assert.Throws<ArgumentOutOfRangeException>(() => pages.MoveToNodes([node, -1, node])).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => pages.CountBytesOnNode(4711));
        Assert.Equal("nodes", Assert.Throws<ArgumentException>(() => pages.MoveToNodes([node, node])).ParamName);
        Assert.Equal("nodes", Assert.Throws<ArgumentException>(() => pages.CopyNumaNodes(new int[2])).ParamName);
        Assert.Equal("outcomes", Assert.Throws<ArgumentException>(() => pages.MoveToNode(node, outcomes: new NumaMove[2])).ParamName);
        Assert.Equal(default, pages.MoveToNode(node, new PageRange(Page, 0)));
        Assert.Equal(default, pages.MoveToNodes([], new PageRange(Page, 0)));
    }

    [Fact]
    public void A_buffer_moves_what_is_committed()
    {
        int last = NumaMachine.MemoryNodes[^1];
        using VirtualBuffer buffer = VirtualBuffer.Reserve(16 * Page, new() { NumaPolicy = NumaPolicy.Bind(NumaMachine.MemoryNodes[0]) });
        buffer.Commit(2 * Page, 4 * Page);
        buffer.Prefault(2 * Page, 4 * Page);
        NumaMoves moves = buffer.MoveToNode(last);
        Assert.Equal((4 * Page, 12 * Page), (moves.Moved + moves.WasThere, moves.Absent));
        int[] nodes = new int[16];
        Assert.Equal(4u, buffer.CopyNumaNodes(nodes));
        Assert.Equal([-1, -1, last, last, last, last, -1], nodes[..7]);
        Assert.Equal(4 * Page, buffer.MoveToNodes(Enumerable.Repeat(last, 16).ToArray()).WasThere);
    }

    private static Island OnNode(int node, int touched = Count)
    {
        var island = new Island(Count, options: new() { NumaPolicy = NumaPolicy.Bind(node) });
        island.Pages.Advise(Advice.NoHugePage);
        for (int i = 0; i < touched; i++)
        {
            island.Pages.CopyFrom((nuint)i * Page, s_pattern.AsSpan(i * (int)Page, (int)Page));
        }

        return island;
    }
}

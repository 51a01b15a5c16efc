using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Effects;

/// <summary>What a policy does is read from /proc/self/numa_maps. Tests that tell nodes apart need two: the guest of eng/guest has them.</summary>
public sealed unsafe class NumaPolicyTests
{
    private const int Count = 64;

    public NumaPolicyTests()
    {
        Needed.File("/proc/self/numa_maps");
        NumaMachine.SkipUnlessThere();
    }

    public static TheoryData<string> Kinds => [.. Enum.GetNames<NumaPolicyKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Memory_is_of_the_nodes_that_were_wished_at_allocation(string kind)
    {
        int[] nodes = NumaMachine.MemoryNodes;
        foreach (int[] some in (int[][])[[nodes[0]], [nodes[^1]], nodes])
        {
            NumaPolicy policy = PolicyOf(kind, some);
            Assert.SkipUnless(policy.IsSupported, $"This kernel has no {policy}.");
            using var island = new Island(Count, options: new() { NumaPolicy = policy });
            island.Pages.Advise(Advice.NoHugePage);
            Assert.Equal(policy, island.Pages.NumaPolicyAt());
            Assert.Empty(NumaMachine.MapOf(island.Address).Pages); // said before the first touch
            island.Fill();

            (string told, Dictionary<int, long> pages) = NumaMachine.MapOf(island.Address);
            Assert.Equal(Told(policy), told);
            Assert.Equal(Count, pages.Values.Sum());
            if (!policy.Nodes.IsEmpty)
            {
                Assert.All(pages.Keys, node => Assert.Contains(node, some));
            }

            if (policy.Kind == NumaPolicyKind.Interleave)
            {
                Assert.All(some, node => Assert.Equal(Count / some.Length, pages[node]));
            }

            Assert.All(pages, pair => Assert.Equal((nuint)pair.Value * PageSize.Base, island.Pages.CountBytesOnNode(pair.Key)));
        }
    }

    [Fact]
    public void A_policy_can_be_said_of_a_part_and_taken_back()
    {
        int last = NumaMachine.MemoryNodes[^1];
        using var island = new Island(Count);
        nuint quarter = island.Pages.Length / 4;
        island.Pages.SetNumaPolicy(NumaPolicy.Bind(last), new PageRange(quarter + 1, quarter)); // rounded outward

        Assert.Equal(3, island.Regions.Count);
        Assert.Equal("default", NumaMachine.MapOf(island.Address).Policy);
        Assert.Equal($"bind:{last}", NumaMachine.MapOf(island.Address + quarter).Policy);
        Assert.Equal(quarter + PageSize.Base, island.Regions[1].End - island.Regions[1].Start);
        Assert.Equal(default, island.Pages.NumaPolicyAt(quarter - 1));
        Assert.Equal(NumaPolicy.Bind(last), island.Pages.NumaPolicyAt(quarter));

        island.Pages.SetNumaPolicy(default);
        Assert.Equal("default", NumaMachine.MapOf(island.Address).Policy);
        _ = island.Region;
    }

    [Fact]
    public void A_policy_moves_nothing_that_is_there()
    {
        (int first, int second) = NumaMachine.Two();
        using Island island = Filled(first);
        island.Pages.SetNumaPolicy(NumaPolicy.Bind(second));
        Assert.Equal(island.Pages.Length, island.Pages.CountBytesOnNode(first));
        island.Pages.Discard();
        island.Fill();
        Assert.Equal(Count, NumaMachine.MapOf(island.Address).Pages[second]);
    }

    [Fact]
    public void What_a_buffer_commits_is_of_its_nodes_also_after_it_was_decommitted()
    {
        int last = NumaMachine.MemoryNodes[^1];
        using VirtualBuffer buffer = VirtualBuffer.Reserve(1 << 30, new() { NumaPolicy = NumaPolicy.Bind(last) });
        nuint length = Count * PageSize.Base;
        for (int round = 0; round < 2; round++)
        {
            buffer.Commit(PageSize.Base, length);
            nuint address;
            using (WriteView view = buffer.Write(new PageRange(PageSize.Base, length)))
            {
                view.Span.Fill(1);
                address = (nuint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref view.Span[0]);
            }

            (string policy, Dictionary<int, long> pages) = NumaMachine.MapOf(address);
            Assert.Equal($"bind:{last}", policy);
            Assert.Equal(Count, pages[last]);
            Assert.Equal(length, buffer.CountBytesOnNode(last, new PageRange(0, length + PageSize.Base)));
            Assert.Equal(NumaPolicy.Bind(last), buffer.NumaPolicyAt(PageSize.Base));
            buffer.Decommit(new PageRange(0, buffer.Length));
        }

        buffer.Commit(0, length);
        buffer.SetNumaPolicy(NumaPolicy.Interleave(NumaMachine.MemoryNodes), new PageRange(0, PageSize.Base));
        Assert.Equal(NumaPolicyKind.Interleave, buffer.NumaPolicyAt().Kind);
        Assert.Equal(NumaPolicyKind.Bind, buffer.NumaPolicyAt(PageSize.Base).Kind);
    }

    [Fact]
    public void A_threads_policy_holds_for_memory_that_says_nothing()
    {
        int last = NumaMachine.MemoryNodes[^1];
        NumaMachine.RunOn(NumaMachine.ProcessorsOf(NumaMachine.Nodes[0])[0], () =>
        {
            Assert.Equal(default, NumaPolicy.OfThread());
            NumaPolicy.Bind(last).SetForThread();
            Assert.Equal(NumaPolicy.Bind(last), NumaPolicy.OfThread());
            using (var island = new Island(Count))
            {
                island.Fill();
                Assert.Equal(Count, NumaMachine.MapOf(island.Address).Pages[last]);
                Assert.Equal(default, island.Pages.NumaPolicyAt()); // of the memory itself
            }

            default(NumaPolicy).SetForThread();
            Assert.Equal(default, NumaPolicy.OfThread());
        });
    }

    [Fact]
    public void Explicit_huge_pages_that_are_bound_are_taken_at_once()
    {
        int node = NumaMachine.MemoryNodes[0];
        using var pool = new HugePagePool(8);
        NumaPolicy policy = NumaPolicy.Bind(node);
        Assert.SkipUnless(MemoryPages.HugePagePool.Counters(0, node).Free >= 2, "The pool's pages are on other nodes.");
        long free = MemoryPages.HugePagePool.Counters(0, node).Free;
        using (Pages<ReadWrite> pages = Pages.Allocate(2 * HugePagePool.Size, new() { HugePages = HugePages.Explicit(), NumaPolicy = policy }))
        {
            Assert.Equal(free - 2, MemoryPages.HugePagePool.Counters(0, node).Free);
            Assert.Equal(pages.Length, pages.CountBytesOnNode(node));
            Assert.Equal(pages.PageSize, HugePagePool.Size);
            int[] nodes = [-2, -2];
            Assert.Equal(2u, pages.CopyNumaNodes(nodes));
            Assert.Equal([node, node], nodes);

            var refused = Assert.Throws<InvalidOperationException>(() => pages.SetNumaPolicy(policy));
            Assert.Contains("AllocationOptions", refused.Message);
            pages.SetNumaPolicy(NumaPolicy.Prefer(node));
        }

        Assert.Equal(free, MemoryPages.HugePagePool.Counters(0, node).Free);
    }

    [Fact]
    public void Huge_pages_of_a_node_that_has_too_few_are_an_error_that_names_it()
    {
        (int first, int second) = NumaMachine.Two();
        using var pool = new HugePagePool(8);
        nuint onFirst = (nuint)MemoryPages.HugePagePool.Counters(0, first).Available;
        nuint onSecond = (nuint)MemoryPages.HugePagePool.Counters(0, second).Available;
        Assert.SkipUnless(onFirst > 0 && onSecond > 0, "The pool has pages of one node only.");
        var options = new AllocationOptions { HugePages = HugePages.Explicit(), NumaPolicy = NumaPolicy.Bind(second) };

        var refused = Assert.Throws<MemoryPagesException>(() => Pages.Allocate((onSecond + 1) * HugePagePool.Size, options));

        Assert.Equal(ErrorReason.NoHugePages, refused.Reason);
        Assert.Contains($"node {second}: ", refused.Hint);
        Assert.Equal(onSecond, (nuint)MemoryPages.HugePagePool.Counters(0, second).Available);
    }

    [Fact]
    public void A_policy_of_nodes_that_are_absent_is_refused_where_it_is_made()
    {
        string all = string.Join(", ", NumaMachine.MemoryNodes);
        foreach (int absent in (int[])[-1, 1023, 4711, int.MinValue, int.MaxValue])
        {
            var refused = Assert.Throws<ArgumentOutOfRangeException>(() => NumaPolicy.Interleave([NumaMachine.MemoryNodes[0], absent]));
            Assert.Equal("nodes", refused.ParamName);
            Assert.Contains($"no NUMA node {absent} with memory: it has {all}", refused.Message);
        }

        Assert.Throws<ArgumentException>(() => NumaPolicy.Bind());
        Assert.Contains("twice", Assert.Throws<ArgumentException>(() => NumaPolicy.Prefer(0, 0)).Message);
    }

    [Fact]
    public void Policies_are_values()
    {
        int node = NumaMachine.MemoryNodes[0];
        NumaPolicy bind = NumaPolicy.Bind(node);
        Assert.True(bind == NumaPolicy.Bind([node]));
        Assert.Equal(bind.GetHashCode(), NumaPolicy.Bind(node).GetHashCode());
        Assert.True(bind != NumaPolicy.Prefer(node));
        Assert.False(bind.Equals((object)"Bind"));
        Assert.Equal(default, new AllocationOptions().NumaPolicy);
        Assert.Equal($"Bind({node})", bind.ToString());
        Assert.Equal(["Local", "Default"], [NumaPolicy.Local.ToString(), default(NumaPolicy).ToString()]);
        Assert.Equal(0, NumaPolicy.Local.Nodes.Length);
    }

    [Theory]
    [InlineData(SystemCallFailure.EPERM, ErrorReason.AccessDenied, "--cap-add SYS_NICE")]
    [InlineData(SystemCallFailure.ENOSYS, ErrorReason.NotSupported, "CONFIG_NUMA")]
    [InlineData(SystemCallFailure.EINVAL, ErrorReason.NotSupported, "cpuset")]
    public void Where_the_call_is_refused_nothing_stays_mapped_and_the_error_says_why(int error, ErrorReason reason, string hint)
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "No seccomp filters here: not x86-64 Linux.");
        NumaPolicy policy = NumaPolicy.Bind(NumaMachine.MemoryNodes[0]);
        nuint length = 0x1357 * PageSize.Base;
        nuint place = Witness.Lonely;
        SystemCallFailure.During(
            () =>
            {
                var refused = Assert.Throws<MemoryPagesException>(() => Pages.Allocate(length, new() { NumaPolicy = policy, NearAddress = place }));
                Assert.Equal(("mbind", reason), (refused.NativeCall, refused.Reason));
                Assert.Contains(hint, refused.Hint);
                Assert.Null(SystemMap.At(place));
                Assert.False(Pages.TryAllocate(length, new() { NumaPolicy = policy }, out Pages<ReadWrite>? none));
                Assert.Null(none);
                Assert.False(policy.IsSupported);

                using Pages<ReadWrite> pages = Pages.Allocate(length);
                Assert.Equal(reason, Assert.Throws<MemoryPagesException>(() => pages.SetNumaPolicy(policy)).Reason);

                using VirtualBuffer buffer = VirtualBuffer.Reserve(2 * length, new() { NumaPolicy = policy });
                Assert.False(buffer.TryCommit(new PageRange(0, length)));
                Assert.Equal(0u, buffer.CommittedBytes);
            },
            new FailingCall(SystemCallFailure.Mbind, error));
    }

    private static NumaPolicy PolicyOf(string kind, int[] nodes) => Enum.Parse<NumaPolicyKind>(kind) switch
    {
        NumaPolicyKind.Local => NumaPolicy.Local,
        NumaPolicyKind.Prefer => NumaPolicy.Prefer(nodes),
        NumaPolicyKind.Bind => NumaPolicy.Bind(nodes),
        NumaPolicyKind.Interleave => NumaPolicy.Interleave(nodes),
        NumaPolicyKind.WeightedInterleave => NumaPolicy.WeightedInterleave(nodes),
        _ => default,
    };

    /// <summary>As numa_maps has it.</summary>
    private static string Told(NumaPolicy policy)
    {
        string nodes = NumaMachine.ListOf(policy.Nodes.ToArray());
        return policy.Kind switch
        {
            NumaPolicyKind.Local => "local",
            NumaPolicyKind.Prefer => (policy.Nodes.Length > 1 ? "prefer (many):" : "prefer:") + nodes,
            NumaPolicyKind.Bind => $"bind:{nodes}",
            NumaPolicyKind.Interleave => $"interleave:{nodes}",
            NumaPolicyKind.WeightedInterleave => $"weighted interleave:{nodes}",
            _ => "default",
        };
    }

    private static Island Filled(int node)
    {
        var island = new Island(Count, options: new() { NumaPolicy = NumaPolicy.Bind(node) });
        island.Pages.Advise(Advice.NoHugePage);
        island.Fill();
        return island;
    }
}

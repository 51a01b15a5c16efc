namespace MemoryPages.Tests.Effects;

public sealed class NumaNodeTests
{
    public NumaNodeTests() => Needed.File("/sys/devices/system/node");

    [Fact]
    public void The_nodes_are_those_that_the_kernel_has_with_their_memory_and_processors()
    {
        NumaMachine.SkipUnlessThere();
        Assert.Equal(NumaMachine.Nodes, NumaNode.All.Select(node => node.Number));
        Assert.All(NumaNode.All, node =>
        {
            Assert.Equal(NumaMachine.MemoryNodes.Contains(node.Number), node.HasMemory);
            Assert.Equal((nuint)NumaMachine.Memory(node.Number, "MemTotal"), node.TotalMemory);
            Assert.InRange(node.FreeMemory, node.HasMemory ? 1u : 0u, node.TotalMemory);
            Assert.Equal(NumaMachine.ProcessorsOf(node.Number), node.Processors);
            Assert.Equal(new NumaNode(node.Number), node);
        });
        Assert.InRange(NumaNode.All.Sum(node => node.Processors.Count), Environment.ProcessorCount, int.MaxValue); // the process may not use all of them
    }

    [Fact]
    public void Memory_that_is_taken_is_missing_on_its_node()
    {
        NumaMachine.SkipUnlessThere();
        int last = NumaMachine.MemoryNodes[^1];
        const int Taken = 128 << 20;
        var node = new NumaNode(last);
        long missing = 0;
        for (int attempt = 0; attempt < 10 && missing is < Taken / 2 or > 2L * Taken; attempt++)
        {
            nuint before = node.FreeMemory;
            using Pages<ReadWrite> pages = Pages.Allocate(Taken, new() { NumaPolicy = NumaPolicy.Bind(last), Populate = true });
            missing = (long)before - (long)node.FreeMemory;
        }

        // Others take and free meanwhile: seldom as much in a moment, and not ten times.
        Assert.InRange(missing, Taken / 2, 2L * Taken);
    }

    [Fact]
    public void Distances_are_the_firmwares()
    {
        NumaMachine.SkipUnlessThere();
        foreach (NumaNode from in NumaNode.All)
        {
            Assert.Equal(NumaMachine.Distances(from.Number), NumaNode.All.Select(from.DistanceTo));
            Assert.Equal(10, from.DistanceTo(from));
        }
    }

    [Fact]
    public void The_running_node_is_that_of_the_processor()
    {
        NumaMachine.SkipUnlessThere();
        foreach (int node in NumaMachine.Nodes.Where(node => NumaMachine.ProcessorsOf(node).Length != 0))
        {
            NumaMachine.RunOn(NumaMachine.ProcessorsOf(node)[0], () => Assert.Equal(node, NumaNode.OfThread().Number));
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(4711)]
    public void A_node_that_is_absent_is_refused_and_those_that_are_there_are_named(int number)
    {
        var refused = Assert.Throws<ArgumentOutOfRangeException>(() => new NumaNode(number));
        Assert.Contains($"no NUMA node {number}: it has {string.Join(", ", NumaMachine.Nodes)}", refused.Message);
    }
}

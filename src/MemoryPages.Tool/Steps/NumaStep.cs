using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Steps;

internal sealed class NumaStep : TourStep
{
    private const int Length = 4 << 20;

    public override string Name => "numa";

    public override string Title => "NUMA nodes";

    public override string Lesson => "Memory is bound to a node before the first touch, and moved to another when that is wished. Each page is asked where it is.";

    public override void Run(StepRecorder record)
    {
        int[] nodes = record.Aside(static () => NumaNode.All.Where(static node => node.HasMemory).Select(static node => node.Number).ToArray());
        var policy = NumaPolicy.Bind(nodes[^1]);                        //>
        if (!record.Aside(() => policy.IsSupported))
        {
            record.Skip("this system takes no policies for memory: it knows no NUMA nodes, or a sandbox refuses mbind");
            return;
        }

        using var pages = Pages.Allocate(Length,                        //>
            new() { NumaPolicy = policy });                             //> mmap; mbind … munmap
        pages.Prefault();                                               //> madvise(MADV_POPULATE_WRITE)
        record.Look("bound, present", pages);
        nuint bound = pages.CountBytesOnNode(nodes[^1]);                //> move_pages
        NumaMoves moves = pages.MoveToNode(nodes[0]);                   //> move_pages: where, move, where
        record.Look("moved", pages);
        nuint there = pages.CountBytesOnNode(nodes[0]);                 //> move_pages

        record.Measure($"node {nodes[^1]}", (long)bound, Unit.Bytes, "bound there");
        record.Measure($"node {nodes[0]}", (long)moves.Moved, Unit.Bytes, "moved there");
        record.Measure($"node {nodes[0]}", (long)moves.WasThere, Unit.Bytes, "was there");
        record.Claim("all of it came from the node that it was bound to", bound == Length);
        record.Claim("what did not stay behind is on the other", there == Length - moves.Remaining - moves.Absent);
        record.Conclude($"{nodes.Length} {(nodes.Length == 1 ? "node" : "nodes")} with memory; {Quantity.Bytes((long)there)} on node {nodes[0]}");
    }
}

using System.Globalization;
using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Steps;

internal sealed class BoxStep : TourStep
{
    public override string Name => "boxes";

    public override string Title => "Boxes over any allocator";

    public override string Lesson => "A value owned by one variable, in memory of choice. Dropping it runs its cleanup, drops what it owns, and frees, once.";

    public override void Run(StepRecorder record)
    {
        var counting = new CountingAllocator<NativeAllocator>();        //>
        using (var leaf = Box.New(new Node { Number = 2 }, counting))   //> malloc
        using (var root = Box.New(                                      //> malloc … free, free
            new Node { Number = 1, Next = leaf.Move() }, counting))     //>
        {
            ref Node node = ref root.Value;                             //>
            record.Claim("a value is reached as by a pointer", node.Number == 1 && node.Next.Value.Number == 2);
        }

        using var arena = new ArenaAllocator();                         //> mmap(PROT_NONE) … mmap(MAP_FIXED, PROT_NONE)
        using var list = BoxedList.New<long, ArenaAllocator>(4, arena); //> mprotect(PROT_READ|PROT_WRITE)
        for (int i = 0; i < 1000; i++)                                  //>
            list.Add(i);                                                //>

        record.Claim("two boxes, one in the other: both freed", counting.Counters is { Allocations: 2, Frees: 2, LiveBlocks: 0 });
        record.Claim("a list in an arena grew where it stands", list.Count == 1000 && list[999] == 999);
        record.Conclude(string.Create(CultureInfo.InvariantCulture, $"{counting.Counters.Allocations} allocated, {counting.Counters.Frees} freed; 1,000 numbers in an arena"));
    }

    private struct Node : IDisposable
    {
        public int Number;
        public Box<Node, CountingAllocator<NativeAllocator>> Next;

        public void Dispose() => Next.Dispose();
    }
}

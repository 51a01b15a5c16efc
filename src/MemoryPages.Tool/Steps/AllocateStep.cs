using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Steps;

internal sealed class AllocateStep : TourStep
{
    public override string Name => "allocate";

    public override string Title => "Allocate";

    public override string Lesson => "Pages are addresses at first. Memory comes when they are touched.";

    public override void Run(StepRecorder record)
    {
        using Pages<ReadWrite> pages = Pages.Allocate(64 << 20);        //> mmap(PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS) … munmap
        Snapshot allocated = record.Look("allocated", pages);

        record.Claim("none of it is in memory", allocated.Resident == 0);
        record.Claim("it is readable and writable, and private", allocated.Regions is [{ Protection: "rw-p" }]);
        record.Conclude($"{Quantity.Bytes(allocated.Length)} mapped, {Quantity.Bytes(allocated.Resident)} resident");
    }
}

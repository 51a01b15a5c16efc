using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Steps;

internal sealed class OfferStep : TourStep
{
    public override string Name => "offer";

    public override string Title => "Offer and reclaim";

    public override string Lesson => "Lend memory to the system: it takes it only when it gets short, and Reclaim tells what is gone.";

    public override void Run(StepRecorder record)
    {
        using var pages = Pages.Allocate(8 << 20);                      //> mmap … munmap
        using (WriteView view = pages.Write())                          //>
            view.Span.Fill(0x2A);                                       //>
        record.Look("filled", pages);

        ReleaseFacts facts = pages.Offer();                             //> madvise(MADV_FREE)
        Snapshot offered = record.Look("offered", pages);

        nuint lost = pages.Reclaim();                                   //>
        Snapshot reclaimed = record.Look("reclaimed", pages);

        using ReadView kept = pages.Read();
        long lazilyFree = offered.Regions.Sum(static region => region.LazilyFree);
        record.Measure("offered: free for the taking", lazilyFree, Unit.Bytes);
        record.Measure("reclaimed: lost meanwhile", lost, Unit.Bytes);
        record.Claim("all of it was offered", facts.Range.Length == pages.Length && !facts.ReadsZero);
        record.Claim("what was not taken is whole again", (nuint)kept.Span.Count((byte)0x2A) == pages.Length - lost);
        record.Claim("the system can no longer take it", reclaimed.Regions.Sum(static region => region.LazilyFree) <= (long)lost);
        record.Conclude($"LazyFree {Quantity.Bytes(lazilyFree)}, {Quantity.Bytes(lost)} lost");
    }
}

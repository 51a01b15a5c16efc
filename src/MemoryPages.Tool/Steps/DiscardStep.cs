using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Steps;

internal sealed class DiscardStep : TourStep
{
    public override string Name => "discard";

    public override string Title => "Discard";

    public override string Lesson => "Memory goes back to the system at once; the addresses stay, and read zero.";

    public override void Run(StepRecorder record)
    {
        using var pages = Pages.Allocate(32 << 20);                     //> mmap … munmap
        using (WriteView view = pages.Write())                          //>
            view.Span.Fill(0x2A);                                       //>
        Snapshot full = record.Look("filled", pages);

        var part = new PageRange(8 << 20, 16 << 20);                    //>
        ReleaseFacts facts = pages.Discard(part);                       //> madvise(MADV_DONTNEED)
        Snapshot after = record.Look("discarded", pages);

        byte inside = pages.Read<byte>(part.Offset);
        byte beside = pages.Read<byte>(part.Offset - 1);
        record.Measure("before", full.Resident, Unit.Bytes, "resident");
        record.Measure("after", after.Resident, Unit.Bytes, "resident");
        record.Measure("given back", facts.Range.Length, Unit.Bytes);
        record.Claim("resident memory fell by what was given back", full.Resident - after.Resident == (long)facts.Range.Length);
        record.Claim("the part reads zero", facts.ReadsZero && inside == 0);
        record.Claim("its neighbours kept their content", beside == 0x2A);
        record.Conclude($"{Quantity.Bytes(full.Resident)} → {Quantity.Bytes(after.Resident)} resident");
    }
}

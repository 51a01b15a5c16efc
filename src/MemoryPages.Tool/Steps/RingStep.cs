using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Steps;

internal sealed class RingStep : TourStep
{
    private const int Length = 1 << 20;
    private const int Record = 6000;

    public override string Name => "ring";

    public override string Title => "A ring without a seam";

    public override string Lesson => "The same pages stand twice in a row: a record that crosses the end is one span, and memory is taken once.";

    public override void Run(StepRecorder record)
    {
        using var ring = MirroredBuffer.Create(Length);                 //> memfd_create; ftruncate; mmap; mmap(MAP_FIXED); close … munmap
        using (WriteView all = ring.Write(0, Length))                   //>
            all.Span.Clear();                                           //>
        const int AcrossTheEnd = Length - (Record / 2);                 //>
        using (WriteView one = ring.Write(AcrossTheEnd, Record))        //>
            one.Span.Fill(7);                                           //>

        nuint resident = record.Aside(ring.CountResidentBytes);
        using ReadView start = ring.Read(0, Record);
        int seen = start.Span.IndexOfAnyExcept((byte)7);
        record.Measure("addresses", 2 * Length, Unit.Bytes, "what it takes");
        record.Measure("memory", resident, Unit.Bytes, "what it takes");
        record.Claim("what was written behind the end stands at the start", seen == Record / 2);
        record.Claim("memory is taken once", resident == Length);
        record.Conclude($"{Quantity.Bytes(2 * Length)} of addresses, {Quantity.Bytes((long)resident)} of memory");
    }
}

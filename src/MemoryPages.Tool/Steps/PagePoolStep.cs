using System.Diagnostics;
using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Steps;

internal sealed class PagePoolStep : TourStep
{
    private const int Rentals = 10_000;
    private const int Length = 1 << 16;

    public override string Name => "page-pool";

    public override string Title => "Pages for rent";

    public override string Lesson => "A block that comes back stays warm: the next renter neither calls the system nor takes a page fault.";

    public override void Run(StepRecorder record)
    {
        using var pool = new PagePool();                                //> … munmap
        using (RentedPages first = pool.Rent(Length))                   //> mmap(PROT_NONE); mprotect(PROT_READ|PROT_WRITE)
            first.Span.Fill(1);                                         //>

        FaultCount before = record.FaultsSoFar();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Rentals; i++)                               //>
        {
            using RentedPages rented = pool.Rent(Length);               //>
            rented[0] = 1;                                              //>
        }

        double milliseconds = StepRecorder.MillisecondsSince(start);
        FaultCount taken = record.FaultsSoFar() - before;
        PagePoolCounters counters = pool.Counters;                      //>
        record.Measure($"{Rentals:N0} rentals", milliseconds, Unit.Milliseconds);
        record.Measure("page faults of them", taken.Minor + taken.Major, Unit.Faults);
        record.Claim("at most one fresh block for each processor that the thread was on", counters.Misses <= Environment.ProcessorCount);
        record.Conclude($"{Quantity.Bytes(Length)} rented and returned in {milliseconds * 1_000_000 / Rentals:N0} ns");

        nuint released = pool.Trim();                                   //> mmap(MAP_FIXED, PROT_NONE)
        record.Measure("given back by Trim", released, Unit.Bytes);
        record.Claim("nothing stays committed", pool.Counters.CommittedBytes == 0);
    }
}

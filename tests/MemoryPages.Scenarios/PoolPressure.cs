namespace MemoryPages.Scenarios;

/// <summary>What a collection does to a pool's free blocks: says "trimmed" if they left memory, "warm" if not.</summary>
internal static class PoolPressure
{
    private const nuint Length = 8 << 20;

    [Scenario]
    public static int CollectWithWarmPool(string[] arguments)
    {
        using var pool = new PagePool();
        using (RentedPages rented = pool.Rent(Length))
        {
            rented.Span.Fill(1);
        }

        for (int collection = 0; collection < 5; collection++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        PagePoolCounters counters = pool.Counters;
        Console.WriteLine((counters.WarmBytes, counters.CommittedBytes, counters.Trims) switch
        {
            (0, 0, > 0) => "trimmed",
            (Length, Length, 0) => "warm",
            _ => counters.ToString(),
        });
        return 0;
    }
}

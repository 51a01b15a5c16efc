using System.Buffers;

namespace MemoryPages.Scenarios;

/// <summary>The one mistake with spans that the compiler does not see: a span of a Memory, kept past the end of its lease and of the pages.</summary>
internal static class StaleSpans
{
    [Scenario]
    public static int StaleSpanOfAMemoryLease(string[] arguments)
    {
        nuint length = 4 * PageSize.Base;
        Pages<ReadWrite> pages = Pages.Allocate(length);
        IMemoryOwner<byte> lease = pages.LeaseMemory();
        Span<byte> span = lease.Memory.Span;
        span.Fill(1);
        lease.Dispose();
        pages.Dispose();

        // Whoever maps as much next would be given the very same place.
        var strangers = new Pages<ReadWrite>[500];
        for (int i = 0; i < strangers.Length; i++)
        {
            strangers[i] = Pages.Allocate(length);
            strangers[i].Write(0, 0x0202020202020202);
        }

        Console.WriteLine("touching");
        Console.Out.Flush();
        byte seen = span[0];
        Console.WriteLine($"survived and saw {seen}");
        GC.KeepAlive(strangers);
        return seen;
    }
}

using MemoryPages.Unsafe;

namespace MemoryPages.Scenarios;

/// <summary>Files under another user's eyes, or strace's.</summary>
internal static unsafe class EffectsFiles
{
    [Scenario]
    public static int TryMap(string[] arguments)
    {
        Console.WriteLine($"{Outcome(() => Pages.Map(arguments[0]).Dispose())} {Outcome(() => Pages.MapShared(arguments[0]).Dispose())}");
        return 0;
    }

    /// <summary>Flushes parts of a file of six pages, in the order that the test expects. Prints the mapped address.</summary>
    [Scenario]
    public static int FlushRanges(string[] arguments)
    {
        nuint page = PageSize.Base;
        using Pages<ReadWrite> memory = Pages.Allocate(page);
        memory.Flush(); // no file: nothing to do
        Pages<ReadWrite> pages = Pages.MapShared(arguments[0], new() { Offset = 10 });
        Console.WriteLine((nuint)pages.DangerousPointer() - 10);
        pages.Write(0, (byte)1);
        pages.Flush();
        pages.Flush(new PageRange((2 * page) + 5, 1));
        pages.Flush(new PageRange((2 * page) - 11, 2));
        pages.Flush(new PageRange(0, page - 10));
        pages.Flush(new PageRange(page, 0)); // nothing
        pages.Write(0, (byte)2);
        using Pages<ReadOnly> sealed_ = pages.DenyWrite();
        sealed_.Flush();
        return 0;
    }

    private static string Outcome(Action action)
    {
        try
        {
            action();
            return "mapped";
        }
        catch (Exception exception)
        {
            return exception.GetType().Name;
        }
    }
}

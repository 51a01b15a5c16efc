#pragma warning disable MP1002 // the system refuses: there is no result

using System.Diagnostics;
using System.IO.MemoryMappedFiles;
using MemoryPages.Testing;
using MemoryPages.Unsafe;

namespace MemoryPages.Scenarios;

/// <summary>Flushes under strace's eyes, or slowed down by it.</summary>
internal static unsafe class Flushing
{
    /// <summary>Each level, before and after the length of a new file has changed. Prints the mapped address.</summary>
    [Scenario]
    public static int FlushLevels(string[] arguments)
    {
        nuint page = PageSize.Base;
        Pages<ReadWrite> pages = Pages.MapShared(arguments[0], 4 * page);
        Console.WriteLine((nuint)pages.DangerousPointer());
        var range = new PageRange(page + 1, page);
        pages.Write(page, 1);
        pages.Flush(range, FlushLevel.Hint);
        pages.Flush(range, FlushLevel.ToSystem);
        pages.Flush(range, FlushLevel.Durable);
        pages.Flush();
        pages.Resize(6 * page);
        pages.Flush(range);
        pages.Flush(range);
        pages.Write(0, 1);
        pages.Dispose();

        using Pages<ReadWrite> again = Pages.MapShared(arguments[0]);
        again.Write(0, 2);
        again.Flush(range, FlushLevel.Hint);
        again.Flush(range, FlushLevel.ToSystem);
        again.Write(0, 3);
        return 0;
    }

    /// <summary>
    /// The last byte of a part that begins within a page changed and flushed, by the framework's view and by pages. Prints how many bytes each left
    /// dirty.
    /// </summary>
    [Scenario]
    public static int FlushBesideFramework(string[] arguments)
    {
        const int Offset = 100;
        long length = long.Parse(arguments[1]);
        using (MemoryMappedFile file = MemoryMappedFile.CreateFromFile(arguments[0]))
        using (MemoryMappedViewAccessor view = file.CreateViewAccessor(Offset, length))
        {
            view.Write(length - 1, (byte)1);
            view.Flush();
            byte* start = null;
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            Console.WriteLine(SystemMap.At((nuint)start)!.Dirty);
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }

        using Pages<ReadWrite> pages = Pages.MapShared(arguments[0], new() { Offset = Offset, Length = (nuint)length });
        pages.Write((nuint)length - 1, (byte)2);
        pages.Flush();
        Console.WriteLine(SystemMap.At((nuint)pages.DangerousPointer())!.Dirty);
        return 0;
    }

    /// <summary>Where each msync takes three quarters of a second.</summary>
    [Scenario]
    public static int FlushSlowly(string[] arguments)
    {
        Pages<ReadWrite> pages = Pages.MapShared(arguments[0]);
        nuint address = (nuint)pages.DangerousPointer();
        using var cancellation = new CancellationTokenSource();
        var watch = Stopwatch.StartNew();
        Task flush = pages.FlushAsync(cancellationToken: cancellation.Token);
        LimitsTold.Check(watch.ElapsedMilliseconds < 600 && !flush.IsCompleted, "the caller waited");
        LimitsTold.Check(pages.LeaseCount == 1, "no lease is open");
        pages.Write(0, 1);
        LimitsTold.Check(Refused(() => pages.Resize(1)) && Refused(() => pages.DenyWrite()), "the pages were changed under the flush");
        Thread.Sleep(250);
        cancellation.Cancel(); // too late

        pages.Dispose();
        LimitsTold.Check(!flush.IsCompleted && SystemMap.At(address) is not null, "disposing waited, or unmapped under the flush");
        flush.Wait();
        LimitsTold.Check(watch.ElapsedMilliseconds >= 700, "it was not slowed down");
        LimitsTold.Check(flush.IsCompletedSuccessfully, "it was cancelled after it had begun");
        LimitsTold.Check(SystemMap.At(address) is null, "still mapped");
        return 0;

        static bool Refused(Action change)
        {
            try
            {
                change();
                return false;
            }
            catch (InvalidOperationException)
            {
                return true;
            }
        }
    }

    /// <summary>Where each msync fails. Prints what the task holds, and the number of leases afterwards.</summary>
    [Scenario]
    public static int FlushIntoFailure(string[] arguments)
    {
        using Pages<ReadWrite> pages = Pages.MapShared(arguments[0]);
        Task flush = pages.FlushAsync();
        ((IAsyncResult)flush).AsyncWaitHandle.WaitOne();
        var told = (MemoryPagesException)flush.Exception!.InnerException!;
        Console.WriteLine($"{told.Operation} {told.NativeCall} {told.ErrorSymbol} {told.Reason} {pages.LeaseCount}");
        return 0;
    }
}

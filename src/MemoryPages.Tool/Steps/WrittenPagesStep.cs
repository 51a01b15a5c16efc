using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Steps;

internal sealed class WrittenPagesStep : TourStep
{
    private const int Length = 64 << 20;

    public override string Name => "written-pages";

    public override string Title => "Follow the writes";

    public override string Lesson => "Which pages changed since the last look: the kernel remembers, nobody is interrupted, and it takes no privilege.";

    public override void Run(StepRecorder record)
    {
        record.Ask($"{nameof(WriteTracking)}.{nameof(WriteTracking.IsSupported)}", WriteTracking.IsSupported);
        if (!WriteTracking.IsSupported)
        {
            record.Skip("this kernel does not remember writes (Linux: since 6.7)");
            return;
        }

        using var pages = Pages.Allocate(Length);                       //> mmap … munmap
        pages.Prefault();
        using WriteTracking tracking = pages.TrackWrites();             //> userfaultfd; ioctl(UFFDIO_API); ioctl(UFFDIO_REGISTER); ioctl(PAGEMAP_SCAN) … close
        var wished = new SortedSet<nuint>();
        for (int i = 0; i < 100; i++)
        {
            nuint page = (nuint)(i * i) * 7919 % (Length / PageSize.Base) * PageSize.Base; // scattered
            wished.Add(page);
            pages.Write(page, (byte)i);
        }

        IReadOnlyList<PageRange> written = tracking.TakeWritten();      //> ioctl(PAGEMAP_SCAN)
        IReadOnlyList<PageRange> again = tracking.TakeWritten();        //> ioctl(PAGEMAP_SCAN)

        IEnumerable<nuint> told = written.SelectMany(static range =>
            Enumerable.Range(0, (int)(range.Length / PageSize.Base)).Select(page => range.Offset + ((nuint)page * PageSize.Base)));
        long bytes = written.Sum(static range => (long)range.Length);
        record.Measure("tracked", Length, Unit.Bytes, "to be copied by a snapshot");
        record.Measure("written", bytes, Unit.Bytes, "to be copied by a snapshot");
        record.Claim("the pages that were written are told, and no others", told.SequenceEqual(wished));
        record.Claim("they are told once", again.Count == 0);
        record.Conclude($"{Quantity.Bytes(bytes)} of {Quantity.Bytes(Length)} changed");
    }
}

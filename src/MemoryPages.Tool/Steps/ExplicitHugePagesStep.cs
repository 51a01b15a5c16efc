using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Steps;

internal sealed class ExplicitHugePagesStep : TourStep
{
    public override string Name => "explicit-huge-pages";

    public override string Title => "Explicit huge pages";

    public override string Lesson => "From the system's pool, reserved at once. Where the pool is empty, the error says what to do.";

    public override void Run(StepRecorder record)
    {
        HugePages wish = HugePages.Explicit();                          //>
        try
        {
            using var pages = Pages.Allocate(2 * wish.ExplicitSize,     //>>
                new() { HugePages = wish });                            //>> mmap(MAP_HUGETLB) … munmap
            record.Look("allocated", pages);
            using (WriteView view = pages.Write())                      //>>
                view[0] = 1;                                            //>>
            Snapshot touched = record.Look("one byte written", pages);

            long got = touched.Regions.Sum(static region => region.ExplicitHuge);
            record.Measure("page size", pages.PageSize, Unit.Bytes);
            record.Measure("one byte brought", got, Unit.Bytes);
            record.Claim("the pages are of the size that was asked for", pages.PageSize == wish.ExplicitSize);
            record.Claim("one fault brought a whole one", got == (long)wish.ExplicitSize);
            record.Conclude($"{Quantity.Bytes(got)} for {Quantity.Of(touched.Faults.Minor, Unit.Faults)}");
        }
        catch (MemoryPagesException refusal) when (refusal.Reason == ErrorReason.NoHugePages)
        {
            record.Refuse(refusal);
        }
    }
}

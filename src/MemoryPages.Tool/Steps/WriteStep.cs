using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Steps;

internal sealed class WriteStep : TourStep
{
    public override string Name => "write";

    public override string Title => "Write";

    public override string Lesson => "Access goes through a view. The first touch of a page is a fault; then it is resident.";

    public override void Run(StepRecorder record)
    {
        nuint page = PageSize.Base;
        using var pages = Pages.Allocate(96 * page);                    //> mmap … munmap
        record.Look("allocated", pages);

        using (WriteView view = pages.Write())                          //>
            view[0] = 1;                                                //>
        Snapshot one = record.Look("one byte written", pages);

        var middle = new PageRange(32 * page, 32 * page);               //>
        using (WriteView view = pages.Write(middle))                    //>
            view.Span.Fill(0x2A);                                       //>
        Snapshot many = record.Look("32 pages filled", pages);

        record.Claim("one byte costs a page, not less", one.Resident >= (long)page);
        record.Claim("what was filled is resident", many.Resident >= (long)(33 * page));
        record.Claim("the byte is where it was put", pages.Read<byte>(40 * page) == 0x2A);
        record.Conclude($"{Quantity.Bytes(many.Resident)} resident after {Quantity.Of(one.Faults.Minor + many.Faults.Minor, Unit.Faults)}");
    }
}

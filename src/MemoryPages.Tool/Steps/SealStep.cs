#pragma warning disable MP1001 // shows what the run time says of a spent object

using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Steps;

internal sealed class SealStep : TourStep
{
    public override string Name => "seal";

    public override string Title => "Seal";

    public override string Lesson => "The protection is in the type. A transition hands the pages to a new object and spends the old.";

    public override void Run(StepRecorder record)
    {
        using var pages = Pages.Allocate(64 * PageSize.Base);           //> mmap … munmap
        pages.Write<int>(0, 42);                                        //>
        record.Look("written", pages);

        using Pages<ReadOnly> data = pages.Protect<ReadOnly>();         //> mprotect(PROT_READ)
        Snapshot sealedPages = record.Look("sealed", data);
        int kept = data.Read<int>(0);                                   //>

        string? message = null;
        try
        {
            pages.Write<int>(0, 43);                                    //>> — throws
        }
        catch (ObjectDisposedException spent)
        {
            message = spent.Message;
            record.Quote(nameof(ObjectDisposedException), FirstLine(message));
        }

        record.Claim("the kernel lists them as read-only", sealedPages.Regions is [{ Protection: "r--p" }]);
        record.Claim("the content is still there", kept == 42);
        record.Claim("the old object refuses, and says why", message is not null);
        record.Conclude($"{sealedPages.Regions[0].Protection}, the value {kept} is still there");
    }

    // The framework adds the object's name in a line of its own.
    private static string FirstLine(string text) => text.Split('\n')[0];
}

using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Steps;

internal sealed class ProtectionScopeStep : TourStep
{
    public override string Name => "protection-scope";

    public override string Title => "Another protection for a while";

    public override string Lesson => "A part of sealed pages is opened for one block of code, and sealed again however that ends.";

    public override void Run(StepRecorder record)
    {
        nuint page = PageSize.Base;
        using var pages = Pages.Allocate<ReadOnly>(48 * page);          //> mmap(PROT_READ) … munmap
        record.Look("sealed", pages);

        var part = new PageRange(16 * page, 16 * page);                 //>
        Snapshot open;
        using (var scope = pages.ProtectScope<ReadWrite>(part))         //> mprotect(PROT_READ|PROT_WRITE) … mprotect(PROT_READ)
        using (WriteView view = scope.Write())                          //>
        {
            view.Span.Fill(0x2A);                                       //>
            open = record.Look("within the scope", pages);
        }

        Snapshot closed = record.Look("after it", pages);
        byte written = pages.Read<byte>(part.Offset);                   //>

        record.Claim("within, the kernel lists three parts", open.Regions.Select(static region => region.Protection).SequenceEqual(["r--p", "rw-p", "r--p"]));
        record.Claim("after it, all is read-only", closed.Regions.All(static region => region.Protection == "r--p"));
        record.Claim("what was written is there", written == 0x2A);
        record.Conclude($"{string.Join(" ", open.Regions.Select(static region => region.Protection))}, then {closed.Regions[0].Protection}");
    }
}

using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;
using MemoryPages.Unsafe;

namespace MemoryPages.Tool.Steps;

internal sealed class RunCodeStep : MachineCodeStep
{
    public override string Name => "run-code";

    public override string Title => "Run a function assembled just now";

    public override string Lesson => "Written first, runnable then, at no moment both: there is no type for it in safe code.";

    protected override unsafe void RunHere(StepRecorder record)
    {
        // lea rax, [rdi+rsi]; ret                                      //>
        ReadOnlySpan<byte> bytes = [0x48, 0x8D, 0x04, 0x37, 0xC3];      //>
        using var pages = Pages.Allocate(PageSize.Base);                //> mmap … munmap
        pages.CopyFrom(0, bytes);                                       //>
        record.Look("written", pages);

        using Pages<ReadExecute> code = pages.AllowExecuteDenyWrite();  //> mprotect(PROT_READ|PROT_EXEC)
        Snapshot runnable = record.Look("runnable", code);
        using FunctionLease lease = code.DangerousFunction();           //>
        var add = (delegate* unmanaged<long, long, long>)lease.Pointer; //>
        long sum = add(20, 22);                                         //>

        record.Claim("the kernel lists it as code that cannot be written", runnable.Regions is [{ Protection: "r-xp" }]);
        record.Claim("20 + 22 = 42", sum == 42);
        record.Conclude($"{runnable.Regions[0].Protection}, add(20, 22) = {sum}");
    }
}

using MemoryPages.Diagnostics;
using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;
using MemoryPages.Unsafe;

namespace MemoryPages.Tool.Steps;

internal sealed class CodeHeapStep : MachineCodeStep
{
    public override string Name => "code-heap";

    public override string Title => "Patch a function while it can run";

    public override string Lesson => "One memory at two addresses: written at one, run at the other. No page is ever both.";

    protected override unsafe void RunHere(StepRecorder record)
    {
        var options = new CodeHeapOptions { Mode = CodeMode.DualMapped, Name = "tour" };
        using var heap = new CodeHeap(options);                         //> mmap(PROT_NONE); memfd_create; ftruncate; mmap(PROT_READ|PROT_EXEC) … munmap
        // nop; nop; nop; mov eax, 20; ret                              //>
        using CodeBlock block =                                         //>
            heap.Emit([0x90, 0x90, 0x90, 0xB8, 20, 0, 0, 0, 0xC3]);     //> madvise(MADV_POPULATE_WRITE); madvise(MADV_POPULATE_READ) — once for many
        using var number = block.Function<Func<int>>();                 //>
        int before = number.Invoke();                                   //>
        block.DangerousPatch(4, 22);                                    //>
        int after = number.Invoke();                                    //>

        IReadOnlyList<MemoryRegion> regions = record.Aside(MemoryMap.Regions);
        MemoryRegion[] ours = [.. regions.Where(static region => region.Name.Contains("memfd:tour", StringComparison.Ordinal))];
        record.Quote("/proc/self/maps", string.Join('\n', ours.Select(static region => region.Line)));
        record.Claim("the kernel lists the memory twice: once to run, once to write", ours.Length == 2
            && ours.All(static region => region.Protection.HasFlag(PageProtection.Write) != region.Protection.HasFlag(PageProtection.Execute)));
        record.Claim("20 before the patch, 22 after it, and the function was held all the time", (before, after) == (20, 22));
        record.Conclude($"{before}, patched to {after} while it was held");
    }
}

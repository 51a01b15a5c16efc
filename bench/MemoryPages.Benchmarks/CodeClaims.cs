namespace MemoryPages.Benchmarks;

/// <summary>What is claimed of code.</summary>
internal static class CodeClaims
{
    public static IReadOnlyList<Claim> All { get; } =
    [
        new("a call through a held function, beside a raw unmanaged function pointer", "CodeCalls.HeldFunction", "CodeCalls.RawFunctionPointer", 1.1)
        {
            InTurns = static () =>
            {
                var calls = new CodeCalls();
                double ratio = PairedMeasurement.RatioOfBest(() => calls.HeldFunction(), () => calls.RawFunctionPointer());
                calls.Cleanup();
                return ratio;
            },
        },
        new("64 bytes emitted, published and freed, warm and dual-mapped", "CodeEmitting.DualMapped", "CodeEmitting.RawFlip", 500)
        {
            Measure = Measure.Nanoseconds,
        },
        new("the same, beside the two mprotect and the copy of a page flipped by hand", "CodeEmitting.DualMapped", "CodeEmitting.RawFlip", 0.5),
        new("executable and back, 64 KiB untouched, beside two mprotect",
            "Protection.PagesProtectExecute(Present: False)", "Protection.RawMprotectExecute(Present: False)", 1.05)
        {
            InTurns = static () => Claims.ProtectionInTurns(present: false, static p => p.PagesProtectExecute, static p => p.RawMprotectExecute),
        },
        new("executable and back, 64 KiB present, beside two mprotect",
            "Protection.PagesProtectExecute(Present: True)", "Protection.RawMprotectExecute(Present: True)", 1.05)
        {
            InTurns = static () => Claims.ProtectionInTurns(present: true, static p => p.PagesProtectExecute, static p => p.RawMprotectExecute),
        },
    ];
}

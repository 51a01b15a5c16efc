namespace MemoryPages.Benchmarks;

/// <summary>What is claimed of files that shrink, while they do not.</summary>
internal static class TruncationClaims
{
    public static IReadOnlyList<Claim> All { get; } =
    [
        new("64 MiB of a warm file read by eights, surviving truncation beside not", "SurvivingScan.Surviving", "SurvivingScan.Plain", 1.01)
        {
            InTurns = SurvivingScanInTurns,
        },
        new("4 KiB copied safely, beside process_vm_readv", "FaultSafeCopies.TryCopyTo", "FaultSafeCopies.RawProcessVmReadv", 1.05)
        {
            InTurns = static () => FaultSafeCopiesInTurns(copies => () => copies.TryCopyTo(), copies => () => copies.RawProcessVmReadv()),
        },
        new("4 KiB copied safely, surviving truncation beside not", "FaultSafeCopies.TryCopyToSurviving", "FaultSafeCopies.TryCopyTo", 0.5)
        {
            InTurns = static () => FaultSafeCopiesInTurns(copies => () => copies.TryCopyToSurviving(), copies => () => copies.TryCopyTo()),
        },
    ];

    private static double SurvivingScanInTurns()
    {
        var scan = new SurvivingScan();
        scan.Setup();
        double ratio = PairedMeasurement.RatioOfBest(() => scan.Surviving(), () => scan.Plain());
        scan.Cleanup();
        return ratio;
    }

    private static double FaultSafeCopiesInTurns(Func<FaultSafeCopies, Action> numerator, Func<FaultSafeCopies, Action> denominator)
    {
        var copies = new FaultSafeCopies();
        copies.Setup();
        double ratio = PairedMeasurement.Ratio(numerator(copies), denominator(copies));
        copies.Cleanup();
        return ratio;
    }
}

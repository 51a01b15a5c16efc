namespace MemoryPages.Benchmarks;

/// <summary>What is claimed of changed file pages on their way to the device.</summary>
internal static class FlushingClaims
{
    public static IReadOnlyList<Claim> All { get; } =
    [
        new("a changed page of a file on the device, beside msync", "Flushing.PagesFlush", "Flushing.RawMsync", 1.05)
        {
            InTurns = FlushingInTurns,
            Obstacle = Flushing.Obstacle,
        },
    ];

    private static double FlushingInTurns()
    {
        var flushing = new Flushing();
        flushing.Setup();
        double ratio = PairedMeasurement.Ratio(flushing.PagesFlush, flushing.RawMsync);
        flushing.Cleanup();
        return ratio;
    }
}

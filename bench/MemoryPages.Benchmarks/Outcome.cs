namespace MemoryPages.Benchmarks;

/// <summary>What came of a claim.</summary>
internal enum Verdict
{
    Met,
    NotMet,

    /// <summary>The system lacks what the claim needs.</summary>
    NotPossibleHere,

    /// <summary>Its benchmarks were not in this run.</summary>
    NotMeasured,
}

/// <summary>A claim held against a run.</summary>
/// <param name="Claim">The claim.</param>
/// <param name="Verdict">Whether it holds.</param>
/// <param name="Measured">What decides, in the claim's measure: the ratio taken in turns where there is one, else what the benchmarks say.</param>
/// <param name="BenchmarkRatio">The ratio of the two benchmarks' medians, where the claim names two.</param>
/// <param name="Obstacle">Why it is not possible here.</param>
internal sealed record Outcome(Claim Claim, Verdict Verdict, double? Measured, double? BenchmarkRatio, string? Obstacle)
{
    public static Outcome Of(Claim claim, BenchmarkResults results)
    {
        if (claim.Obstacle() is { } obstacle)
        {
            return new(claim, Verdict.NotPossibleHere, null, null, obstacle);
        }

        BenchmarkResult? numerator = results.Find(claim.Numerator);
        BenchmarkResult? denominator = claim.Denominator is null ? null : results.Find(claim.Denominator);
        if (numerator is null || (denominator is null && claim.Denominator is not null))
        {
            return new(claim, Verdict.NotMeasured, null, null, null);
        }

        double? ratio = numerator.Nanoseconds / denominator?.Nanoseconds;
        double measured = claim.Measure switch
        {
            Measure.Nanoseconds => numerator.Nanoseconds,
            Measure.AllocatedBytes => numerator.AllocatedBytes,
            _ => claim.InTurns?.Invoke() ?? ratio!.Value,
        };
        return new(claim, measured <= claim.Limit ? Verdict.Met : Verdict.NotMet, measured, ratio, null);
    }
}

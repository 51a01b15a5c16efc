namespace MemoryPages.Benchmarks;

/// <summary>What is claimed of finding written pages.</summary>
internal static class TrackingClaims
{
    public static IReadOnlyList<Claim> All { get; } =
    [
        new("64 MiB followed, a page in a hundred written, beside userfaultfd + PAGEMAP_SCAN", "FollowingWrites.TakeWritten", "FollowingWrites.RawScan", 1.05)
        {
            InTurns = FollowingWrites.InTurns,
            Obstacle = FollowingWrites.Obstacle,
        },
        new("the same beside comparing all with a copy", "FollowingWrites.TakeWritten", "FollowingWrites.CompareAll", 0.1)
        {
            Obstacle = FollowingWrites.Obstacle,
        },
    ];
}

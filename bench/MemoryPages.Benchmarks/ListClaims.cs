namespace MemoryPages.Benchmarks;

/// <summary>What the lists claim.</summary>
internal static class ListClaims
{
    public static IReadOnlyList<Claim> All { get; } =
    [
        new("100 M numbers added to an empty list, beside List<double> growing",
            "ListGrowing.VirtualList(Count: 100000000)", "ListGrowing.FrameworkList(Count: 100000000)", 0.25)
        {
            InTurns = static () => ListLife.TimeRatio(nameof(ListGrowing.FrameworkList)),
        },
        new("the same, beside List<double> of that capacity",
            "ListGrowing.VirtualList(Count: 100000000)", "ListGrowing.FrameworkListPresized(Count: 100000000)", 1.0)
        {
            InTurns = static () => ListLife.TimeRatio(nameof(ListGrowing.FrameworkListPresized)),
        },
        new("memory at the most meanwhile, beside the data", "ListGrowing.VirtualList(Count: 100000000)", null, 1.02)
        {
            InTurns = ListLife.PeakRatio,
        },
        Warm("1 byte", "Of1Byte", static warm => warm.VirtualOf1Byte, static warm => warm.FrameworkOf1Byte),
        Warm("8 bytes", "Of8Bytes", static warm => warm.VirtualOf8Bytes, static warm => warm.FrameworkOf8Bytes),
        Warm("32 bytes", "Of32Bytes", static warm => warm.VirtualOf32Bytes, static warm => warm.FrameworkOf32Bytes),
        Read("through a list's view", "ViewSpan", static access => access.ViewSpan()),
        Read("by index", "Indexer", static access => access.Indexer(), 1.2),
        Read("by foreach", "Foreach", static access => access.Foreach()),
        new("64 MiB cleared, decommitted and filled again, beside madvise on 4 KiB pages",
            "ListRefilling.ClearAndDecommit", "ListRefilling.RawDontNeed", 0.5)
        {
            Obstacle = Claims.TransparentHugePagesObstacle,
            InTurns = static () =>
            {
                var refilling = new ListRefilling();
                refilling.Setup();
                double ratio = PairedMeasurement.RatioOfLong(refilling.ClearAndDecommit, refilling.RawDontNeed);
                refilling.Cleanup();
                return ratio;
            },
        },
    ];

    private static Claim Warm(string size, string name, Func<ListWarm, Action> ours, Func<ListWarm, Action> frameworks) =>
        new($"added within capacity, elements of {size}, beside List<T>", $"ListWarm.Virtual{name}", $"ListWarm.Framework{name}", 1.05)
        {
            InTurns = () =>
            {
                var warm = new ListWarm();
                warm.Setup();
                double ratio = PairedMeasurement.RatioOfBest(ours(warm), frameworks(warm));
                warm.Cleanup();
                return ratio;
            },
        };

    private static Claim Read(string how, string name, Func<ListAccess, long> loop, double limit = 1.03) =>
        new($"1 MiB read {how}, beside an array's span", $"ListAccess.{name}", "ListAccess.ArraySpan", limit)
        {
            InTurns = () =>
            {
                var access = new ListAccess();
                access.Setup();
                double ratio = PairedMeasurement.RatioOfBest(() => loop(access), () => access.ArraySpan());
                access.Cleanup();
                return ratio;
            },
        };
}

namespace MemoryPages.Benchmarks;

/// <summary>
/// The claims of the concurrent list. In turns throughout: how much processors get in each other's way changes from second to second.
/// </summary>
internal static class ConcurrentClaims
{
    public static IEnumerable<Claim> All =>
    [
        new("one thread appends to the concurrent list, present memory, beside a bare fetch-add and store",
            "ConcurrentAppending.ConcurrentListPresent(Threads: 1)", "ConcurrentAppending.BareFetchAddAndStore(Threads: 1)", 1.15)
        {
            InTurns = static () => ConcurrentAppending.InTurns(1, ConcurrentAppending.NewPresent, ConcurrentAppending.NewBare),
        },
        new("the same on fresh pages, beside flagged slots on fresh pages",
            "ConcurrentAppending.ConcurrentListFresh(Threads: 1)", "ConcurrentAppending.FlaggedSlotsFresh(Threads: 1)", 0.75)
        {
            InTurns = static () => ConcurrentAppending.InTurns(1, ConcurrentAppending.NewFresh, ConcurrentAppending.NewFlaggedFresh),
        },
        .. ContendedClaims(2),
        .. ContendedClaims(4),
        new("2 threads append batches of 1024 to the concurrent list, beside one by one",
            "ConcurrentAppending.ConcurrentListBatches(Threads: 2)", "ConcurrentAppending.ConcurrentListPresent(Threads: 2)", 0.2)
        {
            InTurns = static () => ConcurrentAppending.InTurns(2, ConcurrentAppending.NewPresent, ConcurrentAppending.NewPresent, inBatches: true),
        },
    ];

    private static IEnumerable<Claim> ContendedClaims(int threads) =>
    [
        new($"{threads} threads append to the concurrent list, beside a locked List<T>",
            $"ConcurrentAppending.ConcurrentListPresent(Threads: {threads})", $"ConcurrentAppending.LockedList(Threads: {threads})", 1.0)
        {
            InTurns = () => ConcurrentAppending.InTurns(threads, ConcurrentAppending.NewPresent, ConcurrentAppending.NewLocked),
        },
        new($"{threads} threads append to the concurrent list, beside flagged slots",
            $"ConcurrentAppending.ConcurrentListPresent(Threads: {threads})", $"ConcurrentAppending.FlaggedSlotsPresent(Threads: {threads})", 1.0)
        {
            InTurns = () => ConcurrentAppending.InTurns(threads, ConcurrentAppending.NewPresent, ConcurrentAppending.NewFlagged),
        },
    ];
}

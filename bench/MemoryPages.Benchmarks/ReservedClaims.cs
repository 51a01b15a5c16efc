namespace MemoryPages.Benchmarks;

/// <summary>What is claimed of reserved addresses, and of what stands on them: queue and pool.</summary>
internal static class ReservedClaims
{
    public static IReadOnlyList<Claim> All { get; } =
    [
        new("reserve + release 1 TiB, beside mmap + munmap", "Reserving.BufferReserve", "Reserving.RawReserve", 1.1)
        {
            InTurns = static () => ReservingInTurns(reserving => (reserving.BufferReserve, reserving.RawReserve)),
        },
        new("commit, touch, decommit 1 MiB, beside mprotect + mmap", "Reserving.BufferCommitAndDecommit", "Reserving.RawCommitAndDecommit", 1.05)
        {
            InTurns = static () => ReservingInTurns(reserving => (reserving.BufferCommitAndDecommit, reserving.RawCommitAndDecommit)),
        },
        new("a record of 64 bytes through a queue, beside a pipe", "Queueing.QueueRecordCopied", "Queueing.PipeRecord", 0.25),
        new("64 KiB rented from a pool and returned, beside mmap + munmap", "PoolRenting.PoolRent", "PoolRenting.RawMmap", 40)
        {
            Measure = Measure.Nanoseconds,
        },
        new("64 KiB rented from a pool and returned, managed memory", "PoolRenting.PoolRent", null, 0)
        {
            Measure = Measure.AllocatedBytes,
        },
    ];

    private static double ReservingInTurns(Func<Reserving, (Action Ours, Action Raw)> rivals)
    {
        var reserving = new Reserving();
        reserving.Setup();
        (Action ours, Action raw) = rivals(reserving);
        double ratio = PairedMeasurement.Ratio(ours, raw);
        reserving.Cleanup();
        return ratio;
    }
}

namespace MemoryPages;

/// <summary>What moving pages to NUMA nodes did: bytes of whole pages, for each outcome.</summary>
/// <param name="Moved">See <see cref="NumaMove.Moved"/>.</param>
/// <param name="WasThere">See <see cref="NumaMove.WasThere"/>.</param>
/// <param name="Absent">See <see cref="NumaMove.Absent"/>.</param>
/// <param name="Shared">See <see cref="NumaMove.Shared"/>.</param>
/// <param name="Busy">See <see cref="NumaMove.Busy"/>.</param>
/// <param name="NoMemory">See <see cref="NumaMove.NoMemory"/>.</param>
/// <param name="Unmovable">See <see cref="NumaMove.Unmovable"/>.</param>
public readonly record struct NumaMoves(nuint Moved, nuint WasThere, nuint Absent, nuint Shared, nuint Busy, nuint NoMemory, nuint Unmovable)
{
    /// <summary>Bytes that are present and not where they were wished.</summary>
    public nuint Remaining => Shared + Busy + NoMemory + Unmovable;

    /// <summary>The same and these pages.</summary>
    internal NumaMoves With(ReadOnlySpan<NumaMove> pages, nuint pageSize) => new(
        Moved + Count(pages, NumaMove.Moved, pageSize),
        WasThere + Count(pages, NumaMove.WasThere, pageSize),
        Absent + Count(pages, NumaMove.Absent, pageSize),
        Shared + Count(pages, NumaMove.Shared, pageSize),
        Busy + Count(pages, NumaMove.Busy, pageSize),
        NoMemory + Count(pages, NumaMove.NoMemory, pageSize),
        Unmovable + Count(pages, NumaMove.Unmovable, pageSize));

    private static nuint Count(ReadOnlySpan<NumaMove> pages, NumaMove outcome, nuint pageSize) => (nuint)pages.Count(outcome) * pageSize;
}

namespace MemoryPages;

/// <summary>What a <see cref="PagePool"/> holds and did, at one moment.</summary>
public readonly record struct PagePoolCounters
{
    /// <summary>Blocks that are rented now.</summary>
    public long RentedBlocks { get; init; }

    /// <summary>Bytes of the blocks that are rented now: their whole sizes, not what was asked for.</summary>
    public nuint RentedBytes { get; init; }

    /// <summary>Bytes of free blocks that are kept in memory: at most the resident budget.</summary>
    public nuint WarmBytes { get; init; }

    /// <summary>Bytes of blocks, rented or free, that are charged to what the system can promise.</summary>
    public nuint CommittedBytes { get; init; }

    /// <summary>Rentals that were given a warm block.</summary>
    public long Hits { get; init; }

    /// <summary>Rentals that were given memory from the system: the first touch of each of its pages is a page fault.</summary>
    public long Misses { get; init; }

    /// <summary>Bytes that were given back, over all time, because free blocks exceeded the budget.</summary>
    public nuint DiscardedBytes { get; init; }

    /// <summary>How often the pool was trimmed, by the program or under memory pressure.</summary>
    public long Trims { get; init; }
}

using System.Numerics;

namespace MemoryPages;

/// <summary>Wishes for a <see cref="PagePool"/>. <c>default</c> wishes nothing.</summary>
public readonly record struct PagePoolOptions
{
    private const nuint DefaultMaximumBlock = 16 << 20;
    private const nuint DefaultResidentBudget = 64 << 20;

    /// <summary>
    /// The largest block that the pool keeps, in bytes: rounded up to a power of two, at least a page. A larger request is served by a mapping of its
    /// own that goes back to the system at once. 0: 16 MiB.
    /// </summary>
    public nuint MaximumBlock { get; init; }

    /// <summary>
    /// The most bytes that free blocks may keep in memory. A quarter of it is set aside for the fronts, in equal shares for each processor; blocks
    /// that are larger than such a share are rented and returned under a lock. 0 keeps nothing; null: 64 MiB.
    /// </summary>
    public nuint? ResidentBudget { get; init; }

    /// <summary>
    /// Rented memory reads zero. Without it a block holds what its last user left in it: that user may be another part of the program, but never
    /// another process. What is fresh from the system reads zero anyway and is not cleared again.
    /// </summary>
    public bool Zeroed { get; init; }

    /// <summary>
    /// Ask for transparent huge pages: the pool commits whole ones, and the kernel is told before the first touch. Blocks that are smaller than a
    /// huge page share it, and giving one of them back splits it.
    /// </summary>
    public bool TransparentHugePages { get; init; }

    /// <summary>
    /// Bytes of addresses that each size class reserves, when it is first used; at least one block. When a class has given out all of them, requests
    /// are served by mappings of their own. 0: as many as the machine has memory. Lower it where addresses are short (<c>ulimit -v</c>).
    /// </summary>
    public nuint ClassCapacity { get; init; }

    /// <summary>A name: see <see cref="AllocationOptions.Name"/>.</summary>
    public string? Name { get; init; }

    internal nuint Budget => ResidentBudget ?? DefaultResidentBudget;

    /// <exception cref="ArgumentOutOfRangeException">No power of two is that large.</exception>
    internal nuint LargestBlock()
    {
        nuint wished = MaximumBlock == 0 ? DefaultMaximumBlock : MaximumBlock;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(wished, (nuint.MaxValue >> 2) + 1, nameof(MaximumBlock)); // 2^62
        return Math.Max(BitOperations.RoundUpToPowerOf2(wished), PageSize.Base);
    }
}

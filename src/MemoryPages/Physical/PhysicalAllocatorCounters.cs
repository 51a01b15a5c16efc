namespace MemoryPages;

/// <summary>What a <see cref="PhysicalAllocator"/> has, at one moment.</summary>
/// <param name="LiveBlocks">Blocks that were allocated and not freed.</param>
/// <param name="LiveBytes">Bytes of these, as they were rounded up.</param>
/// <param name="Zones">Pieces of contiguous memory that blocks are cut from.</param>
/// <param name="ZoneBytes">Bytes of these.</param>
public readonly record struct PhysicalAllocatorCounters(long LiveBlocks, long LiveBytes, long Zones, long ZoneBytes);

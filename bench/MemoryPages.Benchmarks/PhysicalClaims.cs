namespace MemoryPages.Benchmarks;

/// <summary>What is claimed of memory for devices.</summary>
internal static class PhysicalClaims
{
    public static IReadOnlyList<Claim> All { get; } =
    [
        new("a page for a device allocated and freed, warm", "PhysicalAllocating.PhysicalOnePage", "PhysicalAllocating.NativeOnePage", 60)
        {
            Measure = Measure.Nanoseconds,
            Obstacle = PhysicalAllocating.Obstacle,
        },
        new("16 pages side by side for a device allocated and freed, warm",
            "PhysicalAllocating.PhysicalSixteenPages", "PhysicalAllocating.NativeOnePage", 60)
        {
            Measure = Measure.Nanoseconds,
            Obstacle = PhysicalAllocating.Obstacle,
        },
        new("managed memory of it", "PhysicalAllocating.PhysicalOnePage", null, 0)
        {
            Measure = Measure.AllocatedBytes,
            Obstacle = PhysicalAllocating.Obstacle,
        },
        new("the physical address of a byte of a block", "PhysicalAllocating.AllocatorAddressOf", "PhysicalAllocating.RawPageMapRead", 10)
        {
            Measure = Measure.Nanoseconds,
            Obstacle = PhysicalAllocating.Obstacle,
        },
        new("the physical address of a byte of physical memory", "PhysicalAllocating.MemoryAddressOf", "PhysicalAllocating.RawPageMapRead", 10)
        {
            Measure = Measure.Nanoseconds,
            Obstacle = PhysicalAllocating.Obstacle,
        },
        new("a reserved huge page had, touched, given back, beside mmap + munmap", "ReservedTouching.PagesAllocate", "ReservedTouching.RawMmap", 1.05)
        {
            InTurns = ReservedTouching.InTurns,
            Obstacle = static () => HugePagePool.CanBeRaised(1) ? null : "no huge page can be added to the pool",
        },
    ];
}

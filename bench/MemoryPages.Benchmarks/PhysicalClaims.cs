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
        new("a register read through a view", "RegisterAccessing.ViewRead32", "RegisterAccessing.RawRead32", 4)
        {
            Measure = Measure.Nanoseconds,
        },
        new("a register written through a view", "RegisterAccessing.ViewWrite32", "RegisterAccessing.RawWrite32", 4)
        {
            Measure = Measure.Nanoseconds,
        },
        new("a register read with a lease of its own", "RegisterAccessing.RegistersRead32", "RegisterAccessing.RawRead32", 30)
        {
            Measure = Measure.Nanoseconds,
        },
        new("managed memory of it", "RegisterAccessing.RegistersRead32", null, 0)
        {
            Measure = Measure.AllocatedBytes,
        },
        new("a reserved huge page had, touched, given back, beside mmap + munmap", "ReservedTouching.PagesAllocate", "ReservedTouching.RawMmap", 1.05)
        {
            InTurns = ReservedTouching.InTurns,
            Obstacle = static () => HugePagePool.CanBeRaised(1) ? null : "no huge page can be added to the pool",
        },
    ];
}

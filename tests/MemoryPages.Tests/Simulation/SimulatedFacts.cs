namespace MemoryPages.Tests.Simulation;

/// <summary>In what one system differs from others: what the floors above must follow, or must not rely on.</summary>
internal sealed record SimulatedFacts(string Name)
{
    public static readonly SimulatedFacts[] All =
    [
        new("Linux, 4 KiB")
        {
            TransparentHuge = 2 << 20, Huge = [2 << 20, 1 << 30], GrowsInPlace = true, TakesBatches = true, TakesAdvice = true, HasGuards = true,
            RoomToGrow = 1 << 20, Seals = true,
        },
        new("Linux, 16 KiB")
        {
            Page = 16 << 10, TransparentHuge = 32 << 20, Huge = [64 << 10, 2 << 20, 32 << 20], GrowsInPlace = true, TakesBatches = true, TakesAdvice = true,
            HasGuards = true, RoomToGrow = 1 << 20, Seals = true,
        },
        new("Linux, 64 KiB") { Page = 64 << 10, TransparentHuge = 512 << 20, Huge = [2 << 20, 512 << 20], GrowsInPlace = true, TakesAdvice = true },
        new("macOS, 16 KiB")
        {
            Page = 16 << 10, RoundsProtection = true, LosesOffers = true, GrowsInPlace = true, RoomToGrow = 1 << 20, FlushNeedsFile = true,
            PrefersDualMappedCode = true,
        },
        new("Windows, 4 KiB at 64 KiB") { Granularity = 64 << 10, RoundsProtection = true, HasGuards = true },
        new("The poorest, 4 KiB") { KeepsUntilCommitted = true, LosesOffers = true },
    ];

    public nuint Page { get; init; } = 4 << 10;

    /// <summary>Addresses of new mappings are multiples of it, and of nothing more.</summary>
    public nuint Granularity { get => Math.Max(field, Page); init; }

    public nuint TransparentHuge { get; init; }

    public nuint[] Huge { get; init; } = [];

    /// <summary>Writing implies reading, and so does running.</summary>
    public bool RoundsProtection { get; init; }

    /// <summary>Where nothing is in the way; other systems never do.</summary>
    public bool GrowsInPlace { get; init; }

    public bool TakesBatches { get; init; }

    /// <summary>What is a mere wish elsewhere is refused where this is false.</summary>
    public bool TakesAdvice { get; init; }

    public bool HasGuards { get; init; }

    /// <summary>Every second offered page is lost at once; else none ever is.</summary>
    public bool LosesOffers { get; init; }

    /// <summary>Decommitting clears nothing: what was there is there until it is committed again.</summary>
    public bool KeepsUntilCommitted { get; init; }

    public bool Seals { get; init; }

    public bool PrefersDualMappedCode { get; init; }

    /// <summary>Whether pages that write to a file keep it.</summary>
    public bool FlushNeedsFile { get; init; }

    /// <summary>Bytes that are mapped behind the end of a file.</summary>
    public nuint RoomToGrow { get; init; }

    public override string ToString() => Name;
}

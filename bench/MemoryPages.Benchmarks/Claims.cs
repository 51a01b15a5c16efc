namespace MemoryPages.Benchmarks;

/// <summary>What a claim limits.</summary>
internal enum Measure
{
    /// <summary>The numerator's time divided by the denominator's.</summary>
    TimeRatio,

    /// <summary>The numerator's time. The denominator is shown for comparison.</summary>
    Nanoseconds,

    /// <summary>Managed memory that one operation allocates.</summary>
    AllocatedBytes,
}

/// <summary>Something that this library says of its speed, to be held against the results of a run.</summary>
internal sealed record Claim(string Name, string Numerator, string? Denominator, double Limit)
{
    public Measure Measure { get; init; } = Measure.TimeRatio;

    /// <summary>Measures the ratio in turns, where the limit is so near to 1 that benchmarks run one after the other cannot tell.</summary>
    public Func<double>? InTurns { get; init; }

    /// <summary>Why it cannot hold on this system, or null.</summary>
    public Func<string?> Obstacle { get; init; } = static () => null;
}

/// <summary>The claims.</summary>
internal static class Claims
{
    public static IReadOnlyList<Claim> All { get; } =
    [
        new("allocate + dispose, 50 MB untouched, beside mmap + munmap",
            "Allocation.PagesAllocate(Size: 50 MB)", "Allocation.RawMmap(Size: 50 MB)", 1.05)
        {
            InTurns = static () => AllocationInTurns(allocation => allocation.RawMmap),
        },
        new("allocate + dispose, 50 MB untouched, beside NativeMemory",
            "Allocation.PagesAllocate(Size: 50 MB)", "Allocation.NativeMemoryAlloc(Size: 50 MB)", 0.5)
        {
            InTurns = static () => AllocationInTurns(allocation => allocation.NativeMemoryAlloc),
        },
        new("50 MB allocated and touched, transparent huge pages beside raw 4 KiB pages",
            "HugeTouching.PagesTransparentHuge(Size: 50 MB)", "HugeTouching.RawMmap(Size: 50 MB)", 0.45)
        {
            Obstacle = TransparentHugePagesObstacle,
        },
        new("a view opened and closed, beside a SafeHandle's lease", "Views.WriteViewOfAll", "Views.SafeHandleLease", 25)
        {
            Measure = Measure.Nanoseconds,
        },
        new("a view opened and closed, managed memory", "Views.WriteViewOfAll", null, 0)
        {
            Measure = Measure.AllocatedBytes,
        },
        new("1 MiB read through a view's span, beside an array's span",
            "Access.ViewSpan(Size: 1 MiB)", "Access.ArraySpan(Size: 1 MiB)", 1.03)
        {
            InTurns = static () => AccessInTurns(ByteSize.Mebibyte),
        },
        new("64 KiB read through a view's span, beside an array's span",
            "Access.ViewSpan(Size: 64 KiB)", "Access.ArraySpan(Size: 64 KiB)", 1.03)
        {
            InTurns = static () => AccessInTurns(ByteSize.SixteenPages),
        },
        new("read-only and back, 64 KiB untouched, beside two mprotect",
            "Protection.PagesProtect(Present: False)", "Protection.RawMprotect(Present: False)", 1.05)
        {
            InTurns = static () => ProtectionInTurns(present: false, static p => p.PagesProtect, static p => p.RawMprotect),
        },
        new("read-only and back, 64 KiB present, beside two mprotect",
            "Protection.PagesProtect(Present: True)", "Protection.RawMprotect(Present: True)", 1.05)
        {
            InTurns = static () => ProtectionInTurns(present: true, static p => p.PagesProtect, static p => p.RawMprotect),
        },
        .. ListClaims.All,
        .. ReservedClaims.All,
        .. PhysicalClaims.All,
        .. FileClaims.All,
        .. FlushingClaims.All,
        .. ConcurrentClaims.All,
        .. CodeClaims.All,
        .. BoxClaims.All,
        .. TruncationClaims.All,
        .. TrackingClaims.All,
        .. AllocatorClaims.All,
        .. MemoryClaims.All,
    ];

    public static string? TransparentHugePagesObstacle()
    {
        const string Setting = "/sys/kernel/mm/transparent_hugepage/enabled";
        return !File.Exists(Setting) ? "this kernel has no transparent huge pages"
            : File.ReadAllText(Setting).Contains("[never]", StringComparison.Ordinal) ? $"transparent huge pages are switched off ({Setting})"
            : null;
    }

    private static double AllocationInTurns(Func<Allocation, Action> rival)
    {
        var allocation = new Allocation { Size = ByteSize.FiftyMegabytes };
        return PairedMeasurement.Ratio(allocation.PagesAllocate, rival(allocation));
    }

    private static double AccessInTurns(ByteSize size)
    {
        var access = new Access { Size = size };
        access.Setup();
        double ratio = PairedMeasurement.RatioOfBest(() => access.ViewSpan(), () => access.ArraySpan());
        access.Cleanup();
        return ratio;
    }

    internal static double ProtectionInTurns(bool present, Func<Protection, Action> ours, Func<Protection, Action> rival)
    {
        var protection = new Protection { Present = present };
        protection.Setup();
        double ratio = PairedMeasurement.Ratio(ours(protection), rival(protection));
        protection.Cleanup();
        return ratio;
    }
}

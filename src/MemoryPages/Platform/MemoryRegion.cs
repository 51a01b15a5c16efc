namespace MemoryPages.Diagnostics;

/// <summary>One mapping of the process as the operating system lists it: a snapshot. Sizes in bytes.</summary>
/// <remarks>Linux: an entry of <c>/proc/self/smaps</c> (proc(5)).</remarks>
public sealed record MemoryRegion
{
    /// <summary>The first address.</summary>
    public required nuint Address { get; init; }

    /// <summary>The length.</summary>
    public required nuint Length { get; init; }

    /// <summary>What the system allows.</summary>
    public required PageProtection Protection { get; init; }

    /// <summary>Whether other processes see what is written.</summary>
    public required bool IsShared { get; init; }

    /// <summary>The file, or the system's or the owner's name for it; empty when it has none.</summary>
    public required string Name { get; init; }

    /// <summary>The system's own line about the region.</summary>
    public required string Line { get; init; }

    /// <summary>Physical memory that the region has now, shared pages counted whole.</summary>
    public nuint Resident { get; init; }

    /// <summary>The part of <see cref="Resident"/> in transparent huge pages.</summary>
    public nuint TransparentHuge { get; init; }

    /// <summary>Memory in pages of the explicit huge-page pool, which <see cref="Resident"/> does not count.</summary>
    public nuint ExplicitHuge { get; init; }

    /// <summary>The part that may be reclaimed without being asked: offered pages not yet taken.</summary>
    public nuint LazilyFree { get; init; }

    /// <summary>The part that is locked.</summary>
    public nuint Locked { get; init; }

    /// <summary>The page size that the kernel uses for the region.</summary>
    public nuint PageSize { get; init; }

    /// <summary>The kernel's two-letter flags, for example <c>rd wr mr mw me ac hg</c>.</summary>
    public string Flags { get; init; } = "";

    /// <summary>Whether pages of the region stay in memory once they are there.</summary>
    public bool IsLocked => Locked != 0 || Flags.Split(' ').Contains("lo");
}

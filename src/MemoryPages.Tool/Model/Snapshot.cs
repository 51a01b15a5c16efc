using System.Text.Json.Serialization;

namespace MemoryPages.Tool.Model;

/// <summary>What the system said about some pages at one moment. Sizes in bytes.</summary>
/// <param name="Moment">When.</param>
/// <param name="IsFile">Whether a file gives the content.</param>
/// <param name="Length">How long the pages are.</param>
/// <param name="Resident">How much of them mincore(2) finds in memory; for a file, in the system's cache.</param>
/// <param name="Faults">Page faults that the thread took since the moment before.</param>
/// <param name="Regions">The kernel's list of mappings, as far as they hold these pages.</param>
/// <param name="Filled">The pages cut into equal cells from first to last, and which share of each is resident.</param>
internal sealed record Snapshot(
    string Moment,
    bool IsFile,
    long Length,
    long Resident,
    FaultCount Faults,
    IReadOnlyList<RegionLine> Regions,
    [property: JsonIgnore] IReadOnlyList<double> Filled);

/// <summary>One entry of /proc/self/smaps.</summary>
internal sealed record RegionLine(
    string Line,
    string Protection,
    string VmFlags,
    long Resident,
    long TransparentHuge,
    long ExplicitHuge,
    long LazilyFree,
    long Locked);

/// <summary>Page faults: answered from memory (minor), or by reading from a device (major).</summary>
internal readonly record struct FaultCount(long Minor, long Major)
{
    public static FaultCount operator +(FaultCount left, FaultCount right) => new(left.Minor + right.Minor, left.Major + right.Major);

    public static FaultCount operator -(FaultCount left, FaultCount right) => new(left.Minor - right.Minor, left.Major - right.Major);

    public static FaultCount Add(FaultCount left, FaultCount right) => left + right;

    public static FaultCount Subtract(FaultCount left, FaultCount right) => left - right;
}

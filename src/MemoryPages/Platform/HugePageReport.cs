using System.Globalization;
using System.Text;

namespace MemoryPages.Diagnostics;

/// <summary>How much of a range is in huge pages, and why the rest is not. A snapshot. Bytes.</summary>
/// <remarks>
/// Made of what an ordinary user is shown. Only root is shown which base pages are parts of a huge page: to others <see cref="HugePageReason.Split"/>
/// counts as <see cref="HugePageReason.PartlyTouched"/> or <see cref="HugePageReason.NotCollapsed"/>. Before Linux 6.7 the kernel tells the huge
/// bytes of whole mappings only: of a part of one the report may be wrong by the rest.
/// </remarks>
public sealed record HugePageReport
{
    /// <summary>The range: whole base pages. What of it is not mapped is in none of the numbers.</summary>
    public required nuint Length { get; init; }

    /// <summary>In huge pages, transparent or explicit.</summary>
    public required nuint Huge { get; init; }

    /// <summary>Why the rest is not: one entry for each reason that holds, the most bytes first.</summary>
    public required IReadOnlyList<HugePageObstacle> Obstacles { get; init; }

    /// <summary>The bytes that a reason keeps out of huge pages.</summary>
    /// <param name="reason">The reason.</param>
    public nuint BytesOf(HugePageReason reason) => Obstacles.FirstOrDefault(obstacle => obstacle.Reason == reason).Bytes;

    /// <summary>For people: a line for the whole, and one for each obstacle with what would help.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Huge:N0} of {Length:N0} bytes are in huge pages.");
        foreach (HugePageObstacle obstacle in Obstacles)
        {
            text.AppendLine().Append(CultureInfo.InvariantCulture, $"{obstacle.Bytes:N0} bytes, {obstacle.Reason}: {obstacle.Remedy}");
        }

        return text.ToString();
    }
}

/// <summary>What keeps some bytes out of huge pages.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Bytes">How many.</param>
/// <param name="Remedy">What a person can do about it.</param>
public readonly record struct HugePageObstacle(HugePageReason Reason, nuint Bytes, string Remedy);

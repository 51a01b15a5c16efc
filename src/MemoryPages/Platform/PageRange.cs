namespace MemoryPages;

/// <summary>A part of pages: a byte offset from their start and a length in bytes. It need not be aligned.</summary>
/// <remarks>
/// Each verb says how it rounds: what destroys content rounds inward to whole pages, what protects or advises rounds outward. A range is
/// checked against the pages when it is used: offset and length each for themselves, never their sum, so it cannot overflow past a check.
/// </remarks>
/// <param name="Offset">Bytes from the start of the pages.</param>
/// <param name="Length">Bytes. Zero is legal and names nothing.</param>
public readonly record struct PageRange(nuint Offset, nuint Length)
{
    /// <summary>The range from <paramref name="start"/> up to, not including, <paramref name="end"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="end"/> is below <paramref name="start"/>.</exception>
    public static PageRange FromBounds(nuint start, nuint end)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(end, start);
        return new PageRange(start, end - start);
    }

    /// <summary>Whether the range lies within <paramref name="length"/> bytes.</summary>
    public bool IsWithin(nuint length) => Offset <= length && Length <= length - Offset;

    /// <summary>Whether the two ranges share a byte.</summary>
    public bool Overlaps(PageRange other) =>
        Length != 0 && other.Length != 0 && (Offset <= other.Offset ? other.Offset - Offset < Length : Offset - other.Offset < other.Length);
}

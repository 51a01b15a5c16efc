namespace MemoryPages;

/// <summary>
/// Wishes for a file that gets its length from its pages. It is always mapped whole, from its first byte on. <c>default</c> allocates its space.
/// </summary>
public readonly record struct GrowingFileOptions
{
    /// <summary>Whether the file gets its space at once: here and whenever it is made longer.</summary>
    public FileSpace Space { get; init; }

    /// <inheritdoc cref="FileMapOptions.SurviveTruncation"/>
    /// <remarks>
    /// As for <see cref="FileMapOptions.SurviveTruncation"/>; these pages keep the file open in any case. What <c>Resize</c> cuts off is not counted
    /// as lost, and each resizing shows the file again where zeros had replaced it.
    /// </remarks>
    public bool SurviveTruncation { get; init; }
}

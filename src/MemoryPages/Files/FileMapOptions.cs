namespace MemoryPages;

/// <summary>Wishes for mapping a file. <c>default</c> maps all of it.</summary>
public readonly record struct FileMapOptions
{
    /// <summary>Bytes into the file where the pages begin; need not be aligned.</summary>
    public long Offset { get; init; }

    /// <summary>Bytes to map; null for all from <see cref="Offset"/> to the end of the file.</summary>
    public nuint? Length { get; init; }

    /// <summary>Read the whole part into memory before the call returns; if that fails, so does the call.</summary>
    public bool Populate { get; init; }

    /// <summary>
    /// If somebody cuts the file off while it is mapped, accesses to what is gone do not end the process: they find zeros, and
    /// <see cref="Pages{TProtection}.WasTruncated"/> says so. See <see cref="Pages.TruncationSurvivalSupported"/>.
    /// </summary>
    /// <remarks>
    /// The pages keep the file open: one descriptor each. Where zeros have replaced a page they stay, also when the file has content there again, until
    /// <see cref="Pages{TProtection}.Refresh"/>; what is written to such a page is lost. The same goes for any page that cannot be had: a device that
    /// fails, a full disk. Linux: a handler for SIGBUS, installed once for the process when the option is first used; it passes on what is not of
    /// such pages. Without a fault it costs nothing.
    /// </remarks>
    public bool SurviveTruncation { get; init; }
}

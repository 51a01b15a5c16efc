using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>Wishes for mapping a file. <c>default</c> maps all of it.</summary>
public readonly record struct FileMapOptions
{
    /// <summary>Bytes into the file where the pages begin; need not be aligned, may be beyond 4 GiB.</summary>
    public long Offset { get; init; }

    /// <summary>
    /// Bytes to map, not rounded; null for all from <see cref="Offset"/> to the end of the file. A device without a length (a character device) needs
    /// one.
    /// </summary>
    public nuint? Length { get; init; }

    /// <summary>
    /// Read the whole part into memory before the call returns; if that fails, so does the call. Copy-on-write pages are read, not copied. Linux:
    /// <c>MADV_POPULATE_READ</c>, not <c>MAP_POPULATE</c>, which hides failures.
    /// </summary>
    public bool Populate { get; init; }

    /// <summary>
    /// Copy-on-write pages only: ask for no promise of memory for the copies. More can be mapped than the system could keep, and writing to a page
    /// may then end the process. Shared pages need no promise: their memory is the file's, and the wish changes nothing. Not on a file system of huge
    /// pages. Ignored by Linux under strict overcommit. Linux: <c>MAP_NORESERVE</c>.
    /// </summary>
    public bool NoReserve { get; init; }

    /// <summary>
    /// If somebody cuts the file off while it is mapped, accesses to what is gone do not end the process: they find zeros, and
    /// <see cref="Pages{TProtection}.WasTruncated"/> says so. See <see cref="Pages.TruncationSurvivalSupported"/>.
    /// </summary>
    /// <remarks>
    /// The pages keep the file open: one descriptor each. Where zeros have replaced a page they stay, also when the file has content there again,
    /// until <see cref="Pages{TProtection}.Refresh"/>; what is written to such a page is lost. The same goes for any page that cannot be had: a
    /// device that fails, a full disk. Linux: a handler for SIGBUS, installed once for the process when the option is first used; it passes on what
    /// is not of such pages. Without a fault it costs nothing.
    /// </remarks>
    public bool SurviveTruncation { get; init; }

    /// <summary>The bytes to map of a file. The same answer on every system, before anything is mapped.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie within the file.</exception>
    /// <exception cref="ArgumentException">The file has no length and none was given; or there is no promise to forgo.</exception>
    internal nuint LengthIn(in FileFacts file)
    {
        if (NoReserve && file.PageSize > PageSize.Base)
        {
            throw Contradiction(nameof(NoReserve), "NoReserve on a file of huge pages would let a touch end the process when the pool is empty.");
        }

        if (file.Kind == FileKind.CharacterDevice)
        {
            nuint wished = Length ?? throw Contradiction(nameof(Length), "A character device has no length of its own: say how many bytes to map.");
            return wished <= (nuint)(long.MaxValue - Offset)
                ? wished
                : throw Outside(nameof(Length), wished, $"From offset {Offset} on, no file has that many bytes.");
        }

        if (Offset > file.Length)
        {
            throw Outside(nameof(Offset), Offset, $"The file ends before that: it has {file.Length} bytes.");
        }

        nuint rest = (nuint)(file.Length - Offset);
        nuint length = Length ?? rest;
        return length <= rest
            ? length
            : throw Outside(
                nameof(Length), length,
                $"The file has {rest} bytes from offset {Offset} on. Touching more would end the process: make the file longer first.");
    }

    private static ArgumentException Contradiction(string parameter, string problem) => new(problem, parameter);

    private static ArgumentOutOfRangeException Outside(string parameter, object value, string problem) => new(parameter, value, problem);
}

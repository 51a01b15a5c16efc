using MemoryPages.Mapping;
using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages;

/// <content>Pages whose content is a file's.</content>
public static partial class Pages
{
    /// <summary>Maps a file to read. The file is open during this call only.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Which part.</param>
    /// <returns>Pages of the part's own length, not rounded. An empty file gives pages of length 0.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a directory.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie within the file.</exception>
    /// <exception cref="MemoryPagesException">The system refused to map it.</exception>
    /// <remarks>
    /// Changes that others make to the file show in the pages. If another process cuts the file off, reading what is gone ends this process: map
    /// files that somebody may shorten with <see cref="FileMapOptions.SurviveTruncation"/>. Linux: mmap(2) with <c>MAP_SHARED</c>.
    /// </remarks>
    public static Pages<ReadOnly> Map(string path, in FileMapOptions options = default)
    {
        using SafeFileHandle file = Open(path, FileAccess.Read);
        return Map<ReadOnly>(file, path, nameof(Map), options);
    }

    /// <summary>As <see cref="Map(string, in FileMapOptions)"/>, of a file that is open already. It stays open; the pages do not need it.</summary>
    /// <param name="file">A file open for reading.</param>
    /// <param name="options">Which part.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie within the file.</exception>
    /// <exception cref="MemoryPagesException">The system refused to map it.</exception>
    public static Pages<ReadOnly> Map(SafeFileHandle file, in FileMapOptions options = default) => Map<ReadOnly>(file, null, nameof(Map), options);

    /// <summary>Maps a file to read and write: what is written is the file's content, and others who map it see it.</summary>
    /// <param name="path">The file. It is not made longer.</param>
    /// <param name="options">Which part.</param>
    /// <returns>Pages of the part's own length, not rounded.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written, or is a directory.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie within the file.</exception>
    /// <exception cref="MemoryPagesException">The system refused to map it.</exception>
    /// <remarks>
    /// Written pages reach the device when <see cref="Pages{TProtection}.Flush"/> says so, or the system gets to it. See
    /// <see cref="Map(string, in FileMapOptions)"/> for files that are cut off.
    /// </remarks>
    public static Pages<ReadWrite> MapShared(string path, in FileMapOptions options = default)
    {
        using SafeFileHandle file = Open(path, FileAccess.ReadWrite);
        return Map<ReadWrite>(file, path, nameof(MapShared), options);
    }

    /// <summary>As <see cref="MapShared(string, in FileMapOptions)"/>, of a file that is open already. It stays open; the pages do not need it.</summary>
    /// <param name="file">A file open for reading and writing.</param>
    /// <param name="options">Which part.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie within the file.</exception>
    /// <exception cref="MemoryPagesException">The system refused to map it.</exception>
    public static Pages<ReadWrite> MapShared(SafeFileHandle file, in FileMapOptions options = default) =>
        Map<ReadWrite>(file, null, nameof(MapShared), options);

    // Nobody is locked out: others may read, write, replace and delete the file while it is mapped, as they may without us.
    private static SafeFileHandle Open(string path, FileAccess access) =>
        File.OpenHandle(path, FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete);

    private static Pages<TProtection> Map<TProtection>(SafeFileHandle file, string? name, string operation, in FileMapOptions options)
        where TProtection : struct, IProtection
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Offset, nameof(options.Offset));
        long fileLength = RandomAccess.GetLength(file);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Offset, fileLength, nameof(options.Offset));
        nuint rest = (nuint)(fileLength - options.Offset);
        nuint length = options.Length ?? rest;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, rest, nameof(options.Length));
        ThrowIfCannotSurvive(options);

        var request = new FileRequest
        {
            File = file,
            Offset = options.Offset,
            Length = length,
            Protection = TProtection.Protection,
            SurviveTruncation = options.SurviveTruncation,
        };
        SystemError error = MappingHandle.TryMapFile(request, options.Populate, name, out MappingHandle? mapping);
        return error.Failed
            ? throw MappingHandle.Failure(error, operation, name, 0, length, PageSize.Base)
            : new Pages<TProtection>(mapping!);
    }
}

using MemoryPages.Mapping;
using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages;

/// <content>Pages whose content is a file's, shared with everybody who maps it.</content>
public static partial class Pages
{
    /// <summary>Maps a file to read. The file is open during this call only.</summary>
    /// <param name="path">The file, or a block or character device. Opening it never waits for somebody else.</param>
    /// <param name="options">Which part.</param>
    /// <returns>Pages of the part's own length, not rounded. An empty file gives pages of length 0.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie within the file.</exception>
    /// <exception cref="ArgumentException">A character device needs <see cref="FileMapOptions.Length"/>.</exception>
    /// <exception cref="MemoryPagesException">
    /// The system refused to map it, or it is nothing that can be mapped (<see cref="ErrorReason.NotSupported"/>): a directory, pipe or socket, or a
    /// file without length that has content, as under <c>/proc</c>.
    /// </exception>
    /// <remarks>
    /// Changes that others make to the file show in the pages. If another process cuts the file off, reading what is gone ends this process: map
    /// files that somebody may shorten with <see cref="FileMapOptions.SurviveTruncation"/>. The pages cannot become writable, since the file was
    /// opened to read: see <see cref="MapShared(string, in FileMapOptions)"/> and <see cref="MapCopyOnWrite(string, in FileMapOptions)"/>. Linux:
    /// mmap(2) with <c>MAP_SHARED</c>; the length of a block device by <c>BLKGETSIZE64</c>.
    /// </remarks>
    public static Pages<ReadOnly> Map(string path, in FileMapOptions options = default) =>
        MapPath<ReadOnly>(path, FileAccess.Read, Backing.SharedFile, nameof(Map), options);

    /// <summary>As <see cref="Map(string, in FileMapOptions)"/>, of a file that is open already. It stays open; the pages do not need it.</summary>
    /// <param name="file">A file open for reading. Of one that is open for writing too the pages may become writable.</param>
    /// <param name="options">Which part.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie within the file.</exception>
    /// <exception cref="ArgumentException">A character device needs <see cref="FileMapOptions.Length"/>.</exception>
    /// <exception cref="ObjectDisposedException">The handle is closed.</exception>
    /// <exception cref="MemoryPagesException">The system refused to map it, or it is nothing that can be mapped.</exception>
    public static Pages<ReadOnly> Map(SafeFileHandle file, in FileMapOptions options = default) =>
        MapHandle<ReadOnly>(file, null, Backing.SharedFile, nameof(Map), options);

    /// <summary>Maps a file to read and write: what is written is the file's content, and others who map it see it.</summary>
    /// <param name="path">The file. It is not made longer.</param>
    /// <param name="options">Which part.</param>
    /// <returns>Pages of the part's own length, not rounded.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie within the file.</exception>
    /// <exception cref="ArgumentException">A character device needs <see cref="FileMapOptions.Length"/>.</exception>
    /// <exception cref="MemoryPagesException">The system refused to map it, or it is nothing that can be mapped.</exception>
    /// <remarks>
    /// Written pages reach the device when <see cref="Pages{TProtection}.Flush"/> says so, or the system gets to it. See
    /// <see cref="Map(string, in FileMapOptions)"/> for files that are cut off.
    /// </remarks>
    public static Pages<ReadWrite> MapShared(string path, in FileMapOptions options = default) =>
        MapPath<ReadWrite>(path, FileAccess.ReadWrite, Backing.SharedFile, nameof(MapShared), options);

    /// <summary>
    /// As <see cref="MapShared(string, in FileMapOptions)"/>, of a file that is open already. It stays open; the pages do not need it.
    /// </summary>
    /// <param name="file">A file open for reading and writing.</param>
    /// <param name="options">Which part.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie within the file.</exception>
    /// <exception cref="ArgumentException">A character device needs <see cref="FileMapOptions.Length"/>.</exception>
    /// <exception cref="ObjectDisposedException">The handle is closed.</exception>
    /// <exception cref="MemoryPagesException">The system refused to map it, or it is nothing that can be mapped.</exception>
    public static Pages<ReadWrite> MapShared(SafeFileHandle file, in FileMapOptions options = default) =>
        MapHandle<ReadWrite>(file, null, Backing.SharedFile, nameof(MapShared), options);

    private static Pages<TProtection> MapPath<TProtection>(
        string path, FileAccess access, Backing backing, string operation, in FileMapOptions options)
        where TProtection : struct, IProtection
    {
        using SafeFileHandle file = FileOpening.Open(path, access, operation, backing);
        return MapHandle<TProtection>(file, path, backing, operation, options);
    }

    private static Pages<TProtection> MapHandle<TProtection>(
        SafeFileHandle file, string? name, Backing backing, string operation, in FileMapOptions options)
        where TProtection : struct, IProtection
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Offset, nameof(options.Offset));
        ThrowIfCannotSurvive(options.SurviveTruncation);
        ThrowIfUnpopulatable<TProtection>(options.Populate);
        SystemError error = MemorySystem.Current.QueryFile(file, out FileFacts facts);
        nuint length = error.Failed ? 0 : options.LengthIn(facts);
        MappingHandle? mapping = null;
        if (!error.Failed)
        {
            var request = new FileRequest
            {
                File = file,
                Offset = options.Offset,
                Length = length,
                PageSize = facts.PageSize,
                Protection = TProtection.Protection,
                Backing = backing,
                NoReserve = options.NoReserve,
                SurviveTruncation = options.SurviveTruncation,
            };
            error = MappingHandle.TryMapFile(request, options.Populate, name, out mapping);
        }

        return mapping is not null
            ? new Pages<TProtection>(mapping)
            : throw new MemoryPagesException(error, new FailedOperation(operation, name, 0, length, Math.Max(facts.PageSize, PageSize.Base))
            {
                Backing = backing,
                FileKind = facts.Kind,
                Wished = TProtection.Protection,
            });
    }
}

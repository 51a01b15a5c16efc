using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages;

/// <content>Pages that begin as a file's content and are the process's own where they are written.</content>
public static partial class Pages
{
    /// <summary>Maps a file to read and write without changing it: a page that is written becomes a copy of the process's own.</summary>
    /// <param name="path">The file. It is opened for reading only.</param>
    /// <param name="options">Which part.</param>
    /// <returns>Pages of the part's own length, not rounded.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie within the file.</exception>
    /// <exception cref="ArgumentException">A character device needs <see cref="FileMapOptions.Length"/>.</exception>
    /// <exception cref="MemoryPagesException">The system refused to map it, or it is nothing that can be mapped.</exception>
    /// <remarks>
    /// <para>
    /// Memory is used for the pages that are written, and promised for all of them here (the commit charge), unless
    /// <see cref="FileMapOptions.NoReserve"/> forgoes that. <see cref="PagesRelease.Discard"/> gives copies back: the pages read as the file again.
    /// <see cref="Pages{TProtection}.Flush"/> does nothing. Every transition is possible, whatever the file's permissions, but to executable pages on
    /// a file system mounted noexec.
    /// </para>
    /// <para>
    /// Whether changes that others make to the file show in pages that were not written yet, POSIX leaves open; on Linux they do: this is no
    /// snapshot. Files that are cut off: see <see cref="Map(string, in FileMapOptions)"/>. Linux: mmap(2) with <c>MAP_PRIVATE</c>.
    /// </para>
    /// </remarks>
    public static Pages<ReadWrite> MapCopyOnWrite(string path, in FileMapOptions options = default) => MapCopyOnWrite<ReadWrite>(path, options);

    /// <summary>
    /// As <see cref="MapCopyOnWrite(string, in FileMapOptions)"/>, of a file that is open already. It stays open; the pages do not need it.
    /// </summary>
    /// <param name="file">A file open for reading.</param>
    /// <param name="options">Which part.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie within the file.</exception>
    /// <exception cref="ArgumentException">A character device needs <see cref="FileMapOptions.Length"/>.</exception>
    /// <exception cref="ObjectDisposedException">The handle is closed.</exception>
    /// <exception cref="MemoryPagesException">The system refused to map it, or it is nothing that can be mapped.</exception>
    public static Pages<ReadWrite> MapCopyOnWrite(SafeFileHandle file, in FileMapOptions options = default) =>
        MapCopyOnWrite<ReadWrite>(file, options);

    /// <summary>
    /// As <see cref="MapCopyOnWrite(string, in FileMapOptions)"/>, under another protection from the start: to read now and write later
    /// (<see cref="ReadOnly"/>), to run and patch (<see cref="ReadExecute"/>), or to open part by part (<see cref="NoAccess"/>).
    /// </summary>
    /// <typeparam name="TProtection">The protection. <see cref="FileMapOptions.Populate"/> needs a readable or writable one.</typeparam>
    /// <param name="path">The file. It is opened for reading only.</param>
    /// <param name="options">Which part.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie within the file.</exception>
    /// <exception cref="ArgumentException">
    /// The options contradict the protection, or a character device needs <see cref="FileMapOptions.Length"/>.
    /// </exception>
    /// <exception cref="MemoryPagesException">The system refused to map it, or it is nothing that can be mapped.</exception>
    /// <remarks>The commit charge is taken when the pages become writable first.</remarks>
    public static Pages<TProtection> MapCopyOnWrite<TProtection>(string path, in FileMapOptions options = default)
        where TProtection : struct, IProtection => MapPath<TProtection>(path, FileAccess.Read, Backing.PrivateFile, nameof(MapCopyOnWrite), options);

    /// <summary>
    /// As <see cref="MapCopyOnWrite{TProtection}(string, in FileMapOptions)"/>, of a file that is open already. It stays open; the pages do not need
    /// it.
    /// </summary>
    /// <typeparam name="TProtection">The protection. <see cref="FileMapOptions.Populate"/> needs a readable or writable one.</typeparam>
    /// <param name="file">A file open for reading.</param>
    /// <param name="options">Which part.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie within the file.</exception>
    /// <exception cref="ArgumentException">
    /// The options contradict the protection, or a character device needs <see cref="FileMapOptions.Length"/>.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The handle is closed.</exception>
    /// <exception cref="MemoryPagesException">The system refused to map it, or it is nothing that can be mapped.</exception>
    public static Pages<TProtection> MapCopyOnWrite<TProtection>(SafeFileHandle file, in FileMapOptions options = default)
        where TProtection : struct, IProtection => MapHandle<TProtection>(file, null, Backing.PrivateFile, nameof(MapCopyOnWrite), options);
}

using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages;

/// <content>Pages of a file's code.</content>
public static partial class Pages
{
    /// <summary>Maps a file to read and run, shared with everybody who maps it.</summary>
    /// <param name="path">The file. It is opened for reading only, and needs no permission to execute.</param>
    /// <param name="options">Which part.</param>
    /// <returns>Pages of the part's own length, not rounded. They cannot become writable.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie within the file.</exception>
    /// <exception cref="ArgumentException">A character device needs <see cref="FileMapOptions.Length"/>.</exception>
    /// <exception cref="MemoryPagesException">
    /// The system refused to map it, as on a file system mounted noexec (<see cref="ErrorReason.AccessDenied"/>), or it is nothing that can be
    /// mapped.
    /// </exception>
    /// <remarks>
    /// Whoever may write the file may change what runs. Code that is to be patched without changing the file (relocations) is mapped by
    /// <see cref="MapCopyOnWrite{TProtection}(string, in FileMapOptions)"/>. Linux: mmap(2) with <c>PROT_READ | PROT_EXEC</c> and <c>MAP_SHARED</c>;
    /// the kernel makes instruction fetch see what it reads in from the file, but not what is written through another mapping on arm64.
    /// </remarks>
    public static Pages<ReadExecute> MapExecutable(string path, in FileMapOptions options = default) =>
        MapPath<ReadExecute>(path, FileAccess.Read, Backing.SharedFile, nameof(MapExecutable), options);

    /// <summary>
    /// As <see cref="MapExecutable(string, in FileMapOptions)"/>, of a file that is open already. It stays open; the pages do not need it.
    /// </summary>
    /// <param name="file">A file open for reading.</param>
    /// <param name="options">Which part.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie within the file.</exception>
    /// <exception cref="ArgumentException">A character device needs <see cref="FileMapOptions.Length"/>.</exception>
    /// <exception cref="ObjectDisposedException">The handle is closed.</exception>
    /// <exception cref="MemoryPagesException">The system refused to map it, or it is nothing that can be mapped.</exception>
    public static Pages<ReadExecute> MapExecutable(SafeFileHandle file, in FileMapOptions options = default) =>
        MapHandle<ReadExecute>(file, null, Backing.SharedFile, nameof(MapExecutable), options);
}

using MemoryPages.Mapping;
using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages;

/// <summary>What the system's cache holds of a file, without mapping it.</summary>
/// <remarks>
/// Of pages that are mapped, <see cref="Pages{TProtection}.CountResidentBytes"/> says which are in memory; this says also what is still to be
/// written, of any file.
/// </remarks>
public static class FileCache
{
    /// <summary>Whether the running kernel tells. Asked of it once, by the effect. Linux 6.5.</summary>
    public static bool IsSupported => MemorySystem.Current.FileCacheFactsSupported;

    /// <summary>Asks about a part of a file.</summary>
    /// <param name="path">The file. It is open during this call only.</param>
    /// <param name="offset">Bytes into the file.</param>
    /// <param name="length">Bytes, rounded outward to whole pages; 0 for all from there to the end.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a directory.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="offset"/> or <paramref name="length"/> is negative.</exception>
    /// <exception cref="PlatformNotSupportedException">The kernel does not tell: <see cref="IsSupported"/>.</exception>
    /// <exception cref="MemoryPagesException">The system refused: of a file that it may not write the kernel may tell a process nothing.</exception>
    public static FileCacheFacts Query(string path, long offset = 0, long length = 0)
    {
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return Query(file, path, offset, length);
    }

    /// <summary>Asks about a part of a file that is open.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Bytes into the file.</param>
    /// <param name="length">Bytes, rounded outward to whole pages; 0 for all from there to the end.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="offset"/> or <paramref name="length"/> is negative.</exception>
    /// <exception cref="PlatformNotSupportedException">The kernel does not tell: <see cref="IsSupported"/>.</exception>
    /// <exception cref="MemoryPagesException">The system refused: of a file that it may not write the kernel may tell a process nothing.</exception>
    /// <remarks>Linux: cachestat(2).</remarks>
    public static FileCacheFacts Query(SafeFileHandle file, long offset = 0, long length = 0) => Query(file, null, offset, length);

    private static FileCacheFacts Query(SafeFileHandle file, string? path, long offset, long length)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (!IsSupported)
        {
            throw new PlatformNotSupportedException("This kernel does not tell what it caches of files: it needs cachestat(2), Linux 6.5.");
        }

        SystemError error = MemorySystem.Current.QueryFileCache(file, offset, length, out FileCacheFacts facts);
        return error.Failed
            ? throw MappingHandle.Failure(error, $"{nameof(FileCache)}.{nameof(Query)}", path, 0, (nuint)length, PageSize.Base)
            : facts;
    }
}

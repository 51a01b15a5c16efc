using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Mapping;

/// <summary>Opens a file to be mapped, never to wait for it.</summary>
/// <remarks>
/// Not <see cref="File.OpenHandle"/>: that waits at a pipe until somebody opens its other end, and locks the file. Nobody is locked out here: others
/// may read, write, replace and delete the file while it is mapped, as they may without us.
/// </remarks>
internal static class FileOpening
{
    /// <exception cref="ArgumentException">That is no path.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be opened so.</exception>
    /// <exception cref="MemoryPagesException">The system refused for another reason.</exception>
    public static SafeFileHandle Open(string path, FileAccess access, string operation, Backing backing)
    {
        string full = Path.GetFullPath(path); // also refuses null, nothing, and null characters
        var file = new SafeFileHandle(); // first what can fail, so that no descriptor is left without an owner
        SystemError error = MemorySystem.Current.OpenFile(full, forWriting: access != FileAccess.Read, file);
        if (!error.Failed)
        {
            return file;
        }

        file.Dispose();
        var failed = new FailedOperation(operation, path, 0, 0, PageSize.Base) { Backing = backing };
        throw InFrameworkTerms(new MemoryPagesException(error, failed), path, full);
    }

    /// <summary>What programs that open files catch already.</summary>
    private static Exception InFrameworkTerms(MemoryPagesException refused, string path, string full) => refused.Reason switch
    {
        ErrorReason.NotFound when Directory.Exists(Path.GetDirectoryName(full)) => new FileNotFoundException(refused.Message, path, refused),
        ErrorReason.NotFound => new DirectoryNotFoundException(refused.Message, refused),
        ErrorReason.AccessDenied => new UnauthorizedAccessException(refused.Message, refused),
        _ => refused,
    };
}

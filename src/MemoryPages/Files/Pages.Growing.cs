using System.Runtime.CompilerServices;
using MemoryPages.Mapping;
using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages;

/// <content>Pages that are a whole file and give it its length.</content>
public static partial class Pages
{
    /// <summary>
    /// Maps a whole file to read and write, made so long first, and created if there is none. <c>Resize</c> resizes the file with the pages.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="length">
    /// Bytes that it has at least; a longer file is mapped whole, nothing is ever cut off here. 0 for as long as it is. 64 bits on every system, so
    /// that <c>1L &lt;&lt; 36</c> and any <see cref="nuint"/> can be written for it.
    /// </param>
    /// <param name="options">How it gets its space, and whether somebody else may cut it off.</param>
    /// <returns>Pages as long as the file. They keep it open, to resize and flush it, until they are disposed.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read and written.</exception>
    /// <exception cref="MemoryPagesException">
    /// It is no file, or there is no room (<see cref="ErrorReason.NoSpace"/>), the file may not be that long
    /// (<see cref="ErrorReason.FileSizeLimit"/>), its file system cannot allocate space in it (<see cref="ErrorReason.NotSupported"/>), or the system
    /// refused to map it. Then the file is as long as it was; one that this call created is gone again.
    /// </exception>
    /// <remarks>
    /// <para>
    /// With <see cref="FileSpace.Allocated"/> a full disk is an exception here and not a fault while writing, and before a byte is written. That
    /// holds for file systems that write in place. Those that write elsewhere (btrfs, ZFS) may still need room for each new write, which no call can
    /// promise.
    /// </para>
    /// <para>
    /// Linux: fallocate(2), with MAP_SHARED. Where a file system has no fallocate, zeros are written behind the old end, and a file with holes is
    /// refused: filling them could overwrite what another process writes. If another process cuts the file off, reading what is gone ends this
    /// process, without <see cref="GrowingFileOptions.SurviveTruncation"/>.
    /// </para>
    /// </remarks>
    [OverloadResolutionPriority(-1)] // `new() { Offset = 5 }` means options, although a number could be made by `new()` too
    public static Pages<ReadWrite> MapShared(string path, ulong length, in GrowingFileOptions options = default)
    {
        ThrowIfImpossible(options);
        SafeFileHandle file = OpenOrCreate(path, out bool isNew);
        bool isMapped = false;
        try
        {
            Pages<ReadWrite> pages = MapGrowing(file, path, isNew, length, options);
            isMapped = true;
            return pages;
        }
        finally
        {
            // The pages have a handle of their own. With this one ends the lock that the framework takes for FileShare: mapped files lock nobody out.
            file.Dispose();
            if (isNew && !isMapped)
            {
                File.Delete(path);
            }
        }
    }

    /// <summary>
    /// As <see cref="MapShared(string, ulong, in GrowingFileOptions)"/>, of a file that is open already. It stays open; the pages have a handle of
    /// their own.
    /// </summary>
    /// <param name="file">A file open for reading and writing.</param>
    /// <param name="length">Bytes that it has at least; a longer file is mapped whole. 0 for as long as it is.</param>
    /// <param name="options">How it gets its space, and whether somebody else may cut it off.</param>
    /// <exception cref="MemoryPagesException">As for a path; the file is as long as it was.</exception>
    [OverloadResolutionPriority(-1)]
    public static Pages<ReadWrite> MapShared(SafeFileHandle file, ulong length, in GrowingFileOptions options = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ThrowIfImpossible(options);
        return MapGrowing(file, null, isNew: false, length, options);
    }

    private static Pages<ReadWrite> MapGrowing(SafeFileHandle file, string? path, bool isNew, ulong length, in GrowingFileOptions options)
    {
        nuint wished = checked((nuint)length);
        SystemError error = MemorySystem.Current.Duplicate(file, out SafeFileHandle? own);
        if (!error.Failed)
        {
            MappingHandle? mapping = null;
            try
            {
                var growth = new FileGrowth(own!, options.Space, isNew ? Path.GetDirectoryName(Path.GetFullPath(path!)) : null);
                error = MappingHandle.TryMapGrowing(growth, wished, options.SurviveTruncation, path, out mapping);
            }
            finally
            {
                if (mapping is null)
                {
                    own!.Dispose();
                }
            }

            if (mapping is not null)
            {
                return new Pages<ReadWrite>(mapping);
            }
        }

        throw new MemoryPagesException(error, new FailedOperation(nameof(MapShared), path, 0, wished, PageSize.Base)
        {
            Backing = Backing.SharedFile,
            Wished = PageProtection.Read | PageProtection.Write,
        });
    }

    /// <summary>
    /// By two calls, so that what is said to be new is what this one created. Another process may create or delete it in between: then again.
    /// </summary>
    private static SafeFileHandle OpenOrCreate(string path, out bool isNew)
    {
        while (true)
        {
            try
            {
                isNew = false;
                return FileOpening.Open(path, FileAccess.ReadWrite, nameof(MapShared), Backing.SharedFile);
            }
            catch (FileNotFoundException)
            {
                // It is to be created.
            }

            try
            {
                SafeFileHandle created = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
                isNew = true;
                return created;
            }
            catch (IOException) when (File.Exists(path))
            {
                // Another process was first: it is to be opened after all.
            }
        }
    }

    private static void ThrowIfImpossible(in GrowingFileOptions options)
    {
        if (!Enum.IsDefined(options.Space))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Space, "There is no such way to give a file its space.");
        }

        ThrowIfCannotSurvive(options.SurviveTruncation);
    }
}

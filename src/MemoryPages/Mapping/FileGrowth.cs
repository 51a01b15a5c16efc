using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Mapping;

/// <summary>
/// A file that gets its length from its pages, which show it from its first byte on. Its length changes while the mapping is held exclusively,
/// flushes come under leases: never both at once.
/// </summary>
internal sealed class FileGrowth
{
    private volatile string? _folderOfNewName;
    private volatile bool _lengthIsNew = true; // of a file that was there before too: who made it that long may not have flushed it

    /// <param name="handle">Open for reading and writing, for as long as this is used.</param>
    /// <param name="space">How the file gets its space.</param>
    /// <param name="folderOfNewName">The folder, where the file is newly created in it.</param>
    public FileGrowth(SafeFileHandle handle, FileSpace space, string? folderOfNewName)
    {
        Handle = handle;
        Space = space;
        _folderOfNewName = folderOfNewName;
    }

    public SafeFileHandle Handle { get; }

    public FileSpace Space { get; }

    /// <summary>Bytes, now: other processes may change it.</summary>
    public long Length => RandomAccess.GetLength(Handle);

    /// <summary>Makes the file at least that long, with its space if that is its way. On failure it is as long as it was.</summary>
    /// <param name="from">Bytes that have their space already.</param>
    /// <param name="to">The length; not below <paramref name="from"/>.</param>
    /// <param name="before">The length that it had: for <see cref="CutBack"/>.</param>
    public SystemError Extend(long from, long to, out long before)
    {
        before = Length;
        bool nothingToDo = Space == FileSpace.Allocated ? to == from : to <= before;
        if (nothingToDo)
        {
            return SystemError.None;
        }

        SystemError error = Space == FileSpace.Allocated
            ? MemorySystem.Current.AllocateSpace(Handle, before, from, to - from)
            : MemorySystem.Current.SetLength(Handle, before, to);
        if (error.Failed)
        {
            CutBack(before, to);
        }
        else
        {
            _lengthIsNew = true;
        }

        return error;
    }

    /// <summary>
    /// Takes back what <see cref="Extend"/> added, also where it failed: file systems leave a file as long as it got before the space ran out. If
    /// that is refused too the file stays longer, which loses nothing.
    /// </summary>
    public void CutBack(long before, long to)
    {
        long now = Length;
        if (before < to && now <= to) // else it was long enough, or somebody else has made it longer meanwhile
        {
            _ = MemorySystem.Current.SetLength(Handle, now, before);
        }
    }

    /// <summary>Cuts the file off where the pages will end, unless somebody else has made it longer than they are.</summary>
    public SystemError Shorten(long from, long to)
    {
        long now = Length;
        if (now > from || now <= to)
        {
            return SystemError.None;
        }

        SystemError error = MemorySystem.Current.SetLength(Handle, now, to);
        _lengthIsNew |= !error.Failed;
        return error;
    }

    /// <summary>
    /// As <see cref="MemorySystem.Flush(nuint, nuint, FlushLevel, SafeFileHandle, long)"/>; durably, what is new about length and name too.
    /// </summary>
    public SystemError Flush(nuint address, nuint length, FlushLevel level, long offset)
    {
        MemorySystem system = MemorySystem.Current;
        SystemError error = system.Flush(address, length, level, Handle, offset);
        if (error.Failed || level != FlushLevel.Durable)
        {
            return error;
        }

        if (_lengthIsNew)
        {
            error = system.SyncLength(Handle);
            if (error.Failed)
            {
                return error;
            }

            _lengthIsNew = false;
        }

        if (_folderOfNewName is { } folder)
        {
            error = system.SyncName(folder);
            if (!error.Failed)
            {
                _folderOfNewName = null;
            }
        }

        return error;
    }
}

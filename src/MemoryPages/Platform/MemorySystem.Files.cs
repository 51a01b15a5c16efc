using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform;

/// <summary>Files behind pages: their length, their space, and how what was changed gets to the device.</summary>
internal abstract partial class MemorySystem
{
    /// <summary>Whether a file can be mapped longer than it is, grow into its mapping, and be made shorter under it.</summary>
    public abstract bool FilesGrowUnderMappings { get; }

    /// <summary>Whether <see cref="FlushLevel.Durable"/> takes the file: a mapping that is written must keep it.</summary>
    public abstract bool FlushNeedsFile { get; }

    /// <summary>Writes changed pages of shared file mappings, as far as that can be done without the file; nothing for other memory.</summary>
    public abstract SystemError Flush(nuint address, nuint length, FlushLevel level);

    /// <summary>The same with the file at hand. The content only: see <see cref="SyncLength"/>.</summary>
    /// <param name="address">The first byte.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="level">How far.</param>
    /// <param name="file">The file behind the pages.</param>
    /// <param name="offset">Bytes into the file where the range begins.</param>
    public abstract SystemError Flush(nuint address, nuint length, FlushLevel level, SafeFileHandle file, long offset);

    /// <summary>Makes a file's length, and where its content is, durable.</summary>
    public abstract SystemError SyncLength(SafeFileHandle file);

    /// <summary>Makes the entry of a new file in its folder durable. No error where the folder is gone: there is no entry to keep.</summary>
    public abstract SystemError SyncName(string folder);

    /// <summary>A handle of one's own for the same open file, closed when a program is started.</summary>
    public abstract SystemError Duplicate(SafeFileHandle file, out SafeFileHandle? duplicate);

    /// <summary>Makes the file that long; what is added is a hole, what is cut off is gone.</summary>
    /// <param name="file">Open for writing.</param>
    /// <param name="current">Its length now, in bytes.</param>
    /// <param name="length">Its length afterwards.</param>
    public abstract SystemError SetLength(SafeFileHandle file, long current, long length);

    /// <summary>
    /// Allocates a part of a file on its device, holes included, and extends the file where the part reaches beyond its end. On failure the file may
    /// be longer than it was: the caller sets its length back.
    /// </summary>
    /// <param name="file">Open for writing.</param>
    /// <param name="current">Its length now, in bytes.</param>
    /// <param name="offset">Where the part begins.</param>
    /// <param name="length">Bytes of the part; not zero.</param>
    public abstract SystemError AllocateSpace(SafeFileHandle file, long current, long offset, long length);

    /// <summary>
    /// Addresses that can be mapped behind the end of a file at no cost, for it to grow into: any access there is a fault until then. 0 where the
    /// system, or the file system, does not have that.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="mapped">Bytes that are mapped of it in any case.</param>
    public abstract nuint RoomToGrow(SafeFileHandle file, nuint mapped);

    /// <summary>Gives the space of whole pages of a shared file mapping back; they read zero, and the file keeps its length.</summary>
    public abstract SystemError PunchHole(nuint address, nuint length);

    /// <summary>The same with the file at hand, for systems that do it there.</summary>
    /// <param name="address">The first page.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="file">The file behind the pages, open for writing.</param>
    /// <param name="offset">Bytes into the file where the range begins.</param>
    public virtual SystemError PunchHole(nuint address, nuint length, SafeFileHandle file, long offset) => PunchHole(address, length);
}

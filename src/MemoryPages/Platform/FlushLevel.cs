namespace MemoryPages;

/// <summary>How far a flush takes what was changed, and what it therefore survives.</summary>
/// <remarks>
/// The end of this process needs no flush at any level: the content of shared file pages is the system's, and whoever reads the file sees it at once.
/// </remarks>
public enum FlushLevel
{
    /// <summary>
    /// Writing begins; nothing is waited for and nothing promised. It spreads the work, so that a later <see cref="Durable"/> has little left to do.
    /// Linux: sync_file_range(2) with <c>SYNC_FILE_RANGE_WRITE</c> on pages that keep their file open (those that were given a length); on others
    /// msync(2) with <c>MS_ASYNC</c>, which has done nothing since Linux 2.6.19.
    /// </summary>
    Hint,

    /// <summary>
    /// The device has taken the content when this returns, and what it reports as failed is an exception. It may be in the device's own cache, and
    /// what the file system needs to find it again may not be written: a crash of the system can lose it. Linux: sync_file_range(2), waiting before
    /// and after, on pages that keep their file open; on others as <see cref="Durable"/>.
    /// </summary>
    ToSystem,

    /// <summary>
    /// The content survives a crash of the system and a loss of power, if the device keeps what it says it has written. Linux: msync(2) with
    /// <c>MS_SYNC</c>; see <see cref="Pages{TProtection}.Flush"/> for what that does.
    /// </summary>
    Durable,
}

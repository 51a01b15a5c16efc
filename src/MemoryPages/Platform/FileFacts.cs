namespace MemoryPages.Platform;

/// <summary>What is behind a file handle, as far as mapping it goes.</summary>
internal enum FileKind
{
    /// <summary>Not asked, or none.</summary>
    None,

    /// <summary>A file with a length and content.</summary>
    Regular,

    /// <summary>A disk or a part of one: it has a length.</summary>
    BlockDevice,

    /// <summary>A device without a length. Some have memory to map.</summary>
    CharacterDevice,

    Directory,

    /// <summary>A pipe, with or without a name.</summary>
    Pipe,

    Socket,

    /// <summary>A file that says length 0 and has content all the same, which is made as it is read.</summary>
    Generated,

    /// <summary>A handle that is no file at all: for events, timers, other processes.</summary>
    Other,
}

/// <summary>What must be known of a file to map it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Length">Bytes; 0 where it has no length.</param>
/// <param name="PageSize">The page that its mappings are made of: the base page, or the huge page of a file system of huge pages.</param>
internal readonly record struct FileFacts(FileKind Kind, long Length, nuint PageSize);

namespace MemoryPages.Platform;

/// <summary>What gives the content of a mapping.</summary>
internal enum Backing
{
    /// <summary>Nothing: it is zeroed memory of the process's own.</summary>
    Memory,

    /// <summary>A file, shared with whoever maps it too: what is written is the file's.</summary>
    SharedFile,

    /// <summary>A file, until a page is written: that page is a copy of the process's own from then on.</summary>
    PrivateFile,
}

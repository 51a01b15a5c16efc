namespace MemoryPages;

/// <summary>Whether a file that is made longer has its space on the device at once.</summary>
public enum FileSpace
{
    /// <summary>
    /// All of it is allocated before the call returns, holes in the file too: writing to the pages can not run out of space later, which would be a
    /// fault that ends the process. Linux: fallocate(2); on a file system without it zeros are written behind the old end.
    /// </summary>
    Allocated,

    /// <summary>
    /// The file gets a length and nothing else: space is taken as pages are written. The first write to a page for which the file system has no
    /// room left is a fault that ends the process. Linux: ftruncate(2).
    /// </summary>
    Sparse,
}

namespace MemoryPages;

/// <summary>What became of a page that was to move to a NUMA node. Only the first two are there now.</summary>
public enum NumaMove
{
    /// <summary>It was elsewhere and is on the node now.</summary>
    Moved,

    /// <summary>It was on the node already.</summary>
    WasThere,

    /// <summary>There is no page that could move: never touched, swapped out, or the system's page of zeros. It stays so.</summary>
    Absent,

    /// <summary>Other processes have it in their memory too: moving that is asked for explicitly, and takes a privilege.</summary>
    Shared,

    /// <summary>
    /// In use just now: a device holds it, it is being written, or it lies in a larger page that was wished elsewhere. It may move later.
    /// </summary>
    Busy,

    /// <summary>The node has no memory left for it.</summary>
    NoMemory,

    /// <summary>Memory of this kind does not move.</summary>
    Unmovable,
}

namespace MemoryPages;

/// <summary>What keeps memory where it is in the machine. Asked of memory, it is what was got; asked for, it is what must be.</summary>
[Flags]
public enum PhysicalHold
{
    /// <summary>Nothing: the next moment it can be elsewhere.</summary>
    None = 0,

    /// <summary>It is never written to swap space: locked, or of a kind that is not. Other things may still move it.</summary>
    Resident = 1,

    /// <summary>
    /// A child process does not move it: private memory is copied when either of the two writes, and the parent may be the one that gets the copy.
    /// This is shared instead: the child sees the same frames.
    /// </summary>
    SurvivesFork = 2,

    /// <summary>
    /// The system does not move it when it compacts memory to make huge pages. Linux: explicit huge pages, and locked pages where
    /// <c>vm.compact_unevictable_allowed</c> is 0. A program with the right to may still move it to another NUMA node, and hardware that fails or is
    /// taken out lets the system move it.
    /// </summary>
    NotCompacted = 4,

    /// <summary>
    /// Nothing moves it until it ends: the system itself counts a long-term user of its frames, as it does for a device driver. Linux: an io_uring(7)
    /// with the memory registered as its buffers, which is used for nothing else. It is the only hold that the kernel promises.
    /// </summary>
    Pinned = 8,
}

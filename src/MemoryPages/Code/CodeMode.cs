namespace MemoryPages;

/// <summary>How code is written into pages that are never writable and executable at once.</summary>
public enum CodeMode
{
    /// <summary>
    /// Pages are written first and turned executable then, whole pages at a time: each publication is a call of the system, and what it published
    /// shares no page with what is written later. Memory that is the process's own.
    /// </summary>
    Flipped,

    /// <summary>
    /// The same memory at two addresses: executable at one, writable at the other. No call of the system once it is warm, many functions to a page,
    /// and other threads run code while more is written beside it. Works where written pages may not become executable (Linux <c>PR_SET_MDWE</c>).
    /// Who can write to any address of the process could write to the second one: it is somewhere else in each run.
    /// </summary>
    DualMapped,
}

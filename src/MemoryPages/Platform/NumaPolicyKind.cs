namespace MemoryPages;

/// <summary>How the system chooses the NUMA node of a page when it is first touched: see <see cref="NumaPolicy"/>.</summary>
public enum NumaPolicyKind
{
    /// <summary>
    /// As the thread that touches it says, which says nothing as a rule: the node of its processor then. Linux <c>MPOL_DEFAULT</c>.
    /// </summary>
    Default,

    /// <summary>
    /// The node of the processor that touches it, whatever the thread's own policy; another where that has none left. Linux <c>MPOL_LOCAL</c>.
    /// </summary>
    Local,

    /// <summary>The named nodes; another where these have none left. Linux <c>MPOL_PREFERRED</c>, of several <c>MPOL_PREFERRED_MANY</c>.</summary>
    Prefer,

    /// <summary>The named nodes and no other: where these have none left the touch fails, which ends a process. Linux <c>MPOL_BIND</c>.</summary>
    Bind,

    /// <summary>The named nodes in turn, page by page. Linux <c>MPOL_INTERLEAVE</c>.</summary>
    Interleave,

    /// <summary>
    /// The named nodes in turn, each for as many pages as its weight says, which the administrator sets. Linux <c>MPOL_WEIGHTED_INTERLEAVE</c>,
    /// <c>/sys/kernel/mm/mempolicy/weighted_interleave</c>.
    /// </summary>
    WeightedInterleave,
}

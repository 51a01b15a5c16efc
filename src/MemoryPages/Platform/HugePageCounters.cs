namespace MemoryPages;

/// <summary>What the system's pool of huge pages of one size holds: pages, not bytes. A snapshot.</summary>
/// <param name="Total">All pages: those in use, too.</param>
/// <param name="Free">Pages that nothing is in.</param>
/// <param name="Reserved">
/// Of the free ones, those promised to memory that is not touched yet. The machine's, also where a node was asked about.
/// </param>
/// <param name="Surplus">Of all pages, those beyond what the pool was set to: they leave it when they are free.</param>
/// <param name="Overcommit">The most surplus pages that the system makes when the free ones do not do. The machine's.</param>
/// <remarks>Linux: <c>/sys/kernel/mm/hugepages/hugepages-NkB</c> (hugetlbpage.rst).</remarks>
public readonly record struct HugePageCounters(long Total, long Free, long Reserved, long Surplus, long Overcommit)
{
    /// <summary>Free pages that are promised to nobody.</summary>
    public long Available => Math.Max(Free - Reserved, 0);
}

namespace MemoryPages;

/// <summary>Wishes for a buffer that is passed to drivers (<see cref="DmaBuffer.AllocateShared"/>); <c>default</c> wishes nothing.</summary>
public readonly record struct DmaBufferOptions
{
    /// <summary>The heap that it comes from, one of <see cref="DmaBuffer.Heaps"/>; null for the best that there is.</summary>
    public string? Heap { get; init; }

    /// <summary>
    /// Whether it lies in a row in the machine, for devices that neither take a list nor stand behind an IOMMU: from a contiguous heap (CMA) only.
    /// </summary>
    public bool Contiguous { get; init; }
}

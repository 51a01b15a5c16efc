namespace MemoryPages.Physical;

/// <summary>Pages that an IOMMU translates for the device: in a row to it, wherever they lie.</summary>
internal sealed class TranslatedBuffer(Pages<ReadWrite> pages, DmaMapping mapping, string reason) : DmaBuffer(reason)
{
    public override nuint Length => pages.Length;

    public override IReadOnlyList<DmaSegment> Segments => [new(Address, Length)];

    public override IoAddress AddressOf(nuint offset)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offset, Length);
        return mapping.AddressOf(offset);
    }

    public override ReadView Read(PageRange? range = null) => pages.Read(range ?? new PageRange(0, Length));

    public override WriteView Write(PageRange? range = null) => pages.Write(range ?? new PageRange(0, Length));

    public override void Dispose()
    {
        mapping.Dispose();
        pages.Dispose();
    }
}

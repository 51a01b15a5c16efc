namespace MemoryPages.Physical;

/// <summary>Memory that lies in a row physically, and is found there.</summary>
internal sealed class PhysicalBuffer(PhysicalMemory memory, string reason) : DmaBuffer(reason)
{
    public override nuint Length => memory.Length;

    public override IReadOnlyList<DmaSegment> Segments => [.. memory.Segments.Select(segment => new DmaSegment(segment.Address.Value, segment.Length))];

    public override IoAddress AddressOf(nuint offset) => memory.AddressOf(offset).Value;

    public override ReadView Read(PageRange? range = null) => memory.Read(range ?? new PageRange(0, Length));

    public override WriteView Write(PageRange? range = null) => memory.Write(range ?? new PageRange(0, Length));

    public override void Dispose() => memory.Dispose();
}

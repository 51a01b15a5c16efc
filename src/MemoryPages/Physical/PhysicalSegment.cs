namespace MemoryPages;

/// <summary>Neighbouring bytes of the machine's memory: an entry of the list of places that a device is told to read or write.</summary>
/// <param name="Address">The first byte.</param>
/// <param name="Length">Bytes.</param>
public readonly record struct PhysicalSegment(PhysicalAddress Address, nuint Length)
{
    /// <summary>For example <c>0x1c00000+2097152</c>.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Address}+{Length}");
}

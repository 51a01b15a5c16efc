using System.Globalization;

namespace MemoryPages;

/// <summary>An address as a device says it when it reads or writes memory by itself: what its descriptors and registers are given.</summary>
/// <remarks>An IOMMU translates it (then it is called IOVA), or where there is none it is a physical address.</remarks>
/// <param name="Value">The number.</param>
public readonly record struct IoAddress(ulong Value) : IComparable<IoAddress>
{
    /// <summary>A number as an address.</summary>
    public static implicit operator IoAddress(ulong value) => new(value);

    /// <summary>The address so many bytes behind.</summary>
    /// <exception cref="OverflowException">There is none.</exception>
    public static IoAddress operator +(IoAddress address, ulong bytes) => new(checked(address.Value + bytes));

    /// <summary>The bytes from one address to a later one.</summary>
    /// <exception cref="OverflowException"><paramref name="start"/> is the later one.</exception>
    public static ulong operator -(IoAddress address, IoAddress start) => checked(address.Value - start.Value);

    /// <summary>Whether it is before the other.</summary>
    public static bool operator <(IoAddress left, IoAddress right) => left.Value < right.Value;

    /// <summary>Whether it is behind the other.</summary>
    public static bool operator >(IoAddress left, IoAddress right) => left.Value > right.Value;

    /// <summary>Whether it is before the other, or the same.</summary>
    public static bool operator <=(IoAddress left, IoAddress right) => left.Value <= right.Value;

    /// <summary>Whether it is behind the other, or the same.</summary>
    public static bool operator >=(IoAddress left, IoAddress right) => left.Value >= right.Value;

    /// <inheritdoc/>
    public int CompareTo(IoAddress other) => Value.CompareTo(other.Value);

    /// <summary>In hexadecimal, with 0x.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0x{Value:x}");
}

/// <summary>IO addresses in a row; both ends are of it, since the last may be the last there is.</summary>
/// <param name="First">The first.</param>
/// <param name="Last">The last.</param>
public readonly record struct IoAddressRange(IoAddress First, IoAddress Last)
{
    /// <summary>Whether an address is one of them.</summary>
    public bool Contains(IoAddress address) => First <= address && address <= Last;

    /// <summary>Both ends, in hexadecimal.</summary>
    public override string ToString() => $"{First}-{Last}";
}

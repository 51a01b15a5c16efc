using System.Globalization;

namespace MemoryPages;

/// <summary>An address of the machine's memory, as a device without an IOMMU before it uses it: not an address of this process.</summary>
/// <param name="Value">Bytes from the beginning of the physical address space.</param>
/// <remarks>
/// What a page's address is can change unless something holds the page: see <see cref="PhysicalHold"/>. Behind an IOMMU that translates, a device
/// uses IO addresses instead, and access to this one is dropped.
/// </remarks>
public readonly record struct PhysicalAddress(ulong Value) : IComparable<PhysicalAddress>
{
    /// <summary>Whether this process is shown physical addresses. Linux: it needs <c>CAP_SYS_ADMIN</c>.</summary>
    public static bool IsVisible => !MemoryPages.Platform.MemorySystem.Current.ProbePhysicalAddresses().Failed;

    /// <summary>The address some bytes on.</summary>
    /// <param name="address">From here.</param>
    /// <param name="bytes">Bytes.</param>
    /// <exception cref="OverflowException">There is no such address below 2^64.</exception>
    public static PhysicalAddress operator +(PhysicalAddress address, ulong bytes) => new(checked(address.Value + bytes));

    /// <summary>The bytes from one address to another.</summary>
    /// <param name="address">To here.</param>
    /// <param name="start">From here: not above.</param>
    /// <exception cref="OverflowException"><paramref name="start"/> is above <paramref name="address"/>.</exception>
    public static ulong operator -(PhysicalAddress address, PhysicalAddress start) => checked(address.Value - start.Value);

    /// <summary>Whether an address is below another.</summary>
    public static bool operator <(PhysicalAddress left, PhysicalAddress right) => left.Value < right.Value;

    /// <summary>Whether an address is above another.</summary>
    public static bool operator >(PhysicalAddress left, PhysicalAddress right) => left.Value > right.Value;

    /// <summary>Whether an address is not above another.</summary>
    public static bool operator <=(PhysicalAddress left, PhysicalAddress right) => left.Value <= right.Value;

    /// <summary>Whether an address is not below another.</summary>
    public static bool operator >=(PhysicalAddress left, PhysicalAddress right) => left.Value >= right.Value;

    /// <inheritdoc/>
    public int CompareTo(PhysicalAddress other) => Value.CompareTo(other.Value);

    /// <summary>In hexadecimal: <c>0x1c00000</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0x{Value:x}");
}

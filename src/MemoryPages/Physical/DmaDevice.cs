using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using MemoryPages.Ownership;
using MemoryPages.Physical;

namespace MemoryPages;

/// <summary>A device that reads and writes memory by itself (DMA), and the memory that it is given for that.</summary>
/// <remarks>
/// <para>
/// Behind an IOMMU (<see cref="OpenVfio"/>) any pages can be given to it, at IO addresses of your choice, and it reaches nothing else. Without one
/// (<see cref="OpenPhysical"/>) it is given physical addresses, and reaches all of memory: nothing but its driver keeps it from writing anywhere.
/// <see cref="Open"/> chooses, and <see cref="Reason"/> says why.
/// </para>
/// <para>
/// Its end: first it may no longer use memory, then what was mapped is unmapped, then it is given up. Registers that were mapped have an end of their
/// own. Safe to use from any thread.
/// </para>
/// </remarks>
[Owner]
[SuppressMessage("Design", "CA1063:Implement IDisposable Correctly", Justification = "Nobody outside derives from it, and there is no finalizer.")]
[DebuggerDisplay("{Address,nq}: {Reason,nq}")]
public abstract class DmaDevice : IDisposable
{
    private protected DmaDevice(string address, string reason)
    {
        Address = address;
        Reason = reason;
    }

    /// <summary>Where it is on the bus: <c>0000:00:04.0</c>.</summary>
    [UsableWhenSpent]
    public string Address { get; }

    /// <summary>Why it is given the addresses that it is given, for people.</summary>
    [UsableWhenSpent]
    public string Reason { get; }

    /// <summary>Whether an IOMMU translates what it says, so that any pages can be given to it.</summary>
    [UsableWhenSpent]
    public abstract bool IsTranslated { get; }

    /// <summary>The regions of its registers.</summary>
    [UsableWhenSpent]
    public abstract IReadOnlyList<PciResource> Resources { get; }

    /// <summary>Its configuration space.</summary>
    public abstract PciConfiguration Configuration { get; }

    /// <summary>The IO addresses that pages can be mapped at, in order: between them lie windows that the machine needs for itself.</summary>
    /// <exception cref="NotSupportedException">Nothing translates its addresses.</exception>
    [UsableWhenSpent]
    public abstract IReadOnlyList<IoAddressRange> IoAddresses { get; }

    /// <summary>Whether <see cref="Reset"/> works.</summary>
    [UsableWhenSpent]
    public abstract bool CanReset { get; }

    /// <summary>Opens a device, behind its IOMMU where one translates for it, else for physical addresses.</summary>
    /// <param name="address">Where it is: <c>0000:00:04.0</c>.</param>
    /// <exception cref="FormatException">That is no address.</exception>
    /// <exception cref="FileNotFoundException">There is no device at that address.</exception>
    /// <exception cref="MemoryPagesException">The system refused: the message says what is missing.</exception>
    [return: Owned]
    public static DmaDevice Open(string address)
    {
        using PciDevice device = PciDevice.Open(address);
        return device.WhyNoPhysicalAddresses is not null || device.Driver == VfioDevice.Driver ? OpenVfio(address) : OpenPhysical(address);
    }

    /// <summary>Opens a device behind an IOMMU, through VFIO.</summary>
    /// <param name="address">Where it is: <c>0000:00:04.0</c>. Its driver must be vfio-pci: <see cref="PciDevice.Bind"/>.</param>
    /// <param name="beside">
    /// A device whose IO addresses it shares: what is mapped for one of them is mapped for both, until the last of them ends. Devices of one IOMMU
    /// group have no others. Null for addresses of its own.
    /// </param>
    /// <exception cref="FormatException">That is no address.</exception>
    /// <exception cref="FileNotFoundException">There is no device at that address.</exception>
    /// <exception cref="NotSupportedException">No IOMMU looks after it, or none does after <paramref name="beside"/>.</exception>
    /// <exception cref="ObjectDisposedException"><paramref name="beside"/> was disposed.</exception>
    /// <exception cref="MemoryPagesException">
    /// The system refused: another driver has it, or another device of its group; another program does (<see cref="ErrorReason.Busy"/>); this user
    /// may not.
    /// </exception>
    /// <remarks>
    /// An ordinary user may, to whom root gave <c>/dev/vfio/GROUP</c>, or <c>/dev/iommu</c> and <c>/dev/vfio/devices/vfioN</c> (chown). Linux:
    /// iommufd where the kernel offers it to this user, else VFIO's groups and containers, type 1 version 2; <see cref="Reason"/> tells which.
    /// </remarks>
    [return: Owned]
    public static DmaDevice OpenVfio(string address, DmaDevice? beside = null) => VfioDevice.OpenDevice(PciDevice.Normalize(address), beside switch
    {
        null => null,
        VfioDevice translated => translated,
        _ => throw new NotSupportedException($"{beside.Address} is given physical addresses, which nobody can share: open it with OpenVfio."),
    });

    /// <summary>Opens a device for physical addresses.</summary>
    /// <param name="address">Where it is: <c>0000:00:04.0</c>.</param>
    /// <exception cref="FormatException">That is no address.</exception>
    /// <exception cref="FileNotFoundException">There is no device at that address.</exception>
    /// <exception cref="NotSupportedException">
    /// An IOMMU translates what it says, and would drop it: <see cref="PciDevice.WhyNoPhysicalAddresses"/>.
    /// </exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    /// <remarks>Only memory that is made for it (<see cref="Allocate"/>, <see cref="PhysicalMemory"/>) stays where it is. Takes root.</remarks>
    [return: Owned]
    public static DmaDevice OpenPhysical(string address) => PhysicalDevice.OpenDevice(address);

    /// <summary>Maps a region of registers.</summary>
    /// <param name="index">The region's number.</param>
    /// <exception cref="ArgumentException">The device has no such region, or it is not memory.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    /// <exception cref="ObjectDisposedException">The device was disposed.</exception>
    [return: Owned]
    public abstract DeviceRegisters MapResource(int index);

    /// <summary>Lets the device read and write memory by itself, until this object is disposed.</summary>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    /// <exception cref="ObjectDisposedException">The device was disposed.</exception>
    public void EnableBusMaster() => Configuration.EnableBusMaster();

    /// <summary>Sets the device back to how it was when the machine was switched on.</summary>
    /// <exception cref="NotSupportedException">It cannot: see <see cref="CanReset"/>.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    /// <exception cref="ObjectDisposedException">The device was disposed.</exception>
    public abstract void Reset();

    /// <summary>
    /// Lets the device read and write pages, until the result is unmapped or disposed. They are leased meanwhile, and stay where they are in physical
    /// memory.
    /// </summary>
    /// <param name="pages">The pages.</param>
    /// <param name="ioAddress">Where the device finds the first byte: a multiple of the page size; null for any.</param>
    /// <param name="range">Which of them: whole base pages. Null for all.</param>
    /// <param name="maxAddress">
    /// The last address that the device can say, for example <see cref="uint.MaxValue"/>. Without meaning where <paramref name="ioAddress"/> is
    /// given.
    /// </param>
    /// <exception cref="ArgumentException">The range is not whole pages, or it is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages.</exception>
    /// <exception cref="NotSupportedException">
    /// Nothing translates its addresses: only memory that is made for it (<see cref="Allocate"/>) stays in place.
    /// </exception>
    /// <exception cref="MemoryPagesException">
    /// The system refused: the IO address is in use (<see cref="ErrorReason.AlreadyExists"/>), misaligned or none that the IOMMU takes; a page has
    /// nothing behind it; the limit of locked memory is reached (<see cref="ErrorReason.LockLimit"/>). Nothing has changed.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The device or the pages were disposed.</exception>
    /// <remarks>
    /// All of them are made resident and counted as locked memory, once for each time they are mapped. To map and to unmap is a system call each and
    /// some work for each page: map once, use often. Linux: <c>VFIO_IOMMU_MAP_DMA</c>.
    /// </remarks>
    [return: Owned]
    public DmaMapping Map(Pages<ReadWrite> pages, IoAddress? ioAddress = null, PageRange? range = null, ulong maxAddress = ulong.MaxValue) =>
        Map(pages, ioAddress, range, maxAddress, mayWrite: true);

    /// <summary>
    /// As <see cref="Map(Pages{ReadWrite}, IoAddress?, PageRange?, ulong)"/>, of pages that the device may only read: the IOMMU holds it to that.
    /// </summary>
    /// <inheritdoc cref="Map(Pages{ReadWrite}, IoAddress?, PageRange?, ulong)"/>
    [return: Owned]
    public DmaMapping MapToRead<TProtection>(
        Pages<TProtection> pages, IoAddress? ioAddress = null, PageRange? range = null, ulong maxAddress = ulong.MaxValue)
        where TProtection : struct, IReadable =>
        Map(pages, ioAddress, range, maxAddress, mayWrite: false);

    /// <summary>Allocates memory that the device can use: mapped for it, or physically contiguous.</summary>
    /// <param name="length">Bytes, rounded up to whole pages.</param>
    /// <param name="maxAddress">The last address that the device can say, for example <see cref="uint.MaxValue"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is 0.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    /// <exception cref="ObjectDisposedException">The device was disposed.</exception>
    [return: Owned]
    public abstract DmaBuffer Allocate(nuint length, ulong maxAddress = ulong.MaxValue);

    /// <summary>Stops the device's use of memory, unmaps what was mapped for it, and gives it up. Idempotent.</summary>
    public abstract void Dispose();

    private protected abstract DmaMapping Map<TProtection>(Pages<TProtection> pages, IoAddress? ioAddress, PageRange? range, ulong maxAddress, bool mayWrite)
        where TProtection : struct, IReadable;
}

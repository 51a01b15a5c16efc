using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Physical;

namespace MemoryPages;

/// <summary>A lease on a device's registers: until it ends nobody unmaps them. Each access is one load or store of exactly its width.</summary>
/// <remarks>
/// Always with <c>using</c>; do not copy it. What is true of access to registers, order and byte order among it, is said at
/// <see cref="DeviceRegisters"/>. An access costs a check of the offset and a call that is not inlined.
/// </remarks>
[DebuggerDisplay("{Length} bytes")]
[MoveOnly]
public readonly ref struct RegisterView : IDisposable
{
    private readonly nuint _start;
    private readonly LeaseTicket _lease;

    /// <param name="mapping">Leased already; this view ends that lease.</param>
    internal RegisterView(MappingHandle mapping)
    {
        _lease = new LeaseTicket(mapping);
        _start = mapping.Address;
        Length = mapping.Length;
    }

    /// <summary>The number of bytes.</summary>
    public nuint Length { get; }

    /// <summary>Reads one byte.</summary>
    /// <param name="offset">Bytes from the first register.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such register.</exception>
    public byte Read8(nuint offset) => RegisterAccess.Read8(Checked(offset, sizeof(byte)));

    /// <summary>Reads 16 bits at once.</summary>
    /// <param name="offset">Bytes from the first register: a multiple of 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such register.</exception>
    /// <exception cref="ArgumentException">The offset is not aligned.</exception>
    public ushort Read16(nuint offset) => RegisterAccess.Read16(Checked(offset, sizeof(ushort)));

    /// <summary>Reads 32 bits at once.</summary>
    /// <param name="offset">Bytes from the first register: a multiple of 4.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such register.</exception>
    /// <exception cref="ArgumentException">The offset is not aligned.</exception>
    public uint Read32(nuint offset) => RegisterAccess.Read32(Checked(offset, sizeof(uint)));

    /// <summary>Reads 64 bits at once. A device whose registers have 32 bits may answer with nonsense.</summary>
    /// <param name="offset">Bytes from the first register: a multiple of 8.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such register.</exception>
    /// <exception cref="ArgumentException">The offset is not aligned.</exception>
    public ulong Read64(nuint offset) => RegisterAccess.Read64(Checked(offset, sizeof(ulong)));

    /// <summary>Writes one byte.</summary>
    /// <param name="offset">Bytes from the first register.</param>
    /// <param name="value">What to write.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such register.</exception>
    public void Write8(nuint offset, byte value) => RegisterAccess.Write8(Checked(offset, sizeof(byte)), value);

    /// <summary>Writes 16 bits at once.</summary>
    /// <param name="offset">Bytes from the first register: a multiple of 2.</param>
    /// <param name="value">What to write.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such register.</exception>
    /// <exception cref="ArgumentException">The offset is not aligned.</exception>
    public void Write16(nuint offset, ushort value) => RegisterAccess.Write16(Checked(offset, sizeof(ushort)), value);

    /// <summary>Writes 32 bits at once.</summary>
    /// <param name="offset">Bytes from the first register: a multiple of 4.</param>
    /// <param name="value">What to write.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such register.</exception>
    /// <exception cref="ArgumentException">The offset is not aligned.</exception>
    public void Write32(nuint offset, uint value) => RegisterAccess.Write32(Checked(offset, sizeof(uint)), value);

    /// <summary>Writes 64 bits at once. A device whose registers have 32 bits may take nothing or nonsense.</summary>
    /// <param name="offset">Bytes from the first register: a multiple of 8.</param>
    /// <param name="value">What to write.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such register.</exception>
    /// <exception cref="ArgumentException">The offset is not aligned.</exception>
    public void Write64(nuint offset, ulong value) => RegisterAccess.Write64(Checked(offset, sizeof(ulong)), value);

    void IDisposable.Dispose() => _lease.End();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private nuint Checked(nuint offset, nuint width)
    {
        _lease.ThrowIfEnded();
        nuint address = _start + offset;
        if (offset >= Length || width > Length - offset || (address & (width - 1)) != 0)
        {
            Throw(offset, width);
        }

        return address;
    }

    [DoesNotReturn]
    private void Throw(nuint offset, nuint width)
    {
        if (offset >= Length || width > Length - offset)
        {
            throw new ArgumentOutOfRangeException(
                nameof(offset), offset, $"There are {Length} bytes of registers: {width} at offset {offset} do not lie within them.");
        }

        throw new ArgumentException($"Offset {offset} is not a multiple of the width, {width} bytes: a device takes whole registers only.", nameof(offset));
    }
}

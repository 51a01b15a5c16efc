using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages;

/// <summary>
/// The configuration space of a PCI device: what it is, where its registers lie, what it may do. Little-endian, whatever the processor is.
/// </summary>
/// <remarks>
/// It belongs to its device and ends with it. Safe to use from any thread; reading and writing a value back is not one operation. Without privilege
/// the system shows the first 64 bytes, to read. Linux: <c>config</c> in sysfs, or VFIO's configuration region.
/// </remarks>
[DebuggerDisplay("{_device,nq}")]
public sealed class PciConfiguration
{
    private const int CommandOffset = 4;
    private const ushort MemorySpace = 0x2;
    private const ushort BusMaster = 0x4;

    private readonly SafeFileHandle _file;
    private readonly long _start;
    private readonly string _device;
    private readonly Lock _changing = new();
    private ushort? _firstCommand;

    /// <param name="file">The file; its owner is the device.</param>
    /// <param name="start">Where in the file the configuration begins.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="device">The device's address, for messages.</param>
    internal PciConfiguration(SafeFileHandle file, long start, int length, string device)
    {
        _file = file;
        _start = start;
        _device = device;
        Length = length;
    }

    /// <summary>The number of bytes: 256, or sixteen times that for PCI Express.</summary>
    public int Length { get; }

    /// <summary>Whether the device answers at its registers' addresses and may read and write memory by itself (DMA).</summary>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    /// <exception cref="ObjectDisposedException">The device was disposed.</exception>
    public bool IsBusMaster => (Read16(CommandOffset) & (MemorySpace | BusMaster)) == (MemorySpace | BusMaster);

    /// <summary>Reads one byte.</summary>
    /// <param name="offset">Bytes from the start.</param>
    /// <exception cref="ArgumentOutOfRangeException">The offset is outside the configuration space.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    /// <exception cref="ObjectDisposedException">The device was disposed.</exception>
    public byte Read8(int offset)
    {
        Span<byte> value = stackalloc byte[sizeof(byte)];
        Read(offset, value);
        return value[0];
    }

    /// <summary>Reads 16 bits.</summary>
    /// <param name="offset">Bytes from the start: a multiple of 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">The offset is outside the configuration space.</exception>
    /// <exception cref="ArgumentException">The offset is not aligned.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    /// <exception cref="ObjectDisposedException">The device was disposed.</exception>
    public ushort Read16(int offset)
    {
        Span<byte> value = stackalloc byte[sizeof(ushort)];
        Read(offset, value);
        return BinaryPrimitives.ReadUInt16LittleEndian(value);
    }

    /// <summary>Reads 32 bits.</summary>
    /// <param name="offset">Bytes from the start: a multiple of 4.</param>
    /// <exception cref="ArgumentOutOfRangeException">The offset is outside the configuration space.</exception>
    /// <exception cref="ArgumentException">The offset is not aligned.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    /// <exception cref="ObjectDisposedException">The device was disposed.</exception>
    public uint Read32(int offset)
    {
        Span<byte> value = stackalloc byte[sizeof(uint)];
        Read(offset, value);
        return BinaryPrimitives.ReadUInt32LittleEndian(value);
    }

    /// <summary>Writes one byte.</summary>
    /// <param name="offset">Bytes from the start.</param>
    /// <param name="value">What to write.</param>
    /// <exception cref="ArgumentOutOfRangeException">The offset is outside the configuration space.</exception>
    /// <exception cref="MemoryPagesException">The system refused: a privilege is missing.</exception>
    /// <exception cref="ObjectDisposedException">The device was disposed.</exception>
    public void Write8(int offset, byte value) => Write(offset, [value]);

    /// <summary>Writes 16 bits.</summary>
    /// <param name="offset">Bytes from the start: a multiple of 2.</param>
    /// <param name="value">What to write.</param>
    /// <exception cref="ArgumentOutOfRangeException">The offset is outside the configuration space.</exception>
    /// <exception cref="ArgumentException">The offset is not aligned.</exception>
    /// <exception cref="MemoryPagesException">The system refused: a privilege is missing.</exception>
    /// <exception cref="ObjectDisposedException">The device was disposed.</exception>
    public void Write16(int offset, ushort value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        Write(offset, bytes);
    }

    /// <summary>Writes 32 bits.</summary>
    /// <param name="offset">Bytes from the start: a multiple of 4.</param>
    /// <param name="value">What to write.</param>
    /// <exception cref="ArgumentOutOfRangeException">The offset is outside the configuration space.</exception>
    /// <exception cref="ArgumentException">The offset is not aligned.</exception>
    /// <exception cref="MemoryPagesException">The system refused: a privilege is missing.</exception>
    /// <exception cref="ObjectDisposedException">The device was disposed.</exception>
    public void Write32(int offset, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        Write(offset, bytes);
    }

    /// <summary>Lets the device answer at its registers' addresses.</summary>
    internal void EnableMemory() => Enable(MemorySpace);

    /// <summary>Lets the device answer, and read and write memory by itself.</summary>
    internal void EnableBusMaster() => Enable(MemorySpace | BusMaster);

    /// <summary>The device may do again what it might before, which stops it if that was nothing. Nothing where nothing was changed.</summary>
    internal void Restore()
    {
        lock (_changing)
        {
            if (_firstCommand is { } command)
            {
                _firstCommand = null;
                Write16(CommandOffset, command);
            }
        }
    }

    private void Enable(ushort bits)
    {
        lock (_changing)
        {
            ushort command = Read16(CommandOffset);
            if ((command & bits) != bits)
            {
                Write16(CommandOffset, (ushort)(command | bits));
                _firstCommand ??= command;
            }
        }
    }

    private void Read(int offset, Span<byte> value)
    {
        ThrowIfOutside(offset, value.Length);
        ThrowIfFailed(MemorySystem.Current.ReadDevice(_file, _start + offset, value), "ReadConfiguration", value.Length);
    }

    private void Write(int offset, ReadOnlySpan<byte> value)
    {
        ThrowIfOutside(offset, value.Length);
        ThrowIfFailed(MemorySystem.Current.WriteDevice(_file, _start + offset, value), "WriteConfiguration", value.Length);
    }

    private void ThrowIfOutside(int offset, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - width);
        if ((offset & (width - 1)) != 0)
        {
            throw new ArgumentException($"Offset {offset} is not a multiple of the width, {width} bytes.", nameof(offset));
        }
    }

    private void ThrowIfFailed(SystemError error, string operation, int length)
    {
        if (error.Failed)
        {
            throw new MemoryPagesException(error, new FailedOperation(operation, _device, 0, (nuint)length, PageSize.Base) { Device = _device });
        }
    }
}

using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>Writes one function.</summary>
/// <param name="writer">Where to.</param>
public delegate void CodeAction(ref CodeWriter writer);

/// <summary>Writes one function out of a state, so that no closure is made.</summary>
/// <typeparam name="TState">The state: also a span.</typeparam>
/// <param name="writer">Where to.</param>
/// <param name="state">The state.</param>
public delegate void CodeAction<in TState>(ref CodeWriter writer, TState state)
    where TState : allows ref struct;

/// <summary>Writes machine code from front to back, knowing the address that it will run at.</summary>
/// <remarks>
/// What goes beyond the room that there is at first is counted and not kept; the action is then called again, with the room that it needs, at another
/// address. So an action must write the same code again, but for addresses.
/// </remarks>
public ref struct CodeWriter
{
    private readonly Span<byte> _room;
    private readonly nuint _start;

    internal CodeWriter(Span<byte> room, nuint start)
    {
        _room = room;
        _start = start;
    }

    /// <summary>Bytes written so far.</summary>
    public int Position { get; private set; }

    /// <summary>The address that the next byte will run at.</summary>
    public readonly nuint Address => _start + (nuint)Position;

    /// <summary>Whether all of it was kept.</summary>
    internal readonly bool Fits => Position <= _room.Length;

    /// <summary>Appends instructions.</summary>
    /// <param name="code">Their bytes, as in memory.</param>
    public void Write(scoped ReadOnlySpan<byte> code)
    {
        int position = Position;
        Position = checked(position + code.Length);
        if (Fits)
        {
            code.CopyTo(_room[position..]);
        }
    }

    /// <summary>Appends a byte.</summary>
    /// <param name="value">The byte.</param>
    public void WriteByte(byte value) => Write(new ReadOnlySpan<byte>(in value));

    /// <summary>Appends a value as it stands in memory: an immediate, a constant, an arm64 instruction (<c>uint</c>).</summary>
    /// <typeparam name="T">Its type: mind that a plain 1 is an <c>int</c>, of four bytes.</typeparam>
    /// <param name="value">The value.</param>
    public void WriteValue<T>(T value)
        where T : unmanaged => Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    /// <summary>Appends the four bytes that end an x86-64 call, jump or rip-relative operand: the distance from behind them to the target.</summary>
    /// <param name="target">An address, in this heap or near it.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The target is 2 GiB or more away. <see cref="CodeHeapOptions.Near"/> brings the heap near it.
    /// </exception>
    public void WriteRelative32(nuint target)
    {
        long distance = (long)target - (long)(Address + sizeof(int));
        if (distance != (int)distance && Fits)
        {
            throw new ArgumentOutOfRangeException(
                nameof(target),
                target,
                $"0x{target:x} is {distance} bytes away from 0x{Address:x}: 32 bits do not reach it. CodeHeapOptions.Near brings the heap near.");
        }

        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, (int)distance);
        Write(bytes);
    }

    /// <summary>Fills with instructions that do nothing up to a multiple: code may run through them.</summary>
    /// <param name="alignment">A power of two in bytes, at most the heap's <see cref="CodeHeapOptions.Alignment"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is none, or the place is not between instructions of this processor.</exception>
    public void Align(int alignment)
    {
        if (alignment <= 0 || !System.Numerics.BitOperations.IsPow2(alignment))
        {
            throw new ArgumentOutOfRangeException(nameof(alignment), alignment, "An alignment must be a power of two.");
        }

        const int Longest = 8;
        for (int rest = -Position & (alignment - 1); rest > 0;)
        {
            ReadOnlySpan<byte> instruction = [];
            for (int length = Math.Min(rest, Longest); length > 0 && instruction.IsEmpty; length--)
            {
                instruction = ProcessorCode.NoOperation(length);
            }

            ArgumentOutOfRangeException.ThrowIfZero(instruction.Length, nameof(alignment));
            Write(instruction);
            rest -= instruction.Length;
        }
    }
}

using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;
using MemoryPages.Ownership;

namespace MemoryPages;

/// <summary>What is asked of an allocator: how many bytes, and a multiple of what their address must be.</summary>
/// <remarks><c>default</c> is a layout of no bytes and any address.</remarks>
public readonly record struct Layout
{
    private readonly byte _alignmentShift;

    /// <summary>A layout.</summary>
    /// <param name="size">Bytes; 0 is allowed.</param>
    /// <param name="alignment">A power of two in bytes, also beyond a page.</param>
    /// <exception cref="ArgumentException"><paramref name="alignment"/> is not a power of two.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The size, rounded up to the alignment, is beyond any address space.</exception>
    public Layout(nuint size, nuint alignment)
    {
        if (!BitOperations.IsPow2(alignment))
        {
            ThrowAlignment(alignment);
        }

        if (size > (nuint)nint.MaxValue - (alignment - 1))
        {
            ThrowSize(size);
        }

        Size = size;
        _alignmentShift = (byte)BitOperations.Log2(alignment);
    }

    private Layout(nuint size, byte alignmentShift)
    {
        Size = size;
        _alignmentShift = alignmentShift;
    }

    /// <summary>Bytes.</summary>
    public nuint Size { get; }

    /// <summary>The address is a multiple of this: a power of two in bytes.</summary>
    public nuint Alignment
    {
        // Also where it is called rarely: a call takes the address of a layout that is otherwise constants.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)1 << _alignmentShift;
    }

    /// <summary>The layout of one value: its size and its alignment, the natural one or that of its <see cref="AlignmentAttribute"/>.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Layout Of<[MoveOnly] T>()
        where T : unmanaged => new((nuint)sizeof(T), AlignmentOf<T>());

    /// <summary>The layout of neighbouring values.</summary>
    /// <typeparam name="T">The values' type.</typeparam>
    /// <param name="count">How many of them; 0 is allowed.</param>
    /// <exception cref="ArgumentOutOfRangeException">Their size is beyond any address space.</exception>
    public static unsafe Layout Of<[MoveOnly] T>(nuint count)
        where T : unmanaged
    {
        if (count > (nuint)nint.MaxValue / (nuint)sizeof(T))
        {
            ThrowSize(count);
        }

        return new Layout(count * (nuint)sizeof(T), AlignmentOf<T>());
    }

    /// <summary>The size, rounded up so that a pointer may stand there. Never overflows: sizes are signed.</summary>
    internal nuint PointerAlignedSize
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Size + ((nuint)sizeof(ulong) - 1)) & ~((nuint)sizeof(ulong) - 1);
    }

    /// <summary>The layout with some bytes more behind, at <see cref="PointerAlignedSize"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">That is beyond any address space.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Layout FollowedBy(nuint bytes)
    {
        nuint size = PointerAlignedSize + bytes;
        byte shift = Math.Max(_alignmentShift, (byte)3);
        if (size > (nuint)nint.MaxValue - (((nuint)1 << shift) - 1))
        {
            ThrowSize(size);
        }

        return new Layout(size, shift);
    }

    // The offset of a value behind a single byte is its alignment: what the runtime itself lays fields out by.
    private static unsafe nuint AlignmentOf<T>()
        where T : unmanaged => Math.Max((nuint)(sizeof(BehindByte<T>) - sizeof(T)), Asked<T>.Alignment);

    private static void ThrowAlignment(nuint alignment) =>
        throw new ArgumentException($"An alignment must be a power of two; {alignment} is not.", nameof(alignment));

    private static void ThrowSize(nuint size, [CallerArgumentExpression(nameof(size))] string name = "") =>
        throw new ArgumentOutOfRangeException(name, size, "Beyond any address space.");

    private static class Asked<T>
        where T : unmanaged
    {
        // Becomes a constant of the machine code.
        public static readonly nuint Alignment = (nuint)(typeof(T).GetCustomAttribute<AlignmentAttribute>()?.Alignment ?? 1);
    }

    private readonly record struct BehindByte<T>(byte Byte, T Value)
        where T : unmanaged;
}

using System.Numerics;
using System.Runtime.CompilerServices;

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

    /// <summary>Bytes.</summary>
    public nuint Size { get; }

    /// <summary>The address is a multiple of this: a power of two in bytes.</summary>
    public nuint Alignment => (nuint)1 << _alignmentShift;

    /// <summary>The layout of one value: its size and its natural alignment.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    public static unsafe Layout Of<T>()
        where T : unmanaged => new((nuint)sizeof(T), AlignmentOf<T>());

    /// <summary>The layout of neighbouring values.</summary>
    /// <typeparam name="T">The values' type.</typeparam>
    /// <param name="count">How many of them; 0 is allowed.</param>
    /// <exception cref="ArgumentOutOfRangeException">Their size is beyond any address space.</exception>
    public static unsafe Layout Of<T>(nuint count)
        where T : unmanaged
    {
        if (count > (nuint)nint.MaxValue / (nuint)sizeof(T))
        {
            ThrowSize(count);
        }

        return new Layout(count * (nuint)sizeof(T), AlignmentOf<T>());
    }

    // The offset of a value behind a single byte is its alignment: what the runtime itself lays fields out by.
    private static unsafe nuint AlignmentOf<T>()
        where T : unmanaged => (nuint)(sizeof(BehindByte<T>) - sizeof(T));

    private static void ThrowAlignment(nuint alignment) =>
        throw new ArgumentException($"An alignment must be a power of two; {alignment} is not.", nameof(alignment));

    private static void ThrowSize(nuint size, [CallerArgumentExpression(nameof(size))] string name = "") =>
        throw new ArgumentOutOfRangeException(name, size, "Beyond any address space.");

    private readonly record struct BehindByte<T>(byte Byte, T Value)
        where T : unmanaged;
}

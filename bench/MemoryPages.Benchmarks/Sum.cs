using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MemoryPages.Benchmarks;

/// <summary>The loop that all file benchmarks share: the sum of all 64-bit numbers.</summary>
/// <remarks>
/// With vectors, and four sums that do not wait for one another: what compilers of other languages make of the plain loop, and the JIT does not.
/// </remarks>
internal static class Sum
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<Vector<ulong>> vectors = MemoryMarshal.Cast<byte, Vector<ulong>>(bytes);
        var (a, b, c, d) = (Vector<ulong>.Zero, Vector<ulong>.Zero, Vector<ulong>.Zero, Vector<ulong>.Zero);
        for (; vectors.Length >= 4; vectors = vectors[4..])
        {
            a += vectors[0];
            b += vectors[1];
            c += vectors[2];
            d += vectors[3];
        }

        ulong sum = Vector.Sum(a + b + c + d);
        foreach (Vector<ulong> vector in vectors)
        {
            sum += Vector.Sum(vector);
        }

        foreach (ulong number in MemoryMarshal.Cast<byte, ulong>(bytes[(bytes.Length / Vector<byte>.Count * Vector<byte>.Count)..]))
        {
            sum += number;
        }

        return sum;
    }
}

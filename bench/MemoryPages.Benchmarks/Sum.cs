using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MemoryPages.Benchmarks;

/// <summary>The loop that all file benchmarks share: the sum of all 64-bit numbers.</summary>
/// <remarks>
/// With vectors, and four sums that do not wait for one another: what compilers of other languages make of the plain loop, and the JIT does not.
/// Wider vectors are no faster where memory is what is waited for, and slower over small pages.
/// </remarks>
internal static class Sum
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<Vector128<ulong>> vectors = MemoryMarshal.Cast<byte, Vector128<ulong>>(bytes);
        var (a, b, c, d) = (Vector128<ulong>.Zero, Vector128<ulong>.Zero, Vector128<ulong>.Zero, Vector128<ulong>.Zero);
        for (; vectors.Length >= 4; vectors = vectors[4..])
        {
            a += vectors[0];
            b += vectors[1];
            c += vectors[2];
            d += vectors[3];
        }

        ulong sum = Vector128.Sum(a + b + c + d);
        foreach (Vector128<ulong> vector in vectors)
        {
            sum += Vector128.Sum(vector);
        }

        foreach (ulong number in MemoryMarshal.Cast<byte, ulong>(bytes[(bytes.Length / Vector128<byte>.Count * Vector128<byte>.Count)..]))
        {
            sum += number;
        }

        return sum;
    }

    public static ulong Of(PagesScan<ReadOnly> scan)
    {
        ulong sum = 0;
        foreach (ScanWindow window in scan)
        {
            sum += Of(window.Span);
        }

        return sum;
    }
}

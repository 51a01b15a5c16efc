using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MemoryPages.Benchmarks;

/// <summary>The loop that all file benchmarks share: the sum of all 64-bit numbers, one by one.</summary>
internal static class Sum
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        ulong sum = 0;
        ReadOnlySpan<ulong> numbers = MemoryMarshal.Cast<byte, ulong>(bytes);
        for (int i = 0; i < numbers.Length; i++)
        {
            sum += numbers[i];
        }

        return sum;
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace MemoryPages.Allocators;

/// <summary>
/// The sizes of blocks that a pool deals in: steps of 16 bytes up to 128, then four to each doubling. At most a fifth of a block is lost.
/// </summary>
internal static class SizeClasses
{
    /// <summary>The largest, in bytes.</summary>
    public const nuint Largest = 8 << 10;

    /// <summary>What is not of any class.</summary>
    public const int None = -1;

    private const int Granule = 16;
    private const int Linear = 128;

    private static readonly int[] s_sizes = MakeSizes();
    private static readonly byte[] s_classes = MakeClasses();

    /// <summary>How many classes there are up to a size.</summary>
    public static int CountUpTo(nuint size) => s_sizes.Count(one => (nuint)one <= size);

    public static nuint SizeOf(int index) => (nuint)s_sizes[index];

    /// <summary>
    /// The class that a layout is served from, or <see cref="None"/>: for all sizes from the one that was asked for to the block's the same, so that
    /// a block's layout says where it came from.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Of(Layout layout)
    {
        nuint size = layout.Alignment <= Granule ? layout.Size : BitOperations.RoundUpToPowerOf2(Math.Max(layout.Size, layout.Alignment));
        nuint granules = (size + (Granule - 1)) / Granule;
        byte[] classes = s_classes;
        return granules < (nuint)classes.Length ? classes[(int)granules] : None;
    }

    private static int[] MakeSizes()
    {
        var sizes = new List<int>();
        for (int size = Granule; size <= Linear; size += Granule)
        {
            sizes.Add(size);
        }

        for (int doubling = Linear; doubling < (int)Largest; doubling *= 2)
        {
            for (int quarter = 1; quarter <= 4; quarter++)
            {
                sizes.Add(doubling + (doubling / 4 * quarter));
            }
        }

        return [.. sizes];
    }

    /// <summary>The class by the number of granules.</summary>
    private static byte[] MakeClasses()
    {
        var classes = new byte[((int)Largest / Granule) + 1];
        for (int granules = 0, index = 0; granules < classes.Length; granules++)
        {
            index += granules * Granule > s_sizes[index] ? 1 : 0;
            classes[granules] = (byte)index;
        }

        return classes;
    }
}

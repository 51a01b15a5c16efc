using System.Globalization;

namespace MemoryPages.Testing;

/// <content>What every answer of an allocator must be.</content>
internal sealed unsafe partial class AllocatorConformance<TAllocator>
{
    internal static Span<byte> Bytes(AllocatedBlock block) => new(block.Pointer, checked((int)block.Size));

    internal static void RequireFits(AllocatedBlock block, Layout layout)
    {
        bool isPlaced = block.Address != 0 && block.Address % layout.Alignment == 0;
        Require(isPlaced, $"a block is at 0x{block.Address:x}, for an alignment of {layout.Alignment}");
        Require(block.Size >= layout.Size, $"a block has {block.Size} of {layout.Size} bytes");
    }

    internal static void Require(bool condition, FormattableString what)
    {
        if (!condition)
        {
            Fail(what.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static void Require(bool condition, string what)
    {
        if (!condition)
        {
            Fail(what);
        }
    }

    private static void Fail(string what) => throw new AllocatorConformanceException($"{typeof(TAllocator).Name}: {what}.");

    private static string Refused(Layout layout) => $"{layout.Size} bytes, alignment {layout.Alignment}, were refused";

    private IEnumerable<nuint> Alignments()
    {
        for (nuint alignment = 1; alignment <= abilities.LargestAlignment; alignment *= 2)
        {
            yield return alignment;
        }
    }

    /// <summary>From several sizes to larger ones, within blocks and beyond them; the block that comes out is freed.</summary>
    private void Resize(Func<AllocatedBlock, Layout, Layout, AllocatedBlock> resize)
    {
        nuint[] sizes = [0, 1, 15, 16, 40, 64, 200, 1000, PageSize.Base - 1, PageSize.Base, 3 * PageSize.Base, abilities.Capacity / 16];
        foreach (nuint alignment in (nuint[])[1, 16, 64, Math.Min(PageSize.Base, abilities.LargestAlignment)])
        {
            for (int from = 0; from < sizes.Length; from++)
            {
                for (int to = from; to < sizes.Length; to++)
                {
                    Layout layout = new(sizes[from], alignment), wished = new(sizes[to], alignment);
                    allocator.Free(resize(Allocate(layout), layout, wished).Pointer, wished);
                }
            }
        }
    }

    private AllocatedBlock Allocate(Layout layout)
    {
        Require(allocator.TryAllocate(layout, out AllocatedBlock block), Refused(layout));
        RequireFits(block, layout);
        return block;
    }

    private AllocatedBlock AllocateZeroed(Layout layout)
    {
        Require(allocator.TryAllocateZeroed(layout, out AllocatedBlock block), Refused(layout));
        RequireFits(block, layout);
        return block;
    }

    private AllocatedBlock Grow(AllocatedBlock block, Layout layout, Layout wished)
    {
        Require(allocator.TryGrow(block.Pointer, layout, wished, out AllocatedBlock grown), Refused(wished));
        RequireFits(grown, wished);
        return grown;
    }

    private AllocatedBlock Shrink(AllocatedBlock block, Layout layout, Layout wished)
    {
        bool isShrunk = allocator.TryShrink(block.Pointer, layout, wished, out AllocatedBlock shrunk);
        Require(isShrunk, $"{layout.Size} bytes could not be shrunk to {wished.Size}");
        RequireFits(shrunk, wished);
        return shrunk;
    }
}

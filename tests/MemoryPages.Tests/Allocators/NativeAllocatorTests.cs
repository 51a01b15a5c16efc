using System.Runtime.InteropServices;

namespace MemoryPages.Tests.Allocators;

/// <summary>The heap: alignment by the cheapest call, and blocks that are everybody's.</summary>
public sealed unsafe class NativeAllocatorTests
{
    private static NativeAllocator Heap => default;

    [Fact]
    public void It_has_no_state() => Assert.True(System.Runtime.CompilerServices.Unsafe.SizeOf<NativeAllocator>() == 1);

    [Theory]
    [InlineData(1, 16)]
    [InlineData(3, 8)]
    [InlineData(24, 16)]
    public void What_malloc_aligns_is_the_frameworks_block_too(int size, int alignment)
    {
        AllocatedBlock block = Heap.Allocate(new Layout((nuint)size, (nuint)alignment));
        Assert.Equal((nuint)Math.Max(size, alignment), block.Size);
        NativeMemory.Free(block.Pointer);
    }

    [Fact]
    public void Beyond_that_whole_multiples_of_the_alignment_are_given()
    {
        var layout = new Layout(100, 64);
        AllocatedBlock block = Heap.Allocate(layout);
        Assert.Equal((nuint)128, block.Size);
        AllocatedBlock grown = Heap.Grow(block.Pointer, layout, new Layout(128, 64));
        Assert.Equal(block, grown); // it was there already
        Heap.Free(grown.Pointer, layout);
    }

    [Fact]
    public void A_refusal_says_what_was_asked()
    {
        var layout = new Layout((nuint)nint.MaxValue / 2, 32);
        MemoryPagesException refused = Assert.Throws<MemoryPagesException>(() => Heap.AllocateZeroed(layout));
        Assert.Equal(("AllocateZeroed", ErrorReason.OutOfMemory, layout.Size), (refused.Operation, refused.Reason, refused.Size));
        Assert.Contains("NativeAllocator has no 4,611,686,018,427,387,903 bytes at a multiple of 32", refused.Message);
    }

    [Fact]
    public void Growing_is_not_shrinking()
    {
        var layout = new Layout(64, 8);
        AllocatedBlock block = Heap.Allocate(layout);
        Assert.Throws<ArgumentOutOfRangeException>("newLayout", () => Heap.Grow(block.Pointer, layout, new Layout(63, 8)));
        Assert.Throws<ArgumentOutOfRangeException>("newLayout", () => Heap.GrowZeroed(block.Pointer, layout, new Layout(63, 8)));
        Assert.Throws<ArgumentOutOfRangeException>("newLayout", () => Heap.Shrink(block.Pointer, layout, new Layout(65, 8)));
        Heap.Free(block.Pointer, layout);
    }

    [Fact]
    public void Every_throwing_form_gives_what_its_Try_form_gives()
    {
        Layout layout = new(10, 16), larger = new(1000, 32);
        AllocatedBlock block = Heap.AllocateZeroed(layout);
        block = Heap.Grow(block.Pointer, layout, larger);
        block = Heap.Shrink(block.Pointer, larger, layout);
        block = Heap.GrowZeroed(block.Pointer, layout, larger);
        Assert.Equal((nuint)0, block.Address % 32);
        Assert.False(new ReadOnlySpan<byte>(block.Pointer, 10).ContainsAnyExcept((byte)0));
        Assert.False(new ReadOnlySpan<byte>(block.Pointer, (int)block.Size)[10..].ContainsAnyExcept((byte)0));
        Heap.Free(block.Pointer, larger);
    }
}

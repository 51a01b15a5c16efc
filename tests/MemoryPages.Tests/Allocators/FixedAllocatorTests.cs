#pragma warning disable MP1001 // what a disposed allocator answers is tested

using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Allocators;

/// <summary>Blocks within memory of the caller's, and not a byte beside it.</summary>
public sealed unsafe class FixedAllocatorTests
{
    private static readonly Layout s_layout = new(100, 16);

    [Fact]
    public void All_of_an_array_is_used_and_comes_together_again()
    {
        byte[] array = GC.AllocateArray<byte>(10_000, pinned: true);
        using var allocator = new FixedAllocator(array);
        var blocks = new List<AllocatedBlock>();
        while (allocator.TryAllocate(s_layout, out AllocatedBlock block))
        {
            Assert.InRange((long)(block.Address - (nuint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref array[0])), 0, 10_000 - 112);
            blocks.Add(block);
        }

        Assert.Equal((nuint)(blocks.Count * 112), allocator.Capacity - allocator.FreeBytes);
        Assert.True(allocator.FreeBytes < 112);
        MemoryPagesException full = Assert.Throws<MemoryPagesException>(() => allocator.Allocate(s_layout));
        Assert.Contains("are free, at most", full.Hint);

        // In no order: neighbours become one whichever comes first.
        for (int i = 0; blocks.Count != 0; i = ((i * 7) + 3) % 1009)
        {
            int index = i % blocks.Count;
            allocator.Free(blocks[index].Pointer, s_layout);
            blocks.RemoveAt(index);
        }

        var whole = new Layout(allocator.Capacity, 16);
        allocator.Free(allocator.Allocate(whole).Pointer, whole);
    }

    [Fact]
    public void Pages_are_leased_until_the_last_block_goes()
    {
        using var pages = Pages.Allocate(1 << 20);
        using var lease = pages.LeaseMemory();
        var allocator = new FixedAllocator(lease.Memory);
        AllocatedBlock block = allocator.AllocateZeroed(s_layout);
        Assert.InRange((long)(block.Address - (nuint)pages.DangerousPointer()), 0, 1 << 20);
        lease.Dispose();
        allocator.Dispose();
        Assert.Throws<ObjectDisposedException>(() => allocator.TryAllocate(s_layout, out _));
        new Span<byte>(block.Pointer, 100).Fill(1);
        Assert.Throws<InvalidOperationException>(() => pages.Discard());
        allocator.Free(block.Pointer, s_layout);
        pages.Discard();
    }

    [Fact]
    public void Blocks_grow_into_what_is_free_behind_them_and_give_back_what_they_shrink_by()
    {
        using var allocator = new FixedAllocator(new byte[4000]);
        var larger = new Layout(2000, 16);
        AllocatedBlock block = allocator.Allocate(s_layout);
        AllocatedBlock grown = allocator.GrowZeroed(block.Pointer, s_layout, larger);
        Assert.Equal(block.Address, grown.Address);
        AllocatedBlock shrunk = allocator.Shrink(grown.Pointer, larger, s_layout);
        AllocatedBlock next = allocator.Allocate(s_layout);
        Assert.Equal((block.Address, block.Address + 112), (shrunk.Address, next.Address));
        Assert.NotEqual(block.Address, allocator.Grow(shrunk.Pointer, s_layout, larger).Address);
    }

    [Fact]
    public void What_is_not_a_block_is_refused_before_it_does_harm()
    {
        using var allocator = new FixedAllocator(new byte[4000]);
        AllocatedBlock block = allocator.Allocate(s_layout), other = allocator.Allocate(s_layout);
        allocator.Free(block.Pointer, s_layout);
        Assert.Throws<InvalidOperationException>(() => allocator.Free(block.Pointer, s_layout));
        Assert.Throws<InvalidOperationException>(() => allocator.Free((void*)64, s_layout));
        Assert.Throws<InvalidOperationException>(() => allocator.Free((void*)(other.Address + 4000), s_layout));
        Assert.Throws<InvalidOperationException>(() => allocator.Free((void*)(other.Address + 8), s_layout));
        Assert.Throws<InvalidOperationException>(() => allocator.Free(other.Pointer, new Layout(5000, 16)));
        allocator.Free(other.Pointer, s_layout);
        Assert.Equal((allocator.Capacity, (nint)0), (allocator.FreeBytes, allocator.LiveBlocks));
    }

    [Fact]
    public void Too_little_memory_is_none()
    {
        using var allocator = new FixedAllocator(new byte[15]);
        Assert.Equal((nuint)0, allocator.Capacity);
        Assert.False(allocator.TryAllocate(default, out _));
    }
}

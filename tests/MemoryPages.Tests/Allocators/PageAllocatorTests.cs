using MemoryPages.Testing;
using static MemoryPages.Testing.SystemCallFailure;

namespace MemoryPages.Tests.Allocators;

/// <summary>Whole pages: what the kernel maps for a block, and what is left of it.</summary>
public sealed unsafe class PageAllocatorTests
{
    private static PageAllocator Allocator => default;

    private static nuint Page => PageSize.Base;

    [Fact]
    public void A_block_is_a_mapping_that_comes_and_goes_with_it()
    {
        var layout = new Layout((3 * Page) - 5, 8);
        AllocatedBlock block = Allocator.Allocate(layout);
        Assert.Equal(((nuint)0, 3 * Page), (block.Address % Page, block.Size));
        Assert.StartsWith("rw-p", SystemMap.At(block.Address)!.Access);
        Allocator.Free(block.Pointer, layout);
        Assert.Null(SystemMap.At(block.Address));
    }

    [Fact]
    public void Growing_takes_the_pages_along_whether_or_not_there_is_room_behind()
    {
        Needed.Call("mremap");
        // Neighbours may stand behind it: either way no byte is lost, nothing is written, and no page is left where it was.
        Layout layout = new(16 * Page, 8), larger = new(4096 * Page, 8);
        AllocatedBlock block = Allocator.Allocate(layout), neighbour = Allocator.Allocate(layout);
        new Span<byte>(block.Pointer, (int)layout.Size).Fill(7);
        AllocatedBlock grown = Allocator.Grow(block.Pointer, layout, larger);
        Assert.False(new ReadOnlySpan<byte>(grown.Pointer, (int)layout.Size).ContainsAnyExcept((byte)7));
        Assert.Equal(16, SystemMap.Present(grown.Address, larger.Size).Count(present => present));
        Assert.True(block.Address == grown.Address || SystemMap.At(block.Address) is null);

        AllocatedBlock shrunk = Allocator.Shrink(grown.Pointer, larger, layout);
        Assert.Equal((grown.Address, layout.Size), (shrunk.Address, shrunk.Size));
        Assert.Null(SystemMap.At(grown.Address + (100 * Page)));
        Allocator.Free(shrunk.Pointer, layout);
        Allocator.Free(neighbour.Pointer, layout);
    }

    [Fact]
    public void Where_there_is_room_behind_it_grows_in_place()
    {
        Needed.Call("mremap");
        // Another thread of the runtime may be given the room first: not every time.
        Assert.Contains(true, Enumerable.Range(0, 20).Select(_ => GrowsIntoRoom()));

        static bool GrowsIntoRoom()
        {
            Layout layout = new(Page, 8), room = new(64 * Page, 8);
            AllocatedBlock block = Allocator.Allocate(room);
            new Span<byte>(block.Pointer, (int)room.Size).Fill(7);
            block = Allocator.Shrink(block.Pointer, room, layout);
            AllocatedBlock grown = Allocator.GrowZeroed(block.Pointer, layout, room);
            Assert.False(new ReadOnlySpan<byte>(grown.Pointer, (int)room.Size)[(int)Page..].ContainsAnyExcept((byte)0));
            Assert.Equal(7, *(byte*)grown.Pointer);
            Allocator.Free(grown.Pointer, room);
            return block.Address == grown.Address;
        }
    }

    [Fact]
    public void What_the_system_refuses_is_told_and_the_block_is_as_it_was()
    {
        Assert.SkipUnless(IsPossible, "Refusing calls takes seccomp on x86-64 Linux.");
        const nuint Large = 0x1357_0000;
        Layout layout = new(Page, 8), larger = new(Large, 8);
        AllocatedBlock block = Allocator.Allocate(layout);
        *(int*)block.Pointer = 42;
        During(
            () =>
            {
                MemoryPagesException refused = Assert.Throws<MemoryPagesException>(() => Allocator.AllocateZeroed(larger));
                Assert.Equal(("AllocateZeroed", "mmap", Large), (refused.Operation, refused.NativeCall, refused.Size));
                refused = Assert.Throws<MemoryPagesException>(() => Allocator.Grow(block.Pointer, layout, larger));
                Assert.Equal(("Grow", "mremap", "ENOMEM"), (refused.Operation, refused.NativeCall, refused.ErrorSymbol));
            },
            new FailingCall(Mmap, ENOMEM, Large),
            new FailingCall(Mremap, ENOMEM));
        Assert.Equal(42, *(int*)block.Pointer);
        Allocator.Free(block.Pointer, layout);
    }
}

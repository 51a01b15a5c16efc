namespace MemoryPages.Tests.Allocators;

/// <summary>One type of box for every kind of memory: what the program says is where the value is, as the kernel tells it.</summary>
public sealed class BoxPlacesTests
{
    /// <summary>Nothing of an earlier test on this thread.</summary>
    public BoxPlacesTests() => Events.Take();

    [Fact]
    public unsafe void A_control_block_lies_in_contiguous_physical_memory_of_its_node()
    {
        Assert.SkipUnless(PhysicalAddress.IsVisible, "This process is shown no physical addresses (CAP_SYS_ADMIN).");
        using var reserved = new HugePagePool(1); // skips where huge pages are not to be had
        var allocator = new PhysicalAllocator(node: 0);
        using (var vmcb = Box.New<Vmcb, PhysicalAllocator>(default, new PhysicalAllocator(node: 0)))
        {
            ref Vmcb v = ref vmcb.Value;
            v.Intercepts = 5;
            fixed (Vmcb* pointer = &vmcb.Value)
            {
                PhysicalAddress first = allocator.AddressOf(pointer);
                Assert.Equal(first.Value + (ulong)sizeof(Vmcb) - 1, allocator.AddressOf((byte*)pointer + sizeof(Vmcb) - 1).Value);
                Assert.Equal(0u, first.Value % 4096);
                Assert.Equal(PhysicalMap.OfAddresses((nuint)pointer, 1).Segments[0].Address, first);
            }

            Assert.Equal((5L, 1L), (vmcb.Value.Intercepts, allocator.Counters.LiveBlocks));
        }

        Assert.Equal(0, allocator.Counters.LiveBlocks);
        allocator.Trim();
    }

    [Fact]
    public void A_tree_drops_both_of_its_leaves_once()
    {
        Named leaf = new(1), leaf2 = new(2);
        using (Box<Tree> tree = Box.New(new Tree { Left = Box.New(leaf), Right = Box.New(leaf2) }))
        {
            Assert.Equal((1, 2), (tree.Value.Left.Value.Number, tree.Value.Right.Value.Number));
            Assert.Empty(Events.Take());
        }

        Assert.Equal(["tree 0", "drop 1", "drop 2"], Events.Take());
    }

    [Fact]
    public unsafe void What_may_not_be_paged_out_is_locked_or_refused_without_an_exception()
    {
        if (!Box.TryNew<Big, LockedAllocator>(out var big))
        {
            Assert.False(big.HasValue);
            Assert.Skip("This process may lock no memory (RLIMIT_MEMLOCK).");
        }

        using (big)
        {
            fixed (Big* pointer = &big.Value)
            {
                Assert.True(SystemMap.At((nuint)pointer)!.HasFlag("lo"));
                Assert.True(SystemMap.At((nuint)pointer + (nuint)sizeof(Big) - 1)!.HasFlag("lo"));
            }
        }

        Assert.Equal((nuint)0, LockedAllocator.LockedBytes);
    }

    /// <summary>More than any limit: false, nothing thrown, nothing left.</summary>
    [Fact]
    public void What_cannot_be_locked_is_refused()
    {
        Assert.False(BoxedSpan.TryNewZeroed<Big, LockedAllocator>((nuint)1 << 40, out var none));
        none.Dispose();
        Assert.Equal((nuint)0, LockedAllocator.LockedBytes);
    }

    [Fact]
    public void A_fence_around_boxes_finds_nothing_wrong_with_them()
    {
        using var fence = new GuardedAllocator<NativeAllocator>();
        using (Box<Big, GuardedAllocator<NativeAllocator>> box = Box.NewZeroed<Big, GuardedAllocator<NativeAllocator>>(fence))
        {
            Assert.Equal(1, fence.LiveBlocks);
        }

        Assert.Equal(0, fence.LiveBlocks);
    }

    [Alignment(4096)]
    private unsafe struct Vmcb
    {
        public long Intercepts;
        public fixed byte Rest[4096 - sizeof(long)];
    }

    private unsafe struct Big
    {
        public fixed byte Bytes[20_000];
    }
}

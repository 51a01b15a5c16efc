#pragma warning disable CA5394 // orders and sizes, not secrets

using MemoryPages.Tests.Effects;
using static MemoryPages.Tests.Physical.PhysicalWitness;

namespace MemoryPages.Tests.Physical;

/// <summary>Blocks for devices: where they are is compared with what the kernel says, and what is left with what was there before.</summary>
public sealed unsafe class PhysicalAllocatorTests
{
    private static readonly nuint s_page = PageSize.Base;

    private static nuint Huge => HugePagePool.Size;

    [Fact]
    public void It_keeps_the_contract_of_allocators() => WithHeap(allocator => new AllocatorConformance<PhysicalAllocator>(
        allocator, new() { IsThreadSafe = true, LargestAlignment = Huge / 4, Capacity = 4 * Huge }).Run());

    /// <summary>Wrapped, as a struct and behind the interface.</summary>
    [Fact]
    public void It_keeps_the_contract_below_other_allocators() => WithHeap(allocator =>
    {
        var counting = new CountingAllocator<PhysicalAllocator>(allocator);
        new AllocatorConformance<FailingAllocator<IAllocator>>(
            new FailingAllocator<IAllocator>(counting, failAt: 0), new() { IsThreadSafe = true, LargestAlignment = Huge / 4, Capacity = 4 * Huge }).Run();
        Assert.Equal(0, counting.Counters.LiveBlocks);
    });

    [Fact]
    public void Any_byte_of_any_block_is_where_the_kernel_says_and_in_page_offsets_agree() => WithHeap(allocator =>
    {
        foreach (nuint size in (nuint[])[1, 20, 64, 100, s_page, s_page + 1, 16 * s_page, 1 << 20])
        {
            AllocatedBlock block = allocator.Allocate(new Layout(size, 1));
            for (nuint at = 0; at < block.Size; at += Math.Max(1, (block.Size / 7) - 1))
            {
                AssertTold(allocator, block.Address + at);
            }

            ulong first = allocator.AddressOf(block.Pointer).Value;
            Assert.Equal(first + block.Size - 1, allocator.AddressOf((byte*)block.Pointer + block.Size - 1).Value);
            allocator.Free(block.Pointer, new Layout(size, 1));
        }
    });

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(256)]
    [InlineData(4096)]
    [InlineData(65536)]
    public void Alignments_are_of_both_addresses_from_the_first_block_on(int alignment) => WithHeap(allocator =>
    {
        var layout = new Layout(20, (nuint)alignment);
        AllocatedBlock[] blocks = [.. Enumerable.Range(0, 5).Select(_ => allocator.Allocate(layout))];
        foreach (AllocatedBlock block in blocks)
        {
            Assert.Equal(0u, block.Address % (nuint)alignment);
            Assert.Equal(0u, allocator.AddressOf(block.Pointer).Value % (ulong)alignment);
            allocator.Free(block.Pointer, layout);
        }
    });

    [Fact]
    public void Many_blocks_share_a_huge_page_and_the_last_to_be_freed_gives_it_back() => WithHeap(allocator =>
    {
        long free = HugePagePool.Free;
        var layout = new Layout(s_page, 1);
        AllocatedBlock[] blocks = [.. Enumerable.Range(0, 100).Select(_ => allocator.Allocate(layout))];
        Assert.Equal(new PhysicalAllocatorCounters(100, (long)(100 * s_page), 1, (long)Huge), allocator.Counters);
        Assert.Equal(100, blocks.Select(block => allocator.AddressOf(block.Pointer)).Distinct().Count());
        foreach (AllocatedBlock block in blocks)
        {
            allocator.Free(block.Pointer, layout);
        }

        Assert.Equal(0, allocator.Counters.LiveBlocks);
        allocator.Trim();
        Assert.Equal(default, allocator.Counters);
        Assert.Null(PhysicalZoneAt(blocks[0].Address));
        Assert.Equal(free, HugePagePool.Free);
    });

    [Fact]
    public void Freed_space_is_had_again_at_once_also_in_the_middle() => WithHeap(allocator =>
    {
        var layout = new Layout(2 * s_page, 1);
        AllocatedBlock a = allocator.Allocate(layout), b = allocator.Allocate(layout), c = allocator.Allocate(layout);
        allocator.Free(b.Pointer, layout);
        AllocatedBlock again = allocator.Allocate(layout);
        Assert.Equal(b.Address, again.Address);
        allocator.Free(a.Pointer, layout);
        allocator.Free(again.Pointer, layout);
        allocator.Free(c.Pointer, layout);
    });

    [Fact]
    public void Freed_neighbours_are_joined_until_the_whole_is_there_again() => WithHeap(allocator =>
    {
        int count = (int)(Huge / 1024);
        var small = new Layout(1024, 1);
        AllocatedBlock[] blocks = [.. Enumerable.Range(0, count).Select(_ => allocator.Allocate(small))];
        Assert.Equal(1, allocator.Counters.Zones);
        nuint first = blocks.Min(block => block.Address);
        Assert.Equal(0u, first % Huge);
        Assert.Equal(first + Huge, blocks.Max(block => block.Address + block.Size)); // the last byte of the last block is the page's last
        var random = new Random(7);
        random.Shuffle(blocks);
        foreach (AllocatedBlock block in blocks)
        {
            allocator.Free(block.Pointer, small);
        }

        var whole = new Layout(Huge, 1);
        allocator.Trim();
        AllocatedBlock all = allocator.Allocate(whole);
        Assert.Equal(Huge, all.Size);
        Assert.Equal(1, allocator.Counters.Zones);
        allocator.Free(all.Pointer, whole);
    });

    [Fact]
    public void Longer_blocks_lie_in_neighbouring_huge_pages() => WithHeap(allocator =>
    {
        var layout = new Layout(Huge + 1, 1);
        using var pool = new HugePagePool(16);
        SkipUnlessNeighboursAreFree(2 * Huge);
        AllocatedBlock block = allocator.Allocate(layout);
        Assert.Equal(2 * Huge, block.Size);
        ulong[] frames = Frames.Of(block.Address, block.Size);
        Assert.Equal(Enumerable.Range(0, frames.Length).Select(i => frames[0] + (ulong)i), frames);
        AssertTold(allocator, block.Address + Huge + 5);
        allocator.Free(block.Pointer, layout);
        allocator.Trim(); // before the pool is put back
    });

    [Fact]
    public void No_block_crosses_the_boundary_and_longer_ones_are_refused_with_the_reason()
    {
        SkipUnlessHad();
        var allocator = new PhysicalAllocator(boundary: 16 * s_page);
        var layout = new Layout((3 * s_page) + 1, 1);
        AllocatedBlock[] blocks = [.. Enumerable.Range(0, 20).Select(_ => allocator.Allocate(layout))];
        foreach (AllocatedBlock block in blocks)
        {
            Assert.Equal(allocator.AddressOf(block.Pointer).Value / (16 * s_page), allocator.AddressOf((byte*)block.Pointer + block.Size - 1).Value / (16 * s_page));
            allocator.Free(block.Pointer, layout);
        }

        Assert.False(allocator.TryAllocate(new Layout((16 * s_page) + 1, 1), out _));
        var refused = Assert.Throws<MemoryPagesException>(() => allocator.Allocate(new Layout((16 * s_page) + 1, 1)));
        Assert.Contains("boundary", refused.Hint);
        allocator.Trim();
    }

    [Fact]
    public void Freeing_twice_or_what_is_not_a_block_is_refused_and_changes_nothing() => WithHeap(allocator =>
    {
        var layout = new Layout(s_page, 1);
        AllocatedBlock block = allocator.Allocate(layout), other = allocator.Allocate(layout);
        nint within = (nint)block.Pointer + 64, unaligned = (nint)block.Pointer + 1;
        int local = 0;
        nint foreign = (nint)(&local);
        Assert.Throws<InvalidOperationException>(() => allocator.Free((void*)within, layout));
        Assert.Throws<InvalidOperationException>(() => allocator.Free((void*)unaligned, layout));
        Assert.Throws<InvalidOperationException>(() => allocator.Free((void*)foreign, layout));
        Assert.Throws<InvalidOperationException>(() => allocator.Free(null, layout));
        Assert.Throws<InvalidOperationException>(() => allocator.AddressOf((void*)foreign));
        Assert.Equal(2, allocator.Counters.LiveBlocks);
        allocator.Free(block.Pointer, layout);
        Assert.Throws<InvalidOperationException>(() => allocator.Free(block.Pointer, layout));
        Assert.Equal(1, allocator.Counters.LiveBlocks);
        allocator.Free(other.Pointer, layout);
    });

    /// <summary>pmalloc finds sizes by what stands in the memory: a device that overwrites it corrupts the allocator.</summary>
    [Fact]
    public void Whatever_a_device_writes_into_every_byte_changes_nothing_that_the_allocator_knows() => WithHeap(allocator =>
    {
        var layout = new Layout(100, 1);
        AllocatedBlock[] blocks = [.. Enumerable.Range(0, 50).Select(_ => allocator.Allocate(layout))];
        foreach (byte pattern in (byte[])[0, 0xFF, (byte)'D'])
        {
            nuint zone = PageSize.AlignDown(blocks[0].Address, Huge);
            new Span<byte>((void*)zone, (int)Huge).Fill(pattern);
            foreach (AllocatedBlock block in blocks)
            {
                AssertTold(allocator, block.Address);
            }

            allocator.Free(blocks[7].Pointer, layout);
            blocks[7] = allocator.Allocate(layout);
        }

        Assert.Equal(50, allocator.Counters.LiveBlocks);
        foreach (AllocatedBlock block in blocks)
        {
            allocator.Free(block.Pointer, layout);
        }

        Assert.True(allocator.VerifyAddresses());
    });

    [Fact]
    public void The_same_wishes_are_the_same_allocator_and_an_absent_node_is_none()
    {
        Assert.Equal(new PhysicalAllocator(boundary: 1 << 20), new PhysicalAllocator(boundary: 1 << 20));
        Assert.Equal(default, new PhysicalAllocator(node: null));
        Assert.Contains("node 4711", Assert.Throws<ArgumentException>(() => new PhysicalAllocator(node: 4711)).Message);
        Assert.Throws<ArgumentException>(() => new PhysicalAllocator(boundary: 3));
        Assert.Equal(4, System.Runtime.CompilerServices.Unsafe.SizeOf<PhysicalAllocator>());
    }

    [Fact]
    public void Blocks_freed_by_other_threads_are_all_given_back() => WithHeap(allocator =>
    {
        var sizes = new[] { 64, 200, 4096, 70_000 };
        using var passed = new System.Collections.Concurrent.BlockingCollection<(nint Pointer, int Size)>(100);
        Thread[] makers = [.. Enumerable.Range(0, 3).Select(seed => new Thread(() =>
        {
            var random = new Random(seed);
            for (int i = 0; i < 3000; i++)
            {
                int size = sizes[random.Next(sizes.Length)];
                AllocatedBlock block = allocator.Allocate(new Layout((nuint)size, 1));
                new Span<byte>(block.Pointer, size).Fill((byte)size);
                passed.Add(((nint)block.Pointer, size));
            }
        }))];
        int wrong = 0;
        Thread[] enders = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            foreach ((nint pointer, int size) in passed.GetConsumingEnumerable())
            {
                if (new Span<byte>((void*)pointer, size).IndexOfAnyExcept((byte)size) >= 0)
                {
                    Interlocked.Increment(ref wrong);
                }

                allocator.Free((void*)pointer, new Layout((nuint)size, 1));
            }
        }))];
        Array.ForEach([.. makers, .. enders], thread => thread.Start());
        Array.ForEach(makers, thread => thread.Join());
        passed.CompleteAdding();
        Array.ForEach(enders, thread => thread.Join());
        Assert.Equal(0, wrong);
        Assert.Equal((0L, 0L), (allocator.Counters.LiveBlocks, allocator.Counters.LiveBytes));
    });

    [Fact]
    public void Without_the_privilege_nothing_is_allocated_and_the_error_names_it()
    {
        Assert.SkipWhen(Frames.CanSee, "This process is shown frames.");
        Assert.False(default(PhysicalAllocator).TryAllocate(new Layout(1, 1), out _));
        var refused = Assert.Throws<MemoryPagesException>(() => default(PhysicalAllocator).Allocate(new Layout(1, 1)));
        Assert.Contains("CAP_SYS_ADMIN", refused.Hint);
    }

    /// <summary>The kernel's frame of the byte's page, and the byte's place in it.</summary>
    private static void AssertTold(PhysicalAllocator allocator, nuint address)
    {
        ulong frame = Frames.Of(PageSize.AlignDown(address, s_page), s_page)[0];
        Assert.NotEqual(0ul, frame);
        Assert.Equal((frame * s_page) + (address % s_page), allocator.AddressOf((void*)address).Value);
    }

    private static string? PhysicalZoneAt(nuint address) => SystemMap.At(address)?.Line is { } line && line.Contains("physical heap") ? line : null;

    private static void SkipUnlessHad()
    {
        SkipUnlessVisible();
        using var pool = new HugePagePool(1); // skips where huge pages are not to be had
    }

    /// <summary>The process's allocator, from nothing to nothing, with the pool as it was.</summary>
    private static void WithHeap(Action<PhysicalAllocator> act)
    {
        SkipUnlessHad();
        PhysicalAllocator allocator = default;
        allocator.Trim();
        HugePageCounters before = MemoryPages.HugePagePool.Counters();
        act(allocator);
        Assert.Equal(0, allocator.Counters.LiveBlocks);
        allocator.Trim();
        Assert.Equal(default, allocator.Counters);
        Assert.Equal(before, MemoryPages.HugePagePool.Counters());
    }
}

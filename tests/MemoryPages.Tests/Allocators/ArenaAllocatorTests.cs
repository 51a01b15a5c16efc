#pragma warning disable MP1001, MP1005 // what a disposed arena answers is tested

using MemoryPages.Testing;
using MemoryPages.Unsafe;
using static MemoryPages.Testing.SystemCallFailure;

namespace MemoryPages.Tests.Allocators;

/// <summary>Where an arena puts blocks, what it gives back, and what the kernel sees of it.</summary>
public sealed unsafe class ArenaAllocatorTests
{
    private static readonly Layout s_layout = new(64, 16);

    private static nuint Page => PageSize.Base;

    [Fact]
    public void Blocks_stand_one_behind_the_other()
    {
        using var arena = new ArenaAllocator();
        AllocatedBlock one = arena.Allocate(s_layout), other = arena.Allocate(s_layout), aligned = arena.Allocate(new Layout(1, 256));
        Assert.Equal(((nuint)64, (nuint)256), (other.Address - one.Address, aligned.Address - one.Address));
        Assert.Equal(((nuint)257, (nint)3), (arena.UsedBytes, arena.LiveBlocks));
    }

    [Fact]
    public void The_last_block_grows_shrinks_and_goes_where_it_is()
    {
        using var arena = new ArenaAllocator();
        AllocatedBlock first = arena.Allocate(s_layout), last = arena.Allocate(s_layout);
        AllocatedBlock grown = arena.Grow(last.Pointer, s_layout, new Layout(8 << 20, 16));
        Assert.Equal(last.Address, grown.Address);
        Assert.Equal(last.Address, arena.Shrink(grown.Pointer, new Layout(8 << 20, 16), s_layout).Address);
        Assert.NotEqual(first.Address, arena.Grow(first.Pointer, s_layout, new Layout(65, 16)).Address);
        Assert.Equal((nint)2, arena.LiveBlocks);

        AllocatedBlock freed = arena.Allocate(s_layout);
        arena.Free(freed.Pointer, s_layout);
        Assert.Equal(freed, arena.Allocate(s_layout));
    }

    [Fact]
    public void Reset_gives_memory_and_charge_back_or_keeps_them_warm()
    {
        using var arena = new ArenaAllocator();
        var layout = new Layout(1 << 20, 16);
        Fill(arena.Allocate(layout));
        nuint address = arena.Allocate(layout).Address - layout.Size;
        Assert.True(Resident(address, layout.Size) == layout.Size);

        arena.DangerousReset(nuint.MaxValue);
        Assert.Equal(layout.Size, Resident(address, layout.Size));
        AllocatedBlock zeroed = arena.AllocateZeroed(layout); // though it was written
        Assert.Equal(-1, Bytes(zeroed).IndexOfAnyExcept((byte)0));
        arena.Free(zeroed.Pointer, layout);

        arena.Reset(keep: 3 * Page);
        Assert.Equal((3 * Page, 3 * Page), (arena.CommittedBytes, Resident(address, layout.Size)));
        Assert.False(SystemMap.At(address + (3 * Page))!.HasFlag("ac"));
        Assert.Equal(address, arena.Allocate(layout).Address);
    }

    [Fact]
    public void Reset_waits_for_the_blocks_in_use()
    {
        using var arena = new ArenaAllocator();
        AllocatedBlock block = arena.Allocate(s_layout);
        Assert.StartsWith("1 blocks of the arena were not freed", Assert.Throws<InvalidOperationException>(() => arena.Reset()).Message);
        arena.Free(block.Pointer, s_layout);
        arena.Reset();
        using (arena.Mark())
        {
            Assert.Throws<InvalidOperationException>(() => arena.Reset());
            Assert.Throws<InvalidOperationException>(() => arena.DangerousReset());
        }
    }

    [Fact]
    public void Memory_that_was_never_used_is_not_touched_to_be_zero()
    {
        using var arena = new ArenaAllocator(new() { NoHugePages = true });
        AllocatedBlock block = arena.AllocateZeroed(new Layout(64 * Page, Page));
        Assert.Equal((nuint)0, Resident(block.Address, block.Size));
    }

    [Fact]
    public void Aligned_beyond_a_page_and_a_huge_one()
    {
        using var arena = new ArenaAllocator();
        foreach (nuint alignment in (ReadOnlySpan<nuint>)[Page, 16 * Page, 4 << 20])
        {
            arena.Allocate(s_layout);
            Assert.Equal((nuint)0, arena.Allocate(new Layout(10, alignment)).Address % alignment);
        }
    }

    [Fact]
    public void A_full_arena_says_so_and_goes_on()
    {
        using var arena = new ArenaAllocator(new() { MaximumBytes = 4 * Page, Name = "small" });
        AllocatedBlock block = arena.Allocate(new Layout(3 * Page, 16));
        MemoryPagesException full = Assert.Throws<MemoryPagesException>(
            () => arena.Grow(block.Pointer, new Layout(3 * Page, 16), new Layout(5 * Page, 16)));
        Assert.Equal(("Grow", ErrorReason.OutOfMemory), (full.Operation, full.Reason));
        Assert.Contains($"It has reserved {4 * Page:N0} bytes", full.Hint);
        Assert.False(arena.TryAllocate(new Layout(Page + 1, 1), out _));
        Fill(arena.Allocate(new Layout(Page, 1)));
    }

    [Fact]
    public void A_refused_commit_is_told_and_nothing_is_lost()
    {
        Assert.SkipUnless(IsPossible, "Refusing calls takes seccomp on x86-64 Linux.");
        const nuint Large = 0x1357_0000;
        using var arena = new ArenaAllocator(new() { MaximumBytes = Large, NoHugePages = true });
        During(
            () =>
            {
                MemoryPagesException refused = Assert.Throws<MemoryPagesException>(() => arena.Allocate(new Layout(Large, 16)));
                Assert.Equal(("Allocate", "mprotect", "ENOMEM"), (refused.Operation, refused.NativeCall, refused.ErrorSymbol));
                long before = GC.GetAllocatedBytesForCurrentThread();
                bool given = arena.TryAllocate(new Layout(Large, 16), out _);
                Assert.Equal((false, 0L), (given, GC.GetAllocatedBytesForCurrentThread() - before));
            },
            new FailingCall(Mprotect, ENOMEM, Large));
        Assert.Equal(((nuint)0, (nint)0), (arena.UsedBytes, arena.LiveBlocks));
        arena.Allocate(new Layout(Large, 16));

        // And giving back: the arena is as it was, and its blocks are, too.
        During(
            () => Assert.Equal("mmap", Assert.Throws<MemoryPagesException>(() => arena.DangerousReset()).NativeCall),
            new FailingCall(Mmap, ENOMEM, Large));
        Assert.Equal((Large, (nint)1), (arena.UsedBytes, arena.LiveBlocks));
    }

    [Fact]
    public void A_disposed_arena_gives_nothing_and_ignores_what_comes_back()
    {
        var arena = new ArenaAllocator();
        AllocatedBlock block = arena.Allocate(s_layout);
        nuint address = block.Address;
        arena.Dispose();
        arena.Dispose();
        Assert.False(SystemMap.At(address) is { Access: not "---p" });
        Assert.Throws<ObjectDisposedException>(() => arena.TryAllocate(s_layout, out _));
        Assert.Throws<ObjectDisposedException>(() => arena.TryGrow(block.Pointer, s_layout, s_layout, out _));
        Assert.Throws<ObjectDisposedException>(() => arena.TryShrink(block.Pointer, s_layout, s_layout, out _));
        Assert.Throws<ObjectDisposedException>(() => arena.Reset());
        Assert.Throws<ObjectDisposedException>(() => { using ArenaScope scope = arena.Mark(); });
        arena.Free(block.Pointer, s_layout);
        Assert.Equal(((nuint)0, (nuint)0), (arena.UsedBytes, arena.CommittedBytes));
    }

    [Fact]
    public void Addresses_that_no_process_has_are_refused()
    {
        MemoryPagesException refused = Assert.Throws<MemoryPagesException>(() => new ArenaAllocator(new() { MaximumBytes = nuint.MaxValue }));
        Assert.Equal(ErrorReason.AddressSpaceLimit, refused.Reason);
    }

    private static Span<byte> Bytes(AllocatedBlock block) => new(block.Pointer, (int)block.Size);

    private static void Fill(AllocatedBlock block) => Bytes(block).Fill(0xEE);

    private static nuint Resident(nuint address, nuint length)
    {
        nuint start = PageSize.AlignDown(address, Page);
        return (nuint)SystemMap.Present(start, length).Count(present => present) * Page;
    }
}

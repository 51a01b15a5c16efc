#pragma warning disable MP1001, MP1005 // what a disposed arena answers is tested

using System.Diagnostics.CodeAnalysis;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Allocators;

/// <summary>What comes back when a scope of an arena ends, and what stays because somebody uses it.</summary>
public sealed unsafe class ArenaScopeTests
{
    private static readonly Layout s_layout = new(64, 16);

    [Fact]
    public void What_was_freed_comes_back_when_the_scope_ends()
    {
        using var arena = new ArenaAllocator();
        AllocatedBlock outer = arena.Allocate(s_layout);
        using (arena.Mark())
        {
            AllocatedBlock one = arena.Allocate(s_layout), other = arena.Allocate(s_layout);
            arena.Free(one.Pointer, s_layout); // not the last: it does not come back by itself
            arena.Free(other.Pointer, s_layout);
            Assert.Equal((nuint)128, arena.UsedBytes);
        }

        Assert.Equal(((nuint)64, (nint)1), (arena.UsedBytes, arena.LiveBlocks));
        arena.Free(outer.Pointer, s_layout);
        Assert.Equal((nuint)0, arena.UsedBytes);
    }

    [Fact]
    public void What_is_in_use_stays_until_the_scope_around_it_ends()
    {
        using var arena = new ArenaAllocator();
        using (arena.Mark())
        {
            AllocatedBlock escaped;
            using (arena.Mark())
            {
                escaped = arena.Allocate(s_layout);
            }

            Assert.Equal(((nuint)64, (nint)1), (arena.UsedBytes, arena.LiveBlocks));
            arena.Allocate(s_layout);
            arena.Free(escaped.Pointer, s_layout);
            arena.Free((void*)(escaped.Address + 64), s_layout);
        }

        Assert.Equal(((nuint)0, (nint)0), (arena.UsedBytes, arena.LiveBlocks));
    }

    /// <summary>One block for another: the number of those in use is the same, and yet the scope is not empty.</summary>
    [Fact]
    public void Freeing_a_block_of_an_outer_scope_is_no_licence_to_take_one_of_the_inner()
    {
        using var arena = new ArenaAllocator();
        AllocatedBlock outer = arena.Allocate(s_layout);
        using (arena.Mark())
        {
            arena.Allocate(s_layout);
            arena.Free(outer.Pointer, s_layout);
        }

        Assert.Equal(((nuint)128, (nint)1), (arena.UsedBytes, arena.LiveBlocks));
    }

    [Fact]
    public void The_dangerous_scope_takes_everything()
    {
        using var arena = new ArenaAllocator();
        AllocatedBlock outer = arena.Allocate(s_layout);
        using (arena.DangerousMark())
        {
            for (int i = 0; i < 1000; i++)
            {
                arena.Allocate(s_layout);
            }
        }

        Assert.Equal(((nuint)64, (nint)1), (arena.UsedBytes, arena.LiveBlocks));
        arena.Free(outer.Pointer, s_layout);
    }

    /// <summary>Its end would go with the scope.</summary>
    [Fact]
    public void A_block_of_an_outer_scope_does_not_grow_into_the_inner()
    {
        using var arena = new ArenaAllocator();
        AllocatedBlock outer = arena.Allocate(s_layout);
        using (arena.Mark())
        {
            AllocatedBlock grown = arena.Grow(outer.Pointer, s_layout, new Layout(1000, 16));
            Assert.NotEqual(outer.Address, grown.Address);
            new Span<byte>(grown.Pointer, 1000).Fill(7);
            outer = grown;
        }

        AllocatedBlock other = arena.Allocate(s_layout);
        new Span<byte>(other.Pointer, 64).Fill(8);
        Assert.False(new ReadOnlySpan<byte>(outer.Pointer, 1000).ContainsAnyExcept((byte)7));
    }

    [Fact]
    public void A_block_of_an_outer_scope_that_shrinks_leaves_no_room_to_the_inner()
    {
        using var arena = new ArenaAllocator();
        AllocatedBlock outer = arena.Allocate(s_layout);
        using (arena.Mark())
        {
            outer = arena.Shrink(outer.Pointer, s_layout, new Layout(8, 8));
            AllocatedBlock inner = arena.Allocate(s_layout);
            Assert.Equal((nuint)64, inner.Address - outer.Address);
            arena.Free(inner.Pointer, s_layout);
        }

        Assert.Equal((nuint)64, arena.UsedBytes);
    }

    [Fact]
    [SuppressMessage("MemoryPages", "MP1004", Justification = "The run time's answer to a copy is what is tested.")]
    public void A_copied_scope_is_found_out()
    {
        using var arena = new ArenaAllocator();
        Assert.Contains("a copy of it was disposed", Assert.Throws<InvalidOperationException>(() =>
        {
            using ArenaScope scope = arena.Mark();
            using ArenaScope copy = scope;
        }).Message);
    }

    [Fact]
    public void An_arena_that_ends_within_a_scope_ends_it()
    {
        var arena = new ArenaAllocator();
        using (arena.Mark())
        {
            arena.Allocate(s_layout);
            arena.Dispose();
        }

        Assert.Throws<ObjectDisposedException>(() => arena.Allocate(s_layout));
    }

    /// <summary>Random scopes, blocks and frees beside a list of what is in use: none is ever given twice.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Blocks_in_use_are_never_overwritten_whatever_scopes_do(int seed)
    {
        using var arena = new ArenaAllocator();
        var random = new Reserved.Noise((ulong)seed);
        var live = new List<(AllocatedBlock Block, Layout Layout, byte Stamp)>();
        Within(depth: 0);
        Assert.Equal((nint)live.Count, arena.LiveBlocks);
        while (live.Count != 0)
        {
            Free(live.Count - 1);
        }

        arena.Reset();

        void Within(int depth)
        {
            using ArenaScope scope = arena.Mark();
            for (int step = 0; step < 40; step++)
            {
                switch (random.Next(8))
                {
                    case 0 when depth < 5:
                        Within(depth + 1);
                        break;
                    case < 4:
                        var layout = new Layout((nuint)random.Next(300), (nuint)1 << random.Next(7));
                        Stamp(arena.Allocate(layout), layout);
                        break;
                    case < 6 when live.Count != 0:
                        Resize(random.Next(live.Count));
                        break;
                    default:
                        if (live.Count != 0)
                        {
                            Free(random.Next(live.Count));
                        }

                        break;
                }
            }
        }

        void Resize(int index)
        {
            (AllocatedBlock block, Layout layout, byte stamp) = live[index];
            var wished = new Layout((nuint)random.Next(300), layout.Alignment);
            AllocatedBlock resized = wished.Size < layout.Size
                ? arena.Shrink(block.Pointer, layout, wished)
                : arena.Grow(block.Pointer, layout, wished);
            Assert.False(new ReadOnlySpan<byte>(resized.Pointer, (int)Math.Min(layout.Size, wished.Size)).ContainsAnyExcept(stamp));
            live.RemoveAt(index);
            Stamp(resized, wished);
        }

        void Free(int index)
        {
            (AllocatedBlock block, Layout layout, byte stamp) = live[index];
            Assert.False(new ReadOnlySpan<byte>(block.Pointer, (int)layout.Size).ContainsAnyExcept(stamp));
            live.RemoveAt(index);
            arena.Free(block.Pointer, layout);
        }

        void Stamp(AllocatedBlock block, Layout layout)
        {
            byte stamp = (byte)random.Next(256);
            new Span<byte>(block.Pointer, (int)layout.Size).Fill(stamp);
            live.Add((block, layout, stamp));
        }
    }
}

#pragma warning disable MP1004, MP1007 // a copy is the point; boxes of an arena that goes as a whole need no end

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MemoryPages.Tests.Allocators;

/// <summary>How a pointer finds its allocator: nothing behind the value, a state, a handle.</summary>
public sealed class BoxAllocatorTests
{
    /// <summary>Nothing of an earlier test on this thread.</summary>
    public BoxAllocatorTests() => Events.Take();

    [Fact]
    public void Without_state_a_block_has_the_size_of_its_value()
    {
        Box.New<long, EventAllocator>(1).Dispose();
        Assert.Equal(["allocate 8", "free 8"], Events.Take());
    }

    [Fact]
    public void The_state_of_a_struct_stands_behind_the_value()
    {
        using (Box<byte, ByteAllocator> one = Box.New<byte, ByteAllocator>(1, new ByteAllocator(1)))
        using (Box<byte, ByteAllocator> two = Box.New<byte, ByteAllocator>(2, new ByteAllocator(2)))
        {
            (one.Value, two.Value) = (0xFF, 0xFF);
        }

        Assert.Equal(["allocate 9 from 1", "allocate 9 from 2", "free 9 to 2", "free 9 to 1"], Events.Take());
    }

    [Fact]
    public void Wishes_are_not_kept()
    {
        Box.New(1L, new WishfulAllocator(5)).Dispose();
        Assert.Equal(["allocate 8 with 5", "free 8 with 0"], Events.Take());
    }

    [Fact]
    public void A_struct_with_references_is_kept_by_a_handle()
    {
        Box<long, ReferringAllocator> box = Box.New(1L, new ReferringAllocator("one"));
        GC.Collect();
        GC.WaitForPendingFinalizers();
        box.Dispose();
        Assert.Equal(["free 16 to one"], Events.Take());
    }

    [Fact]
    public void Each_box_frees_through_the_instance_that_it_came_from()
    {
        CountingAllocator<NativeAllocator>[] allocators = [new(), new(), new()];
        var boxes = new Box<Named, CountingAllocator<NativeAllocator>>[30];
        for (int i = 0; i < boxes.Length; i++)
        {
            boxes[i] = Box.New(new Named(i), allocators[i % 3]);
        }

        Assert.All(allocators, allocator => Assert.Equal(10, allocator.Counters.LiveBlocks));
        for (int i = 0; i < boxes.Length; i++)
        {
            boxes[i].Dispose();
        }

        Assert.All(allocators, allocator => Assert.Equal((0L, 10L), (allocator.Counters.LiveBlocks, allocator.Counters.Frees)));
        Assert.Equal(30, Events.Take().Length);
    }

    [Fact]
    public void A_box_keeps_a_class_alive()
    {
        Box<int, Mortal> box = Make(out WeakReference allocator);
        Collect();
        Assert.True(allocator.IsAlive);
        box.Dispose();
        Collect();
        Assert.False(allocator.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static Box<int, Mortal> Make(out WeakReference allocator)
        {
            var mortal = new Mortal();
            allocator = new WeakReference(mortal);
            return Box.New(1, mortal);
        }
    }

    [Fact]
    public void A_class_that_lends_its_handle_is_asked_for_it_and_nothing_else()
    {
        using var lending = new Lending();
        Box.New(0, lending).Dispose(); // what is made once for the type is
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            Box.New(i, lending).Dispose();
        }

        Assert.Equal((before, 0), (GC.GetAllocatedBytesForCurrentThread(), lending.Live));
    }

    [Fact]
    public void What_was_lost_to_the_collector_frees_nothing()
    {
        Box<Named, Lending> box = Make();
        Collect();
        Assert.Contains("no longer there", Assert.Throws<ObjectDisposedException>(() => Plain().Clone().Dispose()).Message);
        box.Dispose();
        Assert.Equal(["drop 1"], Events.Take());

        [MethodImpl(MethodImplOptions.NoInlining)]
        static Box<Named, Lending> Make() => Box.New(new Named(1), new Lending());

        static Box<int, Lending> Plain()
        {
            Box<int, Lending> plain = MakePlain();
            Collect();
            return plain;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        static Box<int, Lending> MakePlain() => Box.New(1, new Lending());
    }

    /// <summary>With a class the place of the handle tells, as long as the memory has not been given out again.</summary>
    [Fact]
    public unsafe void A_copy_that_is_disposed_second_is_found_out_with_a_class()
    {
        var keeping = new Keeping();
        Box<long, Keeping> box = Box.New(1L, keeping);
        Box<long, Keeping> copy = box;
        box.Dispose();
        Assert.Contains("copy", Assert.Throws<InvalidOperationException>(() => copy.Dispose()).Message);
        Assert.Equal(1, keeping.Frees);
        keeping.Release();
    }

    /// <summary>Taken back all at once: boxes that nobody disposed must not hold the arena.</summary>
    [Fact]
    public void Boxes_of_an_arena_may_go_with_it()
    {
        WeakReference arena = Fill();
        Collect();
        Assert.False(arena.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Fill()
        {
            using var arena = new ArenaAllocator();
            for (int i = 0; i < 1000; i++)
            {
                Box<int, ArenaAllocator> box = Box.New(i, arena);
                Assert.Equal(i, box.Value);
            }

            Assert.Equal(1000, arena.LiveBlocks);
            return new WeakReference(arena);
        }
    }

    [Fact]
    public void Boxes_of_an_arena_give_back_what_they_took()
    {
        using var arena = new ArenaAllocator();
        using (Box<Box<Named, ArenaAllocator>, ArenaAllocator> outer = Box.New(Box.New(new Named(1), arena), arena))
        {
            Assert.Equal((2, 1), (arena.LiveBlocks, outer.Value.Value.Number));
        }

        Assert.Equal(0, arena.LiveBlocks);
        Assert.Equal(["drop 1"], Events.Take());
    }

    private static void Collect()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    private unsafe class Mortal : IAllocator
    {
        private int _live;

        public int Live => _live;

        public bool TryAllocate(Layout layout, out AllocatedBlock block)
        {
            _live++;
            return default(NativeAllocator).TryAllocate(layout, out block);
        }

        public bool TryAllocateZeroed(Layout layout, out AllocatedBlock block) => throw new NotSupportedException();

        public bool TryGrow(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) => throw new NotSupportedException();

        public bool TryGrowZeroed(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) => throw new NotSupportedException();

        public bool TryShrink(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) => throw new NotSupportedException();

        public void Free(void* pointer, Layout layout)
        {
            _live--;
            default(NativeAllocator).Free(pointer, layout);
        }
    }

    private sealed class Lending : Mortal, IHandledAllocator, IDisposable
    {
        public Lending() => Handle = GCHandle.Alloc(this, GCHandleType.Weak);

        public GCHandle Handle { get; }

        public void Dispose() => Handle.Free();
    }

    /// <summary>Keeps the one block that it gives.</summary>
    private sealed unsafe class Keeping : IAllocator
    {
        private AllocatedBlock _block;

        public int Frees { get; private set; }

        public bool TryAllocate(Layout layout, out AllocatedBlock block)
        {
            bool allocated = default(NativeAllocator).TryAllocate(layout, out block);
            _block = block;
            return allocated;
        }

        public bool TryAllocateZeroed(Layout layout, out AllocatedBlock block) => throw new NotSupportedException();

        public bool TryGrow(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) => throw new NotSupportedException();

        public bool TryGrowZeroed(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) => throw new NotSupportedException();

        public bool TryShrink(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) => throw new NotSupportedException();

        public void Free(void* pointer, Layout layout) => Frees++;

        public void Release() => NativeMemory.Free(_block.Pointer);
    }
}

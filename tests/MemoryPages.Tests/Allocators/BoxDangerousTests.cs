#pragma warning disable MP1004, MP1007 // assertions run their lambdas at once; what is refused, or empty, needs no end

using System.Runtime.InteropServices;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Allocators;

/// <summary>Boxes as raw pointers: what was known of the allocator comes back with them.</summary>
public sealed unsafe class BoxDangerousTests
{
    /// <summary>Nothing of an earlier test on this thread.</summary>
    public BoxDangerousTests() => Events.Take();

    [Fact]
    public void A_pointer_becomes_the_box_that_it_was()
    {
        Box<Named, ByteAllocator> box = Box.New(new Named(1), new ByteAllocator(6));
        Named* raw = box.DangerousIntoRaw();
        Assert.False(box.HasValue);
        raw->Number = 2;
        BoxDangerous.DangerousFromRaw<Named, ByteAllocator>(raw).Dispose();
        Assert.Equal(["allocate 9 from 6", "drop 2", "free 9 to 6"], Events.Take());
    }

    [Fact]
    public void A_pointer_of_the_native_heap_may_come_from_anywhere()
    {
        Box<long> box = Box.New(5L);
        NativeMemory.Free(box.DangerousIntoRaw());
        long* own = (long*)NativeMemory.Alloc(8);
        *own = 6;
        using Box<long> made = BoxDangerous.DangerousFromRaw(own);
        Assert.Equal(6, made.Value);
    }

    [Fact]
    public void What_is_leaked_stays()
    {
        var counting = new CountingAllocator<NativeAllocator>();
        Box<Named, CountingAllocator<NativeAllocator>> box = Box.New(new Named(1), counting);
        ref Named leaked = ref box.DangerousLeak();
        leaked.Number = 8;
        box.Dispose();
        Assert.Equal((8, 1L), (leaked.Number, counting.Counters.LiveBlocks));
        fixed (Named* again = &leaked)
        {
            BoxDangerous.DangerousFromRaw<Named, CountingAllocator<NativeAllocator>>(again).Dispose();
        }

        Assert.Equal(0, counting.Counters.LiveBlocks);
        Assert.Equal(["drop 8"], Events.Take());
        Box<int> native = Box.New(1);
        NativeMemory.Free(System.Runtime.CompilerServices.Unsafe.AsPointer(ref native.DangerousLeak()));
    }

    [Fact]
    public void Memory_is_filled_by_its_address()
    {
        UninitializedBox<Named, EventAllocator> memory = Box.NewUninitialized<Named, EventAllocator>();
        *memory.DangerousPointer() = new Named(4);
        using (Box<Named, EventAllocator> box = memory.DangerousAssumeInitialized())
        {
            Assert.Equal((4, false), (box.Value.Number, memory.HasMemory));
        }

        Assert.Equal(["allocate 8", "drop 4", "free 8"], Events.Take());
    }

    [Fact]
    public void Elements_become_the_span_that_they_were()
    {
        BoxedSpan<int, ByteAllocator> span = BoxedSpan.New<int, ByteAllocator>([1, 2, 3], new ByteAllocator(5));
        int* raw = span.DangerousIntoRaw(out nuint length);
        Assert.Equal(((nuint)3, (nuint)0), (length, span.Length));
        BoxDangerous.DangerousSpanFromRaw<int, ByteAllocator>(raw, length).Dispose();
        Assert.Equal(["allocate 17 from 5", "free 17 to 5"], Events.Take());
    }

    [Fact]
    public void Empty_ones_have_nothing_to_give()
    {
        Assert.Throws<ObjectDisposedException>(() => IntoRaw(default));
        Assert.Throws<ObjectDisposedException>(() => { BoxedSpan<int, NativeAllocator> none = default; _ = none.DangerousIntoRaw(out _) == null; });
        Assert.Throws<ArgumentNullException>("pointer", () => BoxDangerous.DangerousFromRaw<int>(null).Dispose());
        Assert.Throws<ArgumentNullException>("pointer", () => BoxDangerous.DangerousSpanFromRaw<int, NativeAllocator>(null, 1).Dispose());

        static bool IntoRaw(Box<int> box) => box.DangerousIntoRaw() == null;
    }
}

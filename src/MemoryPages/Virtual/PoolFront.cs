using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MemoryPages.Virtual;

/// <summary>A processor's part of a pool: a few warm blocks of each class, and the counts of what went through it.</summary>
/// <remarks>
/// Whoever is inside has it alone (<see cref="TryEnter"/>), for a few instructions in which nothing waits, allocates or calls the system. So one
/// interlocked operation pays for a block and for exact counts together; and, unlike a thread's own cache, it can be emptied by others and is not
/// lost with a thread. A rental may begin in one front and end in another: each one's counts may be negative, their sums are exact.
/// </remarks>
internal sealed class PoolFront
{
    private readonly Shelf[] _shelves;
    private readonly nuint _budget;
    private State _state;

    /// <param name="sizes">The bytes of a block of each class.</param>
    /// <param name="budget">The most bytes that its free blocks may have.</param>
    public PoolFront(ReadOnlySpan<nuint> sizes, nuint budget)
    {
        const int MostBlocks = 16;
        const int OwnMappings = 1;
        const int Padding = 3; // shelves that are never used: the next object's begin a cache line further on
        _budget = budget;
        _shelves = new Shelf[sizes.Length + OwnMappings + Padding];
        Array.Fill(_shelves, new Shelf { Blocks = [] });
        for (int i = 0; i < sizes.Length; i++)
        {
            _shelves[i].Blocks = new PoolBlock[(int)Math.Min(MostBlocks, budget / sizes[i])];
        }
    }

    /// <summary>Bytes of its free blocks.</summary>
    public nuint WarmBytes => _state.WarmBytes;

    /// <summary>Rentals that began here.</summary>
    public long Begun => _state.Begun;

    /// <summary>Rentals that began less those that ended here.</summary>
    public long Rented => _state.Rented;

    /// <summary>The bytes of <see cref="Rented"/>; modulo 2^64, as all counts here that only mean something summed up.</summary>
    public nuint RentedBytes => _state.RentedBytes;

    /// <summary>Others that need the pool's memory to stay: what trims.</summary>
    public long Holds
    {
        get => _state.Holds;
        set => _state.Holds = value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryEnter() => Interlocked.CompareExchange(ref _state.Entered, 1, 0) == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Exit() => Volatile.Write(ref _state.Entered, 0);

    /// <summary>Takes a block and counts its rental; null, and nothing is counted, where there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PoolBlock? TryRent(int index, nuint size)
    {
        ref Shelf shelf = ref _shelves[index];
        PoolBlock[] blocks = shelf.Blocks;
        int last = shelf.Count - 1;
        if ((uint)last >= (uint)blocks.Length)
        {
            return null;
        }

        // The block's place keeps pointing to it: blocks live as long as the pool, and clearing would cost.
        shelf.Count = last;
        _state.WarmBytes -= size;
        CountRental(size);
        return blocks[last];
    }

    /// <summary>Takes a block back and counts its rental as ended; false where there is no room for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReturn(PoolBlock block)
    {
        ref Shelf shelf = ref _shelves[block.Index];
        PoolBlock[] blocks = shelf.Blocks;
        int count = shelf.Count;
        nuint warm = _state.WarmBytes + block.Length;
        if ((uint)count >= (uint)blocks.Length || warm > _budget)
        {
            return false;
        }

        blocks[count] = block;
        shelf.Count = count + 1;
        _state.WarmBytes = warm;
        CountReturn(block.Length);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CountRental(nuint length)
    {
        _state.Begun++;
        _state.Rented++;
        _state.RentedBytes += length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CountReturn(nuint length)
    {
        _state.Rented--;
        _state.RentedBytes -= length;
    }

    /// <summary>Takes a rental back that came to nothing.</summary>
    public void ForgetRental(nuint length)
    {
        _state.Begun--;
        CountReturn(length);
    }

    /// <summary>Moves all blocks to the lists of their classes.</summary>
    public void Empty(Span<PoolBlocks> classes)
    {
        for (int i = 0; i < classes.Length; i++)
        {
            ref Shelf shelf = ref _shelves[i];
            for (int block = 0; block < shelf.Count; block++)
            {
                classes[i].Add(shelf.Blocks[block]);
            }

            shelf.Count = 0;
        }

        _state.WarmBytes = 0;
    }

    /// <summary>The blocks of one class, the newest last.</summary>
    private struct Shelf
    {
        public PoolBlock[] Blocks;
        public int Count;
    }

    /// <summary>A cache line and more between it and whatever stands before and behind: processors do not disturb each other.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct State
    {
        [FieldOffset(64)]
        public int Entered;

        [FieldOffset(72)]
        public long Begun;

        [FieldOffset(80)]
        public long Rented;

        [FieldOffset(88)]
        public nuint RentedBytes;

        [FieldOffset(96)]
        public nuint WarmBytes;

        [FieldOffset(104)]
        public long Holds;
    }
}

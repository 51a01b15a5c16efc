using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MemoryPages.Physical;

/// <summary>A processor's few freed blocks of each small order, to be had again without the heap's lock.</summary>
/// <remarks>Whoever is inside has it alone, for a few instructions in which nothing waits: one interlocked operation pays for a block.</remarks>
internal sealed class HeapFront
{
    /// <summary>Blocks of up to 64 KiB.</summary>
    public const int Orders = 11;

    private const int Depth = 8;

    private readonly Entry[] _entries = new Entry[Orders * Depth];
    private State _state;

    /// <summary>Bytes of the blocks that lie here.</summary>
    public long Bytes => Volatile.Read(ref _state.Bytes);

    /// <summary>Blocks that lie here.</summary>
    public long Blocks => Volatile.Read(ref _state.Blocks);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryEnter() => Interlocked.CompareExchange(ref _state.Entered, 1, 0) == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Exit() => Volatile.Write(ref _state.Entered, 0);

    /// <summary>Takes a block. Inside.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTake(int order, out BuddyZone? zone, out int unit)
    {
        ref byte count = ref _state.Counts[order];
        if (count == 0)
        {
            (zone, unit) = (null, 0);
            return false;
        }

        ref Entry entry = ref _entries[(order * Depth) + --count];
        (zone, unit) = (entry.Zone, entry.Unit);
        _state.Blocks--;
        _state.Bytes -= (long)BuddyZone.Unit << order;
        return true;
    }

    /// <summary>Keeps a block; false where there are enough of its order. Inside.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryKeep(int order, BuddyZone zone, int unit)
    {
        ref byte count = ref _state.Counts[order];
        if (count == Depth)
        {
            return false;
        }

        _entries[(order * Depth) + count++] = new Entry { Zone = zone, Unit = unit };
        _state.Blocks++;
        _state.Bytes += (long)BuddyZone.Unit << order;
        return true;
    }

    private struct Entry
    {
        public BuddyZone? Zone;
        public int Unit;
    }

    [InlineArray(Orders)]
    private struct OrderCounts
    {
        private byte _first;
    }

    /// <summary>On cache lines of its own: two processors' fronts may lie side by side.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct State
    {
        [FieldOffset(64)]
        public int Entered;

        [FieldOffset(72)]
        public long Blocks;

        [FieldOffset(80)]
        public long Bytes;

        [FieldOffset(88)]
        public OrderCounts Counts;
    }
}

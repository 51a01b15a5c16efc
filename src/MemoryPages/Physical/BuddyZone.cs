using System.Numerics;
using System.Runtime.CompilerServices;

namespace MemoryPages.Physical;

/// <summary>
/// A piece of physical memory that is dealt out in halves of halves: the buddy system. Not safe on several threads, but for what says so.
/// </summary>
/// <remarks>
/// Each block is a power of two long and begins at a multiple of its length, in the machine as in the process: so alignments and boundaries, which
/// devices ask for, hold without a search, and a freed block finds its other half by turning one bit. Everything that is known of blocks is kept
/// outside of the memory, where no device can write.
/// </remarks>
internal sealed class BuddyZone
{
    /// <summary>The smallest block, in bytes: a cache line, so that no device and no processor write into one line.</summary>
    public const int Unit = 1 << UnitShift;

    public const int UnitShift = 6;

    /// <summary>Blocks of up to 512 MiB: what is known of one grows with it.</summary>
    public const int MostOrders = 24;

    /// <summary>Of a block that lies in a front: taken from here, and free.</summary>
    private const byte Shelved = 0x80;

    private readonly FreeBits[] _free;
    private readonly int[] _freeCount;
    private readonly byte[] _blocks; // of the unit that a block begins with: one more than its order
    private uint _orders; // a bit for each order that has free blocks

    /// <param name="memory">Contiguous, of a power of two of bytes, at a multiple of that.</param>
    /// <param name="address">Its first byte in the process.</param>
    public BuddyZone(PhysicalMemory memory, nuint address)
    {
        Memory = memory;
        Address = address;
        Physical = memory.Address.Value;
        HighestOrder = BitOperations.Log2(memory.Length) - UnitShift;
        int units = 1 << HighestOrder;
        _blocks = new byte[units];
        _freeCount = new int[HighestOrder + 1];
        _free = [.. Enumerable.Range(0, HighestOrder + 1).Select(order => new FreeBits(units >> order))];
        Put(HighestOrder, 0);
    }

    public PhysicalMemory Memory { get; }

    public nuint Address { get; }

    public ulong Physical { get; }

    /// <summary>The order of the whole.</summary>
    public int HighestOrder { get; }

    public bool IsEmpty => (_orders >> HighestOrder) != 0;

    /// <summary>Takes a block out, the smallest that does; -1 where there is none.</summary>
    public int Take(int order)
    {
        uint fitting = order > HighestOrder ? 0 : _orders >> order;
        if (fitting == 0)
        {
            return -1;
        }

        int from = order + BitOperations.TrailingZeroCount(fitting);
        int block = _free[from].RemoveFirst();
        Count(from, -1);
        while (from > order)
        {
            from--;
            block *= 2;
            Put(from, block + 1); // the other half
        }

        int unit = block << order;
        Volatile.Write(ref _blocks[unit], (byte)(order + 1));
        return unit;
    }

    /// <summary>Gives a block back, joined with its other half where that is free, and so on upward.</summary>
    public void Give(int unit)
    {
        int order = (_blocks[unit] & ~Shelved) - 1;
        Volatile.Write(ref _blocks[unit], 0);
        int block = unit >> order;
        while (order < HighestOrder && _free[order].Remove(block ^ 1))
        {
            Count(order, -1);
            block >>= 1;
            order++;
        }

        Put(order, block);
    }

    /// <summary>The order of a block that is in use; -1 where no block begins there, or it is free. From any thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int OrderInUse(int unit)
    {
        byte block = Volatile.Read(ref _blocks[unit]);
        return (block & Shelved) != 0 ? -1 : block - 1;
    }

    /// <summary>Marks a block that is in use as lying in a front, or the other way round. By who has it alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Shelve(int unit, bool shelved) =>
        Volatile.Write(ref _blocks[unit], (byte)(shelved ? _blocks[unit] | Shelved : _blocks[unit] & ~Shelved));

    private void Put(int order, int block)
    {
        _free[order].Add(block);
        Count(order, 1);
    }

    private void Count(int order, int change)
    {
        _freeCount[order] += change;
        _orders = _freeCount[order] == 0 ? _orders & ~(1u << order) : _orders | (1u << order);
    }
}

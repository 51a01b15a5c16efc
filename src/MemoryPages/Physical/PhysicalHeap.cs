using System.Numerics;
using System.Runtime.CompilerServices;

namespace MemoryPages.Physical;

/// <summary>
/// A general allocator over physical memory: any alignment, freed space at once to be had again, zones given back when they are empty.
/// </summary>
/// <remarks>
/// Safe on all threads. A block may be freed on another thread than it came from. One empty zone is kept, so that a program that frees its last block
/// and takes it again does not pay for a zone each time.
/// </remarks>
internal sealed partial class PhysicalHeap(PhysicalMemoryOptions options)
{
    private readonly Lock _gate = new();
    private readonly HashSet<BuddyZone> _zones = [];
    private readonly HeapFront[] _fronts = NewFronts();
    private readonly nuint _pageSize = options.PageSize;
    private ZoneTable _table = new([], options.PageSize);
    private long _blocks;
    private long _bytes;

    /// <summary>Takes a block of at least so many bytes.</summary>
    /// <param name="size">Bytes.</param>
    /// <param name="alignment">A power of two: of its physical address, and of its address here.</param>
    /// <param name="address">Its first byte.</param>
    /// <param name="given">Its bytes.</param>
    /// <returns>False where there is no memory, or the boundary is shorter than the block.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAllocate(nuint size, nuint alignment, out nuint address, out nuint given)
    {
        int order = OrderOf(Math.Max(size, alignment));
        if (order < HeapFront.Orders)
        {
            HeapFront front = Front();
            if (front.TryEnter())
            {
                bool taken = front.TryTake(order, out BuddyZone? zone, out int unit);
                front.Exit();
                if (taken)
                {
                    zone!.Shelve(unit, shelved: false);
                    address = zone.Address + ((nuint)unit << BuddyZone.UnitShift);
                    given = (nuint)BuddyZone.Unit << order;
                    return true;
                }
            }
        }

        return TryAllocateSlowly(order, out address, out given);
    }

    /// <summary>Gives a block back.</summary>
    /// <exception cref="InvalidOperationException">There is no such block, or it was freed already: nothing has changed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(nuint address)
    {
        BuddyZone zone = ZoneOf(address);
        int unit = (int)((address - zone.Address) >> BuddyZone.UnitShift);
        int order = zone.OrderInUse(unit);
        if (order < 0 || (address & (BuddyZone.Unit - 1)) != 0)
        {
            ThrowNotInUse(address);
        }

        if (order < HeapFront.Orders)
        {
            HeapFront front = Front();
            if (front.TryEnter())
            {
                zone.Shelve(unit, shelved: true); // first: who frees it a second time finds it free
                bool kept = front.TryKeep(order, zone, unit);
                front.Exit();
                if (kept)
                {
                    return;
                }
            }
        }

        FreeSlowly(zone, unit, order);
    }

    /// <summary>The physical address of a byte of a block.</summary>
    /// <exception cref="InvalidOperationException">The address is not of this heap.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PhysicalAddress AddressOf(nuint address)
    {
        BuddyZone zone = ZoneOf(address);
        return new PhysicalAddress(zone.Physical + (address - zone.Address));
    }

    /// <summary>The bytes of a block in use.</summary>
    public nuint SizeOf(nuint address)
    {
        BuddyZone zone = ZoneOf(address);
        int order = zone.OrderInUse((int)((address - zone.Address) >> BuddyZone.UnitShift));
        if (order < 0)
        {
            ThrowNotInUse(address);
        }

        return (nuint)BuddyZone.Unit << order;
    }

    /// <summary>Why a block was refused, for a person; null where it could be had now.</summary>
    public string? WhyNot(nuint size, nuint alignment)
    {
        nuint length = RoundUp(size, alignment);
        if (length == 0)
        {
            return $"Blocks have at most {(nuint)BuddyZone.Unit << (BuddyZone.MostOrders - 1)} bytes: PhysicalMemory.Allocate has no such bound.";
        }

        if (options.Boundary != 0 && length > options.Boundary)
        {
            return $"The boundary, {options.Boundary} bytes, is shorter than the block, which takes {length}: it would be crossed wherever the block lay.";
        }

        try
        {
            PhysicalMemory.Allocate(Math.Max(_pageSize, length), options with { Alignment = Math.Max(_pageSize, length) }).Dispose();
            return null;
        }
        catch (MemoryPagesException refused)
        {
            return refused.Message;
        }
    }

    /// <summary>What a block of so many bytes takes; 0 where there are no such blocks.</summary>
    public static nuint RoundUp(nuint size, nuint alignment)
    {
        int order = OrderOf(Math.Max(size, alignment));
        return order < BuddyZone.MostOrders ? (nuint)BuddyZone.Unit << order : 0;
    }

    /// <summary>Whether all zones are where they were: nothing has moved what a device was told of.</summary>
    public bool VerifyAddresses()
    {
        lock (_gate)
        {
            return _zones.All(zone => zone.Memory.VerifyAddresses());
        }
    }

    public PhysicalAllocatorCounters Counters
    {
        get
        {
            lock (_gate)
            {
                return new PhysicalAllocatorCounters(
                    _blocks - _fronts.Sum(front => front.Blocks),
                    _bytes - _fronts.Sum(front => front.Bytes),
                    _zones.Count,
                    _zones.Sum(zone => (long)zone.Memory.Length));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private BuddyZone ZoneOf(nuint address)
    {
        BuddyZone? zone = Volatile.Read(ref _table).Find(address);
        if (zone is null)
        {
            ThrowNotInUse(address);
        }

        return zone!;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private HeapFront Front() => _fronts[Thread.GetCurrentProcessorId() & (_fronts.Length - 1)];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int OrderOf(nuint size) =>
        size <= BuddyZone.Unit ? 0 : BitOperations.Log2(size - 1) + 1 - BuddyZone.UnitShift;

    private static HeapFront[] NewFronts() =>
        [.. Enumerable.Range(0, (int)BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount)).Select(_ => new HeapFront())];

    private static void ThrowNotInUse(nuint address) => throw new InvalidOperationException(
        $"No block of this allocator that is in use is at 0x{address:x}: it was freed already, or came from elsewhere.");
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace MemoryPages.Physical;

/// <summary>From an address to the zone that holds it: a hash table that is replaced and never changed, so that reading it takes no lock.</summary>
internal sealed class ZoneTable
{
    private const ulong Golden = 0x9E37_79B9_7F4A_7C15;

    private readonly BuddyZone?[] _zones;
    private readonly int _pageShift;
    private readonly int _hashShift;

    /// <param name="zones">All zones, each at a multiple of the page.</param>
    /// <param name="pageSize">What zones are made of: a zone stands in the table once for each.</param>
    public ZoneTable(IReadOnlyCollection<BuddyZone> zones, nuint pageSize)
    {
        _pageShift = BitOperations.Log2(pageSize);
        int pages = zones.Sum(zone => (int)(zone.Memory.Length >> _pageShift));
        int slots = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(pages * 2, 2));
        _hashShift = 64 - BitOperations.Log2((uint)slots);
        _zones = new BuddyZone?[slots];
        foreach (BuddyZone zone in zones)
        {
            for (nuint offset = 0; offset < zone.Memory.Length; offset += pageSize)
            {
                int slot = SlotOf(zone.Address + offset);
                while (_zones[slot] is not null)
                {
                    slot = (slot + 1) & (_zones.Length - 1);
                }

                _zones[slot] = zone;
            }
        }
    }

    /// <summary>The zone of an address; null where it is in none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public BuddyZone? Find(nuint address)
    {
        int slot = SlotOf(address);
        while (true)
        {
            BuddyZone? zone = _zones[slot];
            if (zone is null || address - zone.Address < zone.Memory.Length)
            {
                return zone;
            }

            slot = (slot + 1) & (_zones.Length - 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int SlotOf(nuint address) => (int)(((address >> _pageShift) * Golden) >> _hashShift);
}

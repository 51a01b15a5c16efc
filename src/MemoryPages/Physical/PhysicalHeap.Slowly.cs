using MemoryPages.Mapping;

namespace MemoryPages.Physical;

/// <content>Under the lock: zones come and go, and what does not fit into a front.</content>
internal sealed partial class PhysicalHeap
{
    /// <summary>Empties the fronts, and gives every empty zone back.</summary>
    public void Trim()
    {
        lock (_gate)
        {
            foreach (HeapFront front in _fronts)
            {
                var spin = default(SpinWait);
                while (!front.TryEnter())
                {
                    spin.SpinOnce();
                }

                for (int order = 0; order < HeapFront.Orders; order++)
                {
                    while (front.TryTake(order, out BuddyZone? zone, out int unit))
                    {
                        Give(zone!, unit, order);
                    }
                }

                front.Exit();
            }

            foreach (BuddyZone empty in _zones.Where(zone => zone.IsEmpty).ToArray())
            {
                Remove(empty);
            }
        }
    }

    private bool TryAllocateSlowly(int order, out nuint address, out nuint given)
    {
        (address, given) = (0, 0);
        if (order >= BuddyZone.MostOrders || (options.Boundary != 0 && (ulong)BuddyZone.Unit << order > options.Boundary))
        {
            return false;
        }

        lock (_gate)
        {
            (BuddyZone? zone, int unit) = Take(order);
            if (zone is null)
            {
                zone = NewZone(order);
                if (zone is null)
                {
                    return false;
                }

                unit = zone.Take(order);
            }

            _blocks++;
            _bytes += (long)BuddyZone.Unit << order;
            address = zone.Address + ((nuint)unit << BuddyZone.UnitShift);
            given = (nuint)BuddyZone.Unit << order;
            return true;
        }
    }

    private (BuddyZone? Zone, int Unit) Take(int order)
    {
        foreach (BuddyZone zone in _zones)
        {
            if (zone.Take(order) is var unit and >= 0)
            {
                return (zone, unit);
            }
        }

        return default;
    }

    /// <summary>Of a page, or of as many side by side as the block takes.</summary>
    private BuddyZone? NewZone(int order)
    {
        nuint length = Math.Max(_pageSize, (nuint)BuddyZone.Unit << order);
        if (!PhysicalMemory.TryAllocate(length, options with { Alignment = length }, out PhysicalMemory? memory))
        {
            return null;
        }

        MappingHandle mapping = memory.Mapping;
        mapping.MarkPointersEscaped(); // a heap that is lost must not take the blocks with it
        var zone = new BuddyZone(memory, mapping.Address);
        _zones.Add(zone);
        Publish();
        return zone;
    }

    private void FreeSlowly(BuddyZone zone, int unit, int order)
    {
        lock (_gate)
        {
            Give(zone, unit, order);
            if (zone.IsEmpty && _zones.Any(other => other != zone && other.IsEmpty))
            {
                Remove(zone);
            }
        }
    }

    private void Give(BuddyZone zone, int unit, int order)
    {
        zone.Give(unit);
        _blocks--;
        _bytes -= (long)BuddyZone.Unit << order;
    }

    private void Remove(BuddyZone zone)
    {
        _zones.Remove(zone);
        Publish();
        zone.Memory.Dispose();
    }

    private void Publish() => Volatile.Write(ref _table, new ZoneTable(_zones, _pageSize));
}

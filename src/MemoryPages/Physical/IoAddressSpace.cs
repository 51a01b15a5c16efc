namespace MemoryPages.Physical;

/// <summary>Which IO addresses are free. Not for several threads at once.</summary>
internal sealed class IoAddressSpace
{
    /// <summary>Many devices take address 0 for none.</summary>
    private const ulong Lowest = 1 << 20;

    private readonly List<IoAddressRange> _free;
    private readonly ulong _pageSizes;

    /// <param name="ranges">What the IOMMU takes, in order.</param>
    /// <param name="pageSizes">The sizes of its pages, one bit each.</param>
    public IoAddressSpace(IReadOnlyList<IoAddressRange> ranges, ulong pageSizes)
    {
        Ranges = ranges;
        _free = [.. ranges];
        _pageSizes = pageSizes;
    }

    public IReadOnlyList<IoAddressRange> Ranges { get; }

    /// <summary>The lowest place that is free, aligned to the largest of the IOMMU's pages that the length fills; null where there is none.</summary>
    public IoAddress? Find(ulong length, ulong maxAddress)
    {
        for (ulong sizes = _pageSizes; sizes != 0; sizes &= ~(1ul << (63 - int.CreateTruncating(ulong.LeadingZeroCount(sizes)))))
        {
            ulong alignment = 1ul << (63 - int.CreateTruncating(ulong.LeadingZeroCount(sizes)));
            if (alignment <= length && Find(length, maxAddress, alignment) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    public void Take(IoAddress first, ulong length)
    {
        var taken = new IoAddressRange(first, first + (length - 1));
        int index = _free.FindIndex(range => range.Contains(first) && range.Contains(taken.Last));
        if (index < 0)
        {
            return; // addresses that the kernel takes and did not tell of: never given out here
        }

        IoAddressRange around = _free[index];
        _free.RemoveAt(index);
        if (taken.Last < around.Last)
        {
            _free.Insert(index, new IoAddressRange(taken.Last + 1, around.Last));
        }

        if (around.First < first)
        {
            _free.Insert(index, new IoAddressRange(around.First, new IoAddress(first.Value - 1)));
        }
    }

    public void GiveBack(IoAddress first, ulong length)
    {
        IoAddress last = first + (length - 1);
        if (!Ranges.Any(range => range.Contains(first) && range.Contains(last)))
        {
            return;
        }

        int index = _free.FindIndex(range => range.First > last);
        index = index < 0 ? _free.Count : index;
        if (index < _free.Count && _free[index].First.Value == last.Value + 1)
        {
            last = _free[index].Last;
            _free.RemoveAt(index);
        }

        if (index > 0 && _free[index - 1].Last.Value + 1 == first.Value)
        {
            first = _free[--index].First;
            _free.RemoveAt(index);
        }

        _free.Insert(index, new IoAddressRange(first, last));
    }

    /// <summary>What is wrong with a place, for people; null where nothing is seen.</summary>
    public string? Explain(IoAddress first, ulong length)
    {
        ulong smallest = _pageSizes & (~_pageSizes + 1);
        return (first.Value & (smallest - 1)) != 0
            ? $"The IO address {first} is not a multiple of the IOMMU's page, {smallest} bytes."
            : first.Value > ulong.MaxValue - (length - 1) || !Ranges.Any(range => range.Contains(first) && range.Contains(first + (length - 1)))
                ? $"{length} bytes at IO address {first} are not all among those that the IOMMU takes here: {string.Join(", ", Ranges)}; what is between is reserved, "
                    + "as for interrupts (MSI)."
                : null;
    }

    private IoAddress? Find(ulong length, ulong maxAddress, ulong alignment)
    {
        foreach (IoAddressRange range in _free)
        {
            ulong first = Math.Max(range.First.Value, Lowest);
            ulong aligned = (first + (alignment - 1)) & ~(alignment - 1);
            ulong last = Math.Min(range.Last.Value, maxAddress);
            if (aligned >= first && aligned <= last && last - aligned >= length - 1)
            {
                return new IoAddress(aligned);
            }
        }

        return null;
    }
}

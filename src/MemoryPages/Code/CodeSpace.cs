using System.Numerics;

namespace MemoryPages.Code;

/// <summary>
/// Who has which bytes of a heap. Every extent knows its neighbours, and free ones stand in lists by size, so that nothing is searched for.
/// </summary>
/// <remarks>
/// Good fit: from the list of the wanted size upward, the first extent that is large enough. Small sizes have lists of their own, larger ones share
/// one with those of the same leading three bits. Free neighbours are joined at once. Used under the heap's lock.
/// </remarks>
internal sealed class CodeSpace
{
    /// <summary>Units up to here have lists of their own: 32 lists.</summary>
    private const int Exact = 32;

    /// <summary>Lists for each power of two above.</summary>
    private const int Steps = 4;

    /// <summary>A heap holds at most 2^30 bytes, in units of at least 2^4.</summary>
    private const int Lists = Exact + (Steps * (26 - 5 + 1));

    private readonly CodeHeap _heap;
    private readonly int _unitShift;
    private readonly CodeExtent?[] _free = new CodeExtent?[Lists];
    private UInt128 _filled; // a bit for each list that is not empty

    /// <param name="heap">Whose bytes they are.</param>
    /// <param name="length">All of them: a multiple of <paramref name="unit"/>.</param>
    /// <param name="unit">What every extent is a multiple of: a power of two.</param>
    public CodeSpace(CodeHeap heap, int length, int unit)
    {
        _heap = heap;
        _unitShift = BitOperations.Log2((uint)unit);
        AddFree(new CodeExtent(heap, 0, length));
    }

    /// <summary>Bytes that are not free.</summary>
    public int Used { get; private set; }

    /// <summary>The longest free run, in bytes. Walks one list.</summary>
    public int LongestFree
    {
        get
        {
            int longest = 0;
            for (CodeExtent? extent = _filled == 0 ? null : _free[HighestFilled()]; extent is not null; extent = extent.NextFree)
            {
                longest = Math.Max(longest, extent.Capacity);
            }

            return longest;
        }
    }

    /// <summary>The front of a free extent; null where none is long enough.</summary>
    /// <param name="length">Bytes, at least 1: rounded up to whole units.</param>
    public CodeExtent? TryAllocate(int length)
    {
        int units = ((length - 1) >> _unitShift) + 1;
        long rounded = (long)units << _unitShift;
        if (rounded > int.MaxValue || Find((int)rounded) is not { } free)
        {
            return null;
        }

        int capacity = (int)rounded;
        RemoveFree(free);
        var extent = new CodeExtent(_heap, free.Offset, capacity) { Previous = free.Previous };
        if (free.Capacity == capacity)
        {
            extent.Next = free.Next;
            Detach(free);
        }
        else
        {
            extent.Next = free;
            free.Offset += capacity;
            free.Capacity -= capacity;
            AddFree(free);
        }

        Link(extent);
        Used += capacity;
        return extent;
    }

    /// <summary>Gives back what is behind the first bytes.</summary>
    /// <param name="extent">An extent that is not free.</param>
    /// <param name="length">Bytes that are kept, at least 1: rounded up to whole units.</param>
    public void Trim(CodeExtent extent, int length)
    {
        int kept = (((length - 1) >> _unitShift) + 1) << _unitShift;
        if (kept < extent.Capacity)
        {
            var rest = new CodeExtent(_heap, extent.Offset + kept, extent.Capacity - kept) { Previous = extent, Next = extent.Next };
            extent.Capacity = kept;
            Link(rest);
            Free(rest);
        }
    }

    /// <summary>The extent becomes free, or a part of a free neighbour.</summary>
    public void Free(CodeExtent extent)
    {
        Used -= extent.Capacity;
        if (extent.Next is { IsFree: true } next)
        {
            RemoveFree(next);
            extent.Capacity += next.Capacity;
            extent.Next = next.Next;
            Detach(next);
            Link(extent);
        }

        if (extent.Previous is { IsFree: true } previous)
        {
            RemoveFree(previous);
            previous.Capacity += extent.Capacity;
            previous.Next = extent.Next;
            Detach(extent);
            Link(previous);
            extent = previous;
        }

        AddFree(extent);
    }

    private CodeExtent? Find(int capacity)
    {
        // The own list may hold shorter ones; every list above holds only longer ones.
        int list = ListOf(capacity);
        for (CodeExtent? extent = _free[list]; extent is not null; extent = extent.NextFree)
        {
            if (extent.Capacity >= capacity)
            {
                return extent;
            }
        }

        UInt128 above = _filled >> (list + 1) << (list + 1);
        return above == 0 ? null : _free[(int)UInt128.TrailingZeroCount(above)];
    }

    private int ListOf(int capacity)
    {
        int units = capacity >> _unitShift;
        if (units < Exact)
        {
            return units;
        }

        int power = BitOperations.Log2((uint)units);
        return Exact + ((power - 5) * Steps) + ((units >> (power - 2)) & (Steps - 1));
    }

    private int HighestFilled() => 127 - (int)UInt128.LeadingZeroCount(_filled);

    private void AddFree(CodeExtent extent)
    {
        int list = ListOf(extent.Capacity);
        extent.IsFree = true;
        extent.NextFree = _free[list];
        if (extent.NextFree is { } second)
        {
            second.PreviousFree = extent;
        }

        _free[list] = extent;
        _filled |= UInt128.One << list;
    }

    private void RemoveFree(CodeExtent extent)
    {
        int list = ListOf(extent.Capacity);
        if (extent.PreviousFree is { } before)
        {
            before.NextFree = extent.NextFree;
        }
        else
        {
            _free[list] = extent.NextFree;
        }

        if (extent.NextFree is { } behind)
        {
            behind.PreviousFree = extent.PreviousFree;
        }

        if (_free[list] is null)
        {
            _filled &= ~(UInt128.One << list);
        }

        extent.IsFree = false;
        extent.NextFree = null;
        extent.PreviousFree = null;
    }

    /// <summary>Makes the neighbours point back.</summary>
    private static void Link(CodeExtent extent)
    {
        if (extent.Previous is { } previous)
        {
            previous.Next = extent;
        }

        if (extent.Next is { } next)
        {
            next.Previous = extent;
        }
    }

    /// <summary>A user may hold this object for long: it must not keep others alive.</summary>
    private static void Detach(CodeExtent extent)
    {
        extent.Previous = null;
        extent.Next = null;
    }
}

namespace MemoryPages.Virtual;

/// <summary>What a part of a reservation is: not in the map at all, it is addresses without memory.</summary>
internal readonly record struct CommitSegment(nuint Start, nuint End, PageProtection Protection, bool IsGuard)
{
    public nuint Length => End - Start;
}

/// <summary>
/// Which parts of a reservation are committed, and with what protection: disjoint segments in order, neighbours of one kind joined.
/// </summary>
internal sealed class CommitMap
{
    private readonly List<CommitSegment> _segments = [];

    // The answers: the same two lists each time, so that committing and decommitting allocate nothing.
    private readonly List<CommitSegment> _found = [];
    private readonly List<(nuint Start, nuint End)> _gaps = [];

    /// <summary>Bytes in all segments.</summary>
    public nuint Committed { get; private set; }

    /// <summary>Makes a part one segment, whatever it was before.</summary>
    public void Set(CommitSegment segment)
    {
        if (segment.Length == 0)
        {
            return;
        }

        Remove(segment.Start, segment.End);
        int index = FirstEndingAfter(segment.Start);
        Committed += segment.Length;
        if (index < _segments.Count && _segments[index].Start == segment.End && IsOneKind(_segments[index], segment))
        {
            segment = segment with { End = _segments[index].End };
            _segments.RemoveAt(index);
        }

        if (index > 0 && _segments[index - 1].End == segment.Start && IsOneKind(_segments[index - 1], segment))
        {
            segment = segment with { Start = _segments[index - 1].Start };
            _segments.RemoveAt(--index);
        }

        _segments.Insert(index, segment);
    }

    /// <summary>Makes a part addresses without memory.</summary>
    public void Remove(nuint start, nuint end)
    {
        if (start >= end)
        {
            return;
        }

        int index = FirstEndingAfter(start);
        while (index < _segments.Count && _segments[index].Start < end)
        {
            CommitSegment old = _segments[index];
            _segments.RemoveAt(index);
            Committed -= Math.Min(old.End, end) - Math.Max(old.Start, start);
            if (old.Start < start)
            {
                _segments.Insert(index++, old with { End = start });
            }

            if (old.End > end)
            {
                _segments.Insert(index++, old with { Start = end });
            }
        }
    }

    /// <summary>Whether every byte of a part is committed, no guard, and at least so accessible.</summary>
    public bool Allows(nuint start, nuint end, PageProtection needed)
    {
        for (int index = FirstEndingAfter(start); start < end; index++)
        {
            if (index >= _segments.Count || _segments[index] is not { IsGuard: false } segment || segment.Start > start
                || (segment.Protection & needed) != needed)
            {
                return false;
            }

            start = segment.End;
        }

        return true;
    }

    /// <summary>
    /// The parts that are not committed, in order. The caller may change the map as it goes; the list is right until the next question.
    /// </summary>
    public List<(nuint Start, nuint End)> Gaps(nuint start, nuint end)
    {
        _gaps.Clear();
        foreach (CommitSegment segment in Segments(start, end))
        {
            if (segment.Start > start)
            {
                _gaps.Add((start, segment.Start));
            }

            start = segment.End;
        }

        if (start < end)
        {
            _gaps.Add((start, end));
        }

        return _gaps;
    }

    /// <summary>The committed segments of a part, cut to it, in order. As for <see cref="Gaps"/>, right until the next question.</summary>
    public List<CommitSegment> Segments(nuint start, nuint end)
    {
        _found.Clear();
        for (int index = FirstEndingAfter(start); start < end && index < _segments.Count && _segments[index].Start < end; index++)
        {
            CommitSegment segment = _segments[index];
            _found.Add(segment with { Start = Math.Max(segment.Start, start), End = Math.Min(segment.End, end) });
        }

        return _found;
    }

    private static bool IsOneKind(CommitSegment one, CommitSegment other) => one.Protection == other.Protection && one.IsGuard == other.IsGuard;

    private int FirstEndingAfter(nuint start)
    {
        int low = 0;
        int high = _segments.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_segments[middle].End <= start)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}

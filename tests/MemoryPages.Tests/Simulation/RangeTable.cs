namespace MemoryPages.Tests.Simulation;

/// <summary>What the simulated system knows of a page.</summary>
/// <param name="Mapping">Which mapping it belongs to.</param>
/// <param name="IsMemory">Memory or a file's; else addresses without either.</param>
/// <param name="Protection">What was asked for.</param>
internal readonly record struct SimulatedPage(int Mapping, bool IsMemory, PageProtection Protection)
{
    /// <summary>The page that it is a part of.</summary>
    public nuint PageSize { get; init; }

    public bool IsShared { get; init; }

    public bool IsFile { get; init; }

    public bool IsLocked { get; init; }

    public bool IsGuard { get; init; }

    public bool IsSealed { get; init; }
}

/// <summary>Pages of one kind, side by side.</summary>
internal readonly record struct SimulatedRange(nuint Start, nuint End, SimulatedPage Page)
{
    public nuint Length => End - Start;
}

/// <summary>All that is mapped in the simulated system, in order; neighbours of one kind are one.</summary>
internal sealed class RangeTable
{
    private readonly List<SimulatedRange> _ranges = [];

    public IReadOnlyList<SimulatedRange> All => _ranges;

    /// <summary>The parts of the addresses that are mapped.</summary>
    public List<SimulatedRange> Within(nuint start, nuint end) => start >= end ? [] :
    [
        .. _ranges.Where(range => range.Start < end && range.End > start)
            .Select(range => range with { Start = Math.Max(range.Start, start), End = Math.Min(range.End, end) }),
    ];

    public bool Covers(nuint start, nuint end) => Within(start, end).Aggregate((nuint)0, (sum, range) => sum + range.Length) == end - start;

    public SimulatedPage? At(nuint address) => Within(address, address + 1) is [{ Page: var page }] ? page : null;

    /// <summary>Replaces what is mapped there by what it is changed to; null unmaps it.</summary>
    public void Change(nuint start, nuint end, Func<SimulatedPage, SimulatedPage?> change)
    {
        List<SimulatedRange> parts = Within(start, end);
        Remove(start, end);
        foreach (SimulatedRange part in parts)
        {
            if (change(part.Page) is { } page)
            {
                Insert(part with { Page = page });
            }
        }
    }

    public void Add(SimulatedRange range)
    {
        if (range.Length != 0)
        {
            Assert.Empty(Within(range.Start, range.End));
            Insert(range);
        }
    }

    private void Remove(nuint start, nuint end)
    {
        for (int i = _ranges.Count - 1; i >= 0; i--)
        {
            SimulatedRange range = _ranges[i];
            if (range.Start >= end || range.End <= start)
            {
                continue;
            }

            _ranges.RemoveAt(i);
            if (range.End > end)
            {
                _ranges.Insert(i, range with { Start = end });
            }

            if (range.Start < start)
            {
                _ranges.Insert(i, range with { End = start });
            }
        }
    }

    private void Insert(SimulatedRange range)
    {
        int index = _ranges.FindIndex(other => other.Start >= range.End) is var found and >= 0 ? found : _ranges.Count;
        if (index < _ranges.Count && _ranges[index].Start == range.End && _ranges[index].Page == range.Page)
        {
            range = range with { End = _ranges[index].End };
            _ranges.RemoveAt(index);
        }

        if (index > 0 && _ranges[index - 1].End == range.Start && _ranges[index - 1].Page == range.Page)
        {
            range = range with { Start = _ranges[index - 1].Start };
            _ranges.RemoveAt(--index);
        }

        _ranges.Insert(index, range);
    }
}

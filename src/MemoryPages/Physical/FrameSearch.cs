using System.Runtime.InteropServices;
using MemoryPages.Mapping;
using MemoryPages.Platform;

namespace MemoryPages.Physical;

/// <summary>Finds pages whose frames lie as wished, by taking pages until some do.</summary>
internal sealed class FrameSearch(FramePlace place, int? node, string? name) : IDisposable
{
    private readonly List<CandidatePages> _candidates = [];
    private List<(ulong Frame, CandidatePages Pages, int Index)> _sorted = [];

    /// <summary>Pages looked at.</summary>
    public int Taken { get; private set; }

    /// <summary>The lowest frame seen; <see cref="PhysicalFrame.Absent"/> before any was.</summary>
    public ulong Lowest => _sorted.Count == 0 ? PhysicalFrame.Absent : _sorted[0].Frame;

    /// <summary>Takes as many pages as are wished, then twice that, and so on, until some lie as wished or there are no more to be had.</summary>
    /// <param name="most">The most pages to take.</param>
    /// <param name="mapping">The pages, mapped in the order of their frames; or null.</param>
    public SystemError Run(int most, out MappingHandle? mapping)
    {
        mapping = null;
        for (int next = place.Count; Taken == 0 || Taken < most; next = Math.Min(Taken, most - Taken))
        {
            SystemError error = CandidatePages.TryTake(place, next, node, name, out CandidatePages? pages);
            if (error.Failed)
            {
                return Taken == 0 ? error : MemorySystem.Current.NoSuchFrames;
            }

            _candidates.Add(pages!);
            Taken += next;
            _sorted = [.. _candidates.SelectMany(some => some.Frames.Select((frame, index) => (frame, some, index)))
                .Where(page => PhysicalFrame.IsAddress(page.frame)).OrderBy(page => page.frame)];
            if (FirstRun() is { } run)
            {
                return Map(run, out mapping);
            }
        }

        return MemorySystem.Current.NoSuchFrames;
    }

    /// <summary>Gives back what was not used.</summary>
    public void Dispose() => _candidates.ForEach(pages => pages.Dispose());

    private SystemError Map(List<(ulong Frame, CandidatePages Pages, int Index)> run, out MappingHandle? mapping)
    {
        var pieces = new List<MappedPiece>(run.Count);
        foreach ((_, CandidatePages pages, int index) in run)
        {
            MappedPiece piece = pages.Use(index);
            if (pieces is [.., var last] && last.File == piece.File && last.Offset + (long)last.Length == piece.Offset)
            {
                pieces[^1] = last with { Length = last.Length + piece.Length }; // one mapping for both: a process may have so many only
            }
            else
            {
                pieces.Add(piece);
            }
        }

        SystemError error = MappingHandle.TryMapPieces(CollectionsMarshal.AsSpan(pieces), place.PageSize, (nuint)place.Alignment, name, out mapping);
        if (error.Failed)
        {
            _candidates.ForEach(pages => pages.UseNone());
        }

        return error;
    }

    private List<(ulong Frame, CandidatePages Pages, int Index)>? FirstRun()
    {
        if (place.Scattered)
        {
            // In the order of the files: what is mapped in one piece is one mapping of the few that a process may have.
            var allowed = _candidates.SelectMany(some => some.Frames.Select((frame, index) => (frame, some, index)))
                .Where(page => place.AllowsFrame(page.frame)).Take(place.Count).ToList();
            return allowed.Count == place.Count ? allowed : null;
        }

        int start = 0; // of the neighbours that end at the page looked at
        for (int i = 0; i < _sorted.Count; i++)
        {
            if (i > 0 && _sorted[i].Frame != _sorted[i - 1].Frame + place.PageSize)
            {
                start = i;
            }

            int first = i - place.Count + 1;
            if (first >= start && place.AllowsStart(_sorted[first].Frame))
            {
                return _sorted.GetRange(first, place.Count);
            }
        }

        return null;
    }
}

using System.Runtime.CompilerServices;
using MemoryPages.Platform;

namespace MemoryPages.Physical;

/// <summary>
/// Where each base page of a range was when it was looked at last. Reading the system's table takes a call; reading this takes none.
/// </summary>
internal sealed class FrameTable
{
    private readonly nuint _address;
    private readonly nuint _length;
    private readonly ulong _boundary;
    private readonly int _shift;
    private volatile Snapshot _snapshot = Snapshot.Empty;

    /// <param name="address">The first byte; need not be at the beginning of a page.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="boundary">Segments are cut at its multiples: a power of two of at least a base page, or 0 for none.</param>
    public FrameTable(nuint address, nuint length, ulong boundary = 0)
    {
        _boundary = boundary;
        _shift = (int)nuint.Log2(PageSize.Base);
        _address = address;
        _length = length;
    }

    private nuint FirstPage => PageSize.AlignDown(_address, PageSize.Base);

    private int PageCount => _length == 0 ? 0 : checked((int)(((_address + _length - 1 - FirstPage) >> _shift) + 1));

    /// <summary>Looks at all pages anew.</summary>
    public SystemError Refresh()
    {
        var frames = new ulong[PageCount];
        SystemError error = MemorySystem.Current.ReadFrames(FirstPage, frames);
        if (!error.Failed)
        {
            _snapshot = new Snapshot(frames);
        }

        return error;
    }

    /// <summary>Whether every page is still where it was.</summary>
    public SystemError Verify(out bool isUnchanged)
    {
        ulong[] known = _snapshot.Frames;
        var frames = new ulong[known.Length];
        SystemError error = MemorySystem.Current.ReadFrames(FirstPage, frames);
        isUnchanged = !error.Failed && frames.AsSpan().SequenceEqual(known);
        return error;
    }

    /// <summary>The address of a byte; false where its page has none of its own.</summary>
    /// <param name="offset">Bytes from the start: checked by the caller.</param>
    /// <param name="address">The address, or what stands in its place.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAddressOf(nuint offset, out ulong address)
    {
        nuint fromPage = offset + (_address & (PageSize.Base - 1));
        ulong frame = _snapshot.Frames[fromPage >> _shift];
        address = PhysicalFrame.IsAddress(frame) ? frame + (fromPage & (((nuint)1 << _shift) - 1)) : frame;
        return PhysicalFrame.IsAddress(frame);
    }

    /// <summary>The first byte whose page has no address of its own, and what stands in its place; null where all have one.</summary>
    public (nuint Offset, ulong Frame)? FirstWithout()
    {
        ulong[] frames = _snapshot.Frames;
        int index = frames.AsSpan().IndexOfAnyInRange(PhysicalFrame.CopyOnWrite, PhysicalFrame.Absent);
        return index < 0 ? null : (index == 0 ? 0 : ((nuint)index << _shift) - (_address - FirstPage), frames[index]);
    }

    /// <summary>Neighbouring frames as one, cut where a multiple of the boundary lies within; pages without an address are left out.</summary>
    public IReadOnlyList<PhysicalSegment> Segments
    {
        get
        {
            Snapshot snapshot = _snapshot;
            return snapshot.Segments ??= Merge(snapshot.Frames);
        }
    }

    /// <summary>Whether each page follows the one before: the boundary aside.</summary>
    public bool IsOneRun
    {
        get
        {
            ulong[] frames = _snapshot.Frames;
            for (int i = 1; i < frames.Length; i++)
            {
                if (frames[i] != frames[i - 1] + PageSize.Base)
                {
                    return false;
                }
            }

            return true;
        }
    }

    private PhysicalSegment[] Merge(ulong[] frames)
    {
        var segments = new List<PhysicalSegment>();
        nuint skipped = _address - FirstPage;
        nuint left = _length;
        ulong end = PhysicalFrame.Absent;
        foreach (ulong frame in frames)
        {
            nuint bytes = Math.Min(PageSize.Base - skipped, left);
            ulong start = frame + skipped;
            if (PhysicalFrame.IsAddress(frame))
            {
                if (start == end && (_boundary == 0 || (start & (_boundary - 1)) != 0))
                {
                    segments[^1] = segments[^1] with { Length = segments[^1].Length + bytes };
                }
                else
                {
                    segments.Add(new PhysicalSegment(new PhysicalAddress(start), bytes));
                }
            }

            end = PhysicalFrame.IsAddress(frame) ? start + bytes : PhysicalFrame.Absent;
            left -= bytes;
            skipped = 0;
        }

        return [.. segments];
    }

    /// <summary>One look. The list is made when it is asked for.</summary>
    private sealed class Snapshot(ulong[] frames)
    {
        public static readonly Snapshot Empty = new([]);

        public readonly ulong[] Frames = frames;

        public PhysicalSegment[]? Segments;
    }
}

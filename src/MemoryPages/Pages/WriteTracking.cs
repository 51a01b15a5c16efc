using System.Diagnostics;
using System.Runtime.InteropServices;
using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages;

/// <summary>A lease on pages whose writes the system remembers: which pages were written to since they were asked for last.</summary>
/// <remarks>
/// <para>
/// Nobody is interrupted by a write, of whatever thread; system calls that write into the pages count like the program's own code. The first write to
/// each page after it was told costs one fault, which the kernel settles by itself; the others cost nothing. What makes content vanish
/// (<c>Discard</c> of memory) counts as a write. Writes through another mapping of the same file or shared memory do not.
/// </para>
/// <para>
/// A page is told at least once for each time that it was written to and told before: <see cref="TakeWritten()"/> forgets and tells in one step, so a
/// write that comes while the caller copies what was told is told the next time. Of explicit huge pages the whole page is told.
/// </para>
/// <para>
/// Safe to use from any thread. Linux (since 6.7): userfaultfd(2) with <c>UFFD_FEATURE_WP_ASYNC</c>, and <c>PAGEMAP_SCAN</c>; for memory, files and
/// shared memory, without any privilege; its notes take 8 bytes a page. Windows: <c>GetWriteWatch</c>, for memory allocated with
/// <see cref="AllocationOptions.WriteTracking"/>; Windows' own calls that write into it are not all told.
/// </para>
/// </remarks>
[Owner]
[DebuggerDisplay("{Range.Length} bytes from {Range.Offset}")]
public sealed class WriteTracking : IDisposable
{
    private const int MostAtOnce = 64;

    private readonly Lock _gate = new();
    private readonly MappingHandle _mapping;
    private readonly SafeFileHandle _tracker;
    private readonly nuint _start;
    private readonly nuint _end;
    private nuint _next;
    private List<PageRange>? _untold; // forgotten by the system, and not told yet because it failed then
    private bool _hasEnded;

    private WriteTracking(MappingHandle mapping, SafeFileHandle tracker, PageRange range)
    {
        (_mapping, _tracker) = (mapping, tracker);
        (_start, nuint length) = mapping.Outward(range);
        _end = _start + length;
        _next = _start;
        Range = mapping.RangeOf(_start, length);
    }

    /// <summary>Whether the running system can tell: on Windows of memory that was allocated for it.</summary>
    public static bool IsSupported => MemorySystem.Current.TracksWrites;

    /// <summary>What is tracked: whole pages, but for what is not the user's at either end.</summary>
    [UsableWhenSpent]
    public PageRange Range { get; }

    /// <summary>Pages that were written to since the tracking began or they were told last, as ranges in order; neighbours are one.</summary>
    /// <returns>Ranges within <see cref="Range"/>, of whole pages; empty where nothing was written.</returns>
    /// <exception cref="ObjectDisposedException">The tracking has ended.</exception>
    /// <exception cref="MemoryPagesException">The system refused; nothing was forgotten that is not told the next time.</exception>
    public IReadOnlyList<PageRange> TakeWritten()
    {
        Span<PageRange> ranges = stackalloc PageRange[MostAtOnce];
        lock (_gate)
        {
            ThrowIfEnded();
            List<PageRange> all = _untold ??= [];
            _next = _start;
            do
            {
                int count = FindWritten(ranges);
                Join(all, ranges[..count]);
            }
            while (_next != _start);

            _untold = null;
            return all;
        }
    }

    /// <summary>The same, as far as there is room, without an allocation; the next call goes on where this one stopped.</summary>
    /// <param name="ranges">For the ranges.</param>
    /// <returns>How many there are. Fewer than there was room for: the last page was reached, and the next call begins at the first.</returns>
    /// <exception cref="ArgumentException">There is no room at all.</exception>
    /// <exception cref="ObjectDisposedException">The tracking has ended.</exception>
    /// <exception cref="MemoryPagesException">The system refused; nothing was forgotten that is not told the next time.</exception>
    public int TakeWritten(Span<PageRange> ranges)
    {
        if (ranges.IsEmpty)
        {
            throw new ArgumentException("There is no room for a range.", nameof(ranges));
        }

        lock (_gate)
        {
            ThrowIfEnded();
            int untold = TakeUntold(ranges);
            return untold == ranges.Length ? untold : untold + FindWritten(ranges[untold..], untold != 0);
        }
    }

    /// <summary>The bytes of the pages that were written to and not told yet. Forgets nothing.</summary>
    /// <exception cref="ObjectDisposedException">The tracking has ended.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    public nuint CountWrittenBytes()
    {
        Span<(nuint Address, nuint Length)> written = stackalloc (nuint Address, nuint Length)[MostAtOnce];
        nuint bytes = 0;
        lock (_gate)
        {
            ThrowIfEnded();
            for (nuint next = _start; next != _end;)
            {
                SystemError error = MemorySystem.Current.FindWritten(next, _end - next, forget: false, written, out int count, out next);
                if (error.Failed)
                {
                    throw Failure(error);
                }

                foreach ((nuint address, nuint length) in written[..count])
                {
                    bytes += _mapping.RangeOf(address, length).Length;
                }
            }
        }

        return bytes;
    }

    /// <summary>Ends the tracking, and the lease. Idempotent.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_hasEnded)
            {
                return;
            }

            _hasEnded = true;
        }

        _tracker.Dispose();
        _mapping.Release();
    }

    internal static WriteTracking Of<TProtection>(Pages<TProtection> pages, PageRange? wished)
        where TProtection : struct, IProtection
    {
        ArgumentNullException.ThrowIfNull(pages);
        MappingHandle mapping = pages.Acquire(wished ?? new PageRange(0, nuint.MaxValue));
        var tracker = new SafeFileHandle();
        WriteTracking? tracking = null;
        try
        {
            mapping.ThrowIfOutside(wished ?? mapping.Whole);
            var made = new WriteTracking(mapping, tracker, wished ?? mapping.Whole);
            SystemError error = made._start == made._end
                ? SystemError.None
                : MemorySystem.Current.TrackWrites(made._start, made._end - made._start, tracker);
            return error.Failed ? throw made.Failure(error, "TrackWrites") : tracking = made;
        }
        finally
        {
            if (tracking is null)
            {
                tracker.Dispose();
                mapping.Release();
            }
        }
    }

    /// <summary>A range that ends where the next begins was only cut by the room for it.</summary>
    private static void Join(List<PageRange> all, ReadOnlySpan<PageRange> more)
    {
        foreach (PageRange range in more)
        {
            if (all.Count != 0 && all[^1].Offset + all[^1].Length == range.Offset)
            {
                all[^1] = new PageRange(all[^1].Offset, all[^1].Length + range.Length);
            }
            else
            {
                all.Add(range);
            }
        }
    }

    private int TakeUntold(Span<PageRange> ranges)
    {
        if (_untold is null)
        {
            return 0;
        }

        int count = Math.Min(_untold.Count, ranges.Length);
        CollectionsMarshal.AsSpan(_untold)[..count].CopyTo(ranges);
        _untold.RemoveRange(0, count);
        return count;
    }

    /// <param name="ranges">For what is found from where the last search stopped; it begins anew behind the last page.</param>
    /// <param name="isMore">Whether the caller has something to tell even if this fails: the next search fails again then.</param>
    private int FindWritten(Span<PageRange> ranges, bool isMore = false)
    {
        Span<(nuint Address, nuint Length)> written = stackalloc (nuint Address, nuint Length)[Math.Min(MostAtOnce, ranges.Length)];
        int told = 0;
        while (told < ranges.Length)
        {
            Span<(nuint Address, nuint Length)> room = written[..Math.Min(written.Length, ranges.Length - told)];
            SystemError error = MemorySystem.Current.FindWritten(_next, _end - _next, forget: true, room, out int count, out _next);
            for (int i = 0; i < count; i++)
            {
                ranges[told++] = _mapping.RangeOf(room[i].Address, room[i].Length);
            }

            if (_next == _end)
            {
                _next = _start;
                break;
            }

            if (error.Failed)
            {
                return told != 0 || isMore ? told : throw Failure(error);
            }
        }

        return told;
    }

    private void ThrowIfEnded() => ObjectDisposedException.ThrowIf(_hasEnded, this);

    private MemoryPagesException Failure(SystemError error, string operation = nameof(TakeWritten)) =>
        _mapping.Failure(error, operation, _start, _end - _start);
}

using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Platform;
using MemoryPages.Virtual;

namespace MemoryPages;

/// <content>From addresses to memory and back.</content>
public sealed partial class VirtualBuffer
{
    /// <summary>Makes a part memory to read and write, reading zero. What is committed already stays as it is, with content and protection.</summary>
    /// <param name="range">The part, rounded outward to whole pages.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    /// <exception cref="MemoryPagesException">The system cannot promise the memory, or has no map entry left: nothing has changed.</exception>
    /// <remarks>Linux: mprotect(2) over a private mapping, which takes the commit charge.</remarks>
    public void Commit(PageRange range)
    {
        SystemError error = CommitParts(range, out nuint address, out nuint length);
        if (error.Failed)
        {
            throw _mapping.Failure(error, nameof(Commit), address, length);
        }
    }

    /// <summary>As <see cref="Commit(PageRange)"/>.</summary>
    /// <param name="offset">Bytes from the start.</param>
    /// <param name="length">Bytes.</param>
    public void Commit(nuint offset, nuint length) => Commit(new PageRange(offset, length));

    /// <summary>As <see cref="Commit(PageRange)"/>; false where the system refuses, and nothing has changed.</summary>
    /// <param name="range">The part, rounded outward to whole pages.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    public bool TryCommit(PageRange range) => !CommitParts(range, out _, out _).Failed;

    /// <summary>
    /// Makes a part addresses again: memory, commit charge, locks and guards go back to the system. Legal on what is not committed.
    /// </summary>
    /// <param name="range">The part, rounded <b>inward</b>: a page that is not wholly in it stays committed.</param>
    /// <returns>What was given back.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    /// <exception cref="InvalidOperationException">A view is open.</exception>
    /// <exception cref="MemoryPagesException">The system has no map entry left: nothing has changed.</exception>
    [Invalidates]
    public ReleaseFacts Decommit(PageRange range)
    {
        _mapping.EnterExclusive(nameof(Decommit));
        try
        {
            _mapping.ThrowIfOutside(range);
            (nuint address, nuint length) = _mapping.Inward(range);
            PageRange whole = _mapping.RangeOf(address, length);
            lock (_map)
            {
                if (_map.Segments(whole.Offset, whole.Offset + length).Count != 0)
                {
                    SystemError error = TryDecommit(address, length);
                    if (error.Failed)
                    {
                        throw _mapping.Failure(error, nameof(Decommit), address, length);
                    }

                    _map.Remove(whole.Offset, whole.Offset + length);
                }
            }

            return new ReleaseFacts(whole, ReadsZero: true, ChargeReleased: true, NeedsRecommit: true);
        }
        finally
        {
            _mapping.ExitExclusive();
        }
    }

    /// <summary>As <see cref="Decommit(PageRange)"/>.</summary>
    /// <param name="offset">Bytes from the start.</param>
    /// <param name="length">Bytes.</param>
    [Invalidates]
    public ReleaseFacts Decommit(nuint offset, nuint length) => Decommit(new PageRange(offset, length));

    /// <summary>
    /// Forgets the content of a part and keeps it committed: it reads zero, and its memory is back with the system. Skips what is not committed.
    /// </summary>
    /// <param name="range">The part, rounded <b>inward</b> to whole pages.</param>
    /// <returns>What was given back.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    /// <exception cref="InvalidOperationException">A view is open.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    [Invalidates]
    public ReleaseFacts Discard(PageRange range)
    {
        _mapping.EnterExclusive(nameof(Discard));
        try
        {
            _mapping.ThrowIfOutside(range);
            (nuint address, nuint length) = _mapping.Inward(range);
            PageRange whole = _mapping.RangeOf(address, length);
            ForEach(nameof(Discard), whole, static (_, address, length) => MemorySystem.Current.Discard(address, length));
            return new ReleaseFacts(whole, ReadsZero: true, ChargeReleased: false, NeedsRecommit: false);
        }
        finally
        {
            _mapping.ExitExclusive();
        }
    }

    private SystemError CommitParts(PageRange range, out nuint address, out nuint length)
    {
        _mapping.Acquire(range);
        try
        {
            _mapping.ThrowIfOutside(range);
            (address, length) = _mapping.Outward(range);
            nuint start = address - _mapping.Address;
            lock (_map)
            {
                List<(nuint Start, nuint End)> gaps = _map.Gaps(start, start + length);
                for (int i = 0; i < gaps.Count; i++)
                {
                    SystemError error = CommitGap(_mapping.Address + gaps[i].Start, gaps[i].End - gaps[i].Start);
                    if (error.Failed)
                    {
                        Undo(gaps, i + 1); // also the one that failed: advice may have split it, and the system stopped half-way
                        return error;
                    }

                    _map.Set(new CommitSegment(gaps[i].Start, gaps[i].End, PageProtection.Read | PageProtection.Write, IsGuard: false));
                }
            }

            return SystemError.None;
        }
        finally
        {
            _mapping.Release();
        }
    }

    /// <summary>
    /// Fresh gaps hold nothing, and nobody has seen them: the map is locked. One that the system does not take back either stays committed where it
    /// was so wholly; where it was so half-way the map knows nothing of it, and the next commit goes over it again.
    /// </summary>
    private void Undo(List<(nuint Start, nuint End)> gaps, int count)
    {
        foreach ((nuint start, nuint end) in gaps[..count])
        {
            if (!TryDecommit(_mapping.Address + start, end - start).Failed)
            {
                _map.Remove(start, end);
            }
        }
    }

    /// <summary>The policy first: nothing can be touched before it is said, and a part that was decommitted has forgotten it.</summary>
    private SystemError CommitGap(nuint address, nuint length)
    {
        SystemError error = _numaPolicy.Kind == NumaPolicyKind.Default ? SystemError.None : MemorySystem.Current.SetNumaPolicy(address, length, _numaPolicy);
        return error.Failed ? error : MemorySystem.Current.Commit(address, length);
    }

    private SystemError TryDecommit(nuint address, nuint length)
    {
        SystemError error = MemorySystem.Current.Decommit(address, length);
        if (!error.Failed && _isHuge)
        {
            AdviseHuge(address, length);
        }

        return error;
    }

    /// <summary>Calls the system on each committed part of a range that is no guard.</summary>
    private void ForEach(string operation, PageRange range, Func<CommitSegment, nuint, nuint, SystemError> call)
    {
        lock (_map)
        {
            foreach (CommitSegment segment in _map.Segments(range.Offset, range.Offset + range.Length))
            {
                SystemError error = segment.IsGuard ? SystemError.None : call(segment, _mapping.Address + segment.Start, segment.Length);
                if (error.Failed)
                {
                    throw _mapping.Failure(error, operation, _mapping.Address + segment.Start, segment.Length);
                }
            }
        }
    }
}

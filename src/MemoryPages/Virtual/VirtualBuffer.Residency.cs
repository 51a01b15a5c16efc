using MemoryPages.Platform;
using MemoryPages.Virtual;

namespace MemoryPages;

/// <content>What the system is told and asked about committed parts.</content>
public sealed partial class VirtualBuffer
{
    /// <summary>Makes a committed part resident now; or says why it cannot be.</summary>
    /// <param name="range">The part, rounded outward to whole pages.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    /// <exception cref="InvalidOperationException">Some of the part is not committed, is a guard, or may not be read.</exception>
    /// <exception cref="MemoryPagesException">There is no memory. Some pages may be resident then.</exception>
    public void Prefault(PageRange range)
    {
        using ReadView view = Read(range); // holds the part committed meanwhile
        (nuint address, nuint length) = _mapping.Outward(range);
        ForEach(nameof(Prefault), _mapping.RangeOf(address, length), static (segment, address, length) => MemorySystem.Current.Populate(
            address, length, MemorySystem.Current.PageSize, forWriting: (segment.Protection & PageProtection.Write) != 0));
    }

    /// <summary>As <see cref="Prefault(PageRange)"/>.</summary>
    /// <param name="offset">Bytes from the start.</param>
    /// <param name="length">Bytes.</param>
    public void Prefault(nuint offset, nuint length) => Prefault(new PageRange(offset, length));

    /// <summary>Keeps a committed part in memory: see <c>Lock</c> of <see cref="Pages{TProtection}"/>. Decommitting ends it.</summary>
    /// <param name="range">The part, rounded outward to whole pages.</param>
    /// <param name="mode">Whether all is made resident now, or each page when it is first touched.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    /// <exception cref="InvalidOperationException">Some of the part is not committed, is a guard, or may not be read.</exception>
    /// <exception cref="MemoryPagesException">The limit is reached, or a page cannot be had.</exception>
    public void Lock(PageRange range, LockMode mode = LockMode.Resident)
    {
        using ReadView view = Read(range);
        _mapping.Apply(nameof(Lock), range, mode, static (_, address, length, mode) => MemorySystem.Current.Lock(address, length, mode));
    }

    /// <summary>Ends locks; what is not locked stays so.</summary>
    /// <param name="range">The part, rounded outward to whole pages; null for all.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    public void Unlock(PageRange? range = null) => UnderLease(nameof(Unlock), range, 0, static (address, length, _) =>
        MemorySystem.Current.Unlock(address, length));

    /// <summary>Tells the system how a part will be used. Decommitting makes it forget.</summary>
    /// <param name="advice">What it should know.</param>
    /// <param name="range">The part, rounded outward to whole pages; null for all.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    public void Advise(Advice advice, PageRange? range = null) => UnderLease(nameof(Advise), range, advice, static (address, length, advice) =>
        MemorySystem.Current.Advise(address, length, advice));

    /// <summary>How many bytes of a part are in memory now, in whole base pages. A snapshot. Linux: mincore(2).</summary>
    /// <param name="range">The part, rounded outward; null for all, which is slow for terabytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    public nuint CountResidentBytes(PageRange? range = null)
    {
        _mapping.Acquire(default);
        try
        {
            _mapping.ThrowIfOutside(range ?? _mapping.Whole);
            (nuint address, nuint length) = _mapping.Outward(range ?? _mapping.Whole);
            nuint start = address - _mapping.Address;
            List<CommitSegment> segments;
            lock (_map)
            {
                segments = [.. _map.Segments(start, start + length)]; // nothing else can be resident
            }

            nuint pages = 0;
            foreach (CommitSegment segment in segments)
            {
                pages += _mapping.CountResidentPages(nameof(CountResidentBytes), new PageRange(segment.Start, segment.Length), []);
            }

            return pages * PageSize.Base;
        }
        finally
        {
            _mapping.Release();
        }
    }

    private void UnderLease<TState>(string operation, PageRange? range, TState state, Func<nuint, nuint, TState, SystemError> call)
    {
        _mapping.Acquire(default);
        try
        {
            _mapping.Apply(operation, range, (state, call), static (_, address, length, wish) => wish.call(address, length, wish.state));
        }
        finally
        {
            _mapping.Release();
        }
    }
}

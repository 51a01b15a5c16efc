using System.Buffers;
using MemoryPages.Mapping;

namespace MemoryPages;

/// <summary>A lease on a part of pages, of any length, that an object holds: what memories, streams, sequences and writers stand on.</summary>
/// <remarks>
/// No finalizer: it could unmap under a span in use. A lease that is lost keeps its pages mapped, and the leak of these is reported.
/// </remarks>
internal sealed class LeasedBytes : IDisposable
{
    private readonly MappingHandle _mapping;
    private readonly nuint _address;
    private int _ended;

    /// <param name="mapping">Leased already; this ends that lease.</param>
    /// <param name="address">The first byte.</param>
    /// <param name="length">Bytes.</param>
    private LeasedBytes(MappingHandle mapping, nuint address, nuint length)
    {
        _mapping = mapping;
        _address = address;
        Length = length;
    }

    public nuint Length { get; }

    /// <param name="pages">The pages.</param>
    /// <param name="wished">The part; null for all.</param>
    /// <param name="longest">The most bytes that the caller can do with.</param>
    public static LeasedBytes Of<TProtection>(Pages<TProtection> pages, PageRange? wished, nuint longest)
        where TProtection : struct, IProtection
    {
        MappingHandle mapping = pages.Acquire(wished ?? new PageRange(0, nuint.MaxValue));
        LeasedBytes? leased = null;
        try
        {
            PageRange range = wished ?? mapping.Whole;
            mapping.ThrowIfOutside(range);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(range.Length, longest, nameof(range));
            mapping.MarkSpansEscaped(); // now, not when a span is taken: that could be while another thread ends the lease
            leased = new LeasedBytes(mapping, mapping.Address + range.Offset, range.Length);
            return leased;
        }
        finally
        {
            if (leased is null)
            {
                mapping.Release();
            }
        }
    }

    /// <summary>A part, under a lease of its own.</summary>
    /// <exception cref="ObjectDisposedException">This lease has ended.</exception>
    public LeasedBytes Part(nuint offset, nuint length)
    {
        ThrowIfOutside(offset, length);
        var part = new LeasedBytes(_mapping, _address + offset, length); // first what can fail: no lease is without an owner then
        AcquireAgain();
        return part;
    }

    /// <summary>A view of a part, under a lease of its own: another thread may end this one meanwhile.</summary>
    /// <exception cref="ObjectDisposedException">This lease has ended.</exception>
    public PageView View(nuint offset, nuint length)
    {
        ThrowIfOutside(offset, length);
        AcquireAgain();
        return new PageView(_mapping, _address + offset, length);
    }

    /// <summary>All bytes, bounded by nobody: the mapping keeps its addresses out of use for a while after its end.</summary>
    /// <exception cref="ObjectDisposedException">This lease has ended.</exception>
    public unsafe Span<byte> Span
    {
        get
        {
            ThrowIfEnded();
            return new Span<byte>((byte*)_address, checked((int)Length));
        }
    }

    /// <exception cref="ObjectDisposedException">This lease has ended.</exception>
    public unsafe MemoryHandle Pin(int offset, IPinnable owner)
    {
        AcquireAgain();
        return new MemoryHandle((byte*)_address + offset, pinnable: owner);
    }

    public void Unpin() => _mapping.Release();

    public void ThrowIfEnded() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _ended) != 0, this);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            _mapping.Release();
        }
    }

    /// <summary>The callers ask for parts that lie within; threads that race over one of them may not.</summary>
    private void ThrowIfOutside(nuint offset, nuint length)
    {
        if (!new PageRange(offset, length).IsWithin(Length))
        {
            throw new InvalidOperationException("Two threads use this at once, and it is for one at a time.");
        }
    }

    private void AcquireAgain()
    {
        ThrowIfEnded();
        _mapping.AcquireAgain();
    }
}

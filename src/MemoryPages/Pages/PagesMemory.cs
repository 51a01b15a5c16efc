using System.Buffers;
using MemoryPages.Mapping;
using MemoryPages.Ownership;

namespace MemoryPages;

/// <summary><see cref="Memory{T}"/> over pages, for asynchronous code and the framework's streams: a lease that is an object.</summary>
public static class PagesMemory
{
    extension<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IReadable, IWritable
    {
        /// <summary>A lease on pages as <see cref="Memory{T}"/>. Dispose it when no operation uses the memory any more.</summary>
        /// <param name="range">The bytes, at most 2^31-1; null for all.</param>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages, or longer than a Memory can be.</exception>
        /// <exception cref="InvalidOperationException">A protection scope is open on some of it.</exception>
        /// <remarks>
        /// Prefer a view where the code is synchronous: the compiler bounds its spans, while a span of this memory that is kept past the end of the
        /// lease and of the pages is a mistake that it does not see. The addresses of such pages are therefore kept inaccessible for a while after
        /// the end, so that the mistake is a fault and not a stranger's bytes.
        /// </remarks>
        [return: Owned]
        public IMemoryOwner<byte> LeaseMemory(PageRange? range = null) => MemoryLease.Of(pages, range);
    }

    extension<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IReadable
    {
        /// <summary>A lease on pages as <see cref="ReadOnlyMemory{T}"/>: see <see cref="LeaseMemory"/>.</summary>
        /// <param name="range">The bytes, at most 2^31-1; null for all.</param>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages, or longer than a Memory can be.</exception>
        /// <exception cref="InvalidOperationException">A protection scope is open on some of it.</exception>
        [return: Owned]
        public ReadOnlyMemoryLease LeaseReadOnlyMemory(PageRange? range = null) => new(MemoryLease.Of(pages, range));
    }
}

/// <summary>A lease on pages as <see cref="ReadOnlyMemory{T}"/>.</summary>
[Owner]
public sealed class ReadOnlyMemoryLease : IDisposable
{
    private readonly MemoryLease _lease;

    internal ReadOnlyMemoryLease(MemoryLease lease) => _lease = lease;

    /// <summary>The bytes.</summary>
    /// <exception cref="ObjectDisposedException">The lease has ended; so do memories taken from it before say when they are used.</exception>
    public ReadOnlyMemory<byte> Memory => _lease.Memory;

    /// <summary>Ends the lease. Idempotent.</summary>
    public void Dispose() => ((IDisposable)_lease).Dispose();
}

/// <remarks>
/// No finalizer (CA2015): it could unmap under a span in use. A lease that is lost keeps its pages mapped, and the leak of these is reported.
/// </remarks>
internal sealed class MemoryLease : MemoryManager<byte>
{
    private readonly nuint _address;
    private readonly int _length;
    private readonly MappingHandle _mapping;
    private int _pins;
    private int _ended;

    private MemoryLease(MappingHandle mapping, nuint address, int length)
    {
        _mapping = mapping;
        _address = address;
        _length = length;
    }

    public override Memory<byte> Memory
    {
        get
        {
            ThrowIfEnded();
            return CreateMemory(_length);
        }
    }

    public static MemoryLease Of<TProtection>(Pages<TProtection> pages, PageRange? wished)
        where TProtection : struct, IProtection
    {
        MappingHandle mapping = pages.Acquire(wished ?? new PageRange(0, nuint.MaxValue));
        bool leased = false;
        try
        {
            PageRange range = wished ?? mapping.Whole;
            mapping.ThrowIfOutside(range);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(range.Length, (nuint)int.MaxValue, nameof(range));
            leased = true;
            mapping.MarkSpansEscaped(); // now, not when a span is taken: that could be while another thread ends the lease
            return new MemoryLease(mapping, mapping.Address + range.Offset, (int)range.Length);
        }
        finally
        {
            if (!leased)
            {
                mapping.Release();
            }
        }
    }

    public override unsafe Span<byte> GetSpan()
    {
        ThrowIfEnded();
        return new Span<byte>((void*)_address, _length);
    }

    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elementIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(elementIndex, _length);
        ThrowIfEnded();
        _mapping.AcquireAgain();
        Interlocked.Increment(ref _pins);
        return new MemoryHandle((byte*)_address + elementIndex, pinnable: this);
    }

    public override void Unpin()
    {
        if (Interlocked.Decrement(ref _pins) < 0)
        {
            Interlocked.Increment(ref _pins);
            throw new InvalidOperationException("This memory is not pinned: it was unpinned once too often.");
        }

        _mapping.Release();
    }

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            _mapping.Release();
        }
    }

    private void ThrowIfEnded() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _ended) != 0, this);
}

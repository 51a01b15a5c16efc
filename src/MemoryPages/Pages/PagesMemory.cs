using System.Buffers;
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
        public IMemoryOwner<byte> LeaseMemory(PageRange? range = null) => new MemoryLease(LeasedBytes.Of(pages, range, int.MaxValue));
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
        public ReadOnlyMemoryLease LeaseReadOnlyMemory(PageRange? range = null) => new(new MemoryLease(LeasedBytes.Of(pages, range, int.MaxValue)));
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

/// <remarks>No finalizer (CA2015): see <see cref="LeasedBytes"/>.</remarks>
/// <param name="bytes">At most as many as a memory can have. Its own from here on.</param>
internal sealed class MemoryLease(LeasedBytes bytes) : MemoryManager<byte>
{
    private int _pins;

    public override Memory<byte> Memory
    {
        get
        {
            bytes.ThrowIfEnded();
            return CreateMemory((int)bytes.Length);
        }
    }

    public override Span<byte> GetSpan() => bytes.Span;

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elementIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((nuint)elementIndex, bytes.Length);
        MemoryHandle pin = bytes.Pin(elementIndex, this);
        Interlocked.Increment(ref _pins);
        return pin;
    }

    public override void Unpin()
    {
        if (Interlocked.Decrement(ref _pins) < 0)
        {
            Interlocked.Increment(ref _pins);
            throw new InvalidOperationException("This memory is not pinned: it was unpinned once too often.");
        }

        bytes.Unpin();
    }

    protected override void Dispose(bool disposing) => bytes.Dispose();
}

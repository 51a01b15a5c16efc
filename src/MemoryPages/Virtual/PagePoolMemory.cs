using System.Buffers;

namespace MemoryPages.Virtual;

/// <summary>A pool of pages where the framework wants a pool of memory.</summary>
internal sealed class PagePoolMemory(PagePool pool) : MemoryPool<byte>
{
    /// <summary>What a <see cref="Memory{T}"/> can say, not what the pool could give.</summary>
    public override int MaxBufferSize => int.MaxValue;

    /// <param name="minBufferSize">Bytes; -1 and 0 for the smallest block.</param>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(minBufferSize, -1);
        PoolBlock block = pool.RentBlock((nuint)Math.Max(minBufferSize, 1));
        try
        {
            return new RentedMemory(block);
        }
        catch (OutOfMemoryException)
        {
            pool.Return(block, block.Ticket);
            throw;
        }
    }

    /// <summary>The pool of pages has an owner of its own.</summary>
    protected override void Dispose(bool disposing)
    {
    }
}

/// <remarks>
/// No finalizer (CA2015): it could return a block under a span in use. One that is lost keeps its block rented, and so the pool mapped.
/// </remarks>
internal sealed class RentedMemory : MemoryManager<byte>
{
    private const int Ended = int.MinValue;

    private readonly PoolBlock _block;
    private readonly long _ticket;
    private int _state; // Ended, and the number of pins: whoever brings it to Ended alone returns the block

    public RentedMemory(PoolBlock block)
    {
        _block = block;
        _ticket = block.Ticket;
    }

    public override Memory<byte> Memory
    {
        get
        {
            ThrowIfEnded(Volatile.Read(ref _state));
            return CreateMemory(Length);
        }
    }

    /// <summary>A block of 2 GiB is a byte longer than a memory can be.</summary>
    private int Length => (int)Math.Min(_block.Length, int.MaxValue);

    public override unsafe Span<byte> GetSpan()
    {
        ThrowIfEnded(Volatile.Read(ref _state));
        _block.Mapping.MarkSpansEscaped();
        return new Span<byte>((void*)_block.Address, Length);
    }

    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elementIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(elementIndex, Length);
        _ = Change(+1);
        _block.Mapping.MarkSpansEscaped();
        return new MemoryHandle((byte*)_block.Address + elementIndex, pinnable: this);
    }

    public override void Unpin()
    {
        if (Change(-1) == Ended)
        {
            _block.Pool.Return(_block, _ticket);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Or(ref _state, Ended) == 0)
        {
            _block.Pool.Return(_block, _ticket);
        }
    }

    /// <summary>One pin more or less.</summary>
    private int Change(int pins)
    {
        while (true)
        {
            int state = Volatile.Read(ref _state);
            if (pins > 0)
            {
                ThrowIfEnded(state);
            }
            else if ((state & ~Ended) == 0)
            {
                throw new InvalidOperationException("This memory is not pinned: it was unpinned once too often.");
            }

            if (Interlocked.CompareExchange(ref _state, state + pins, state) == state)
            {
                return state + pins;
            }
        }
    }

    private void ThrowIfEnded(int state) => ObjectDisposedException.ThrowIf(state < 0, this);
}

using System.Buffers;
using MemoryPages.Mapping;

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

/// <remarks>One that is lost keeps its block rented, and so the pool mapped.</remarks>
/// <param name="block">Of 2 GiB it is a byte longer than a memory can be.</param>
internal sealed class RentedMemory(PoolBlock block) : PinnableMemory<byte>(block.Address, (int)Math.Min(block.Length, int.MaxValue))
{
    private readonly long _ticket = block.Ticket;

    protected override void Release() => block.Pool.Return(block, _ticket);

    protected override void NoteEscape() => block.Mapping.MarkSpansEscaped();
}

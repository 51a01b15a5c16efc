using System.Buffers;

namespace MemoryPages.Allocators;

/// <summary>An allocator where the framework wants a pool of memory.</summary>
internal sealed class AllocatorMemoryPool<T> : MemoryPool<T>
    where T : unmanaged
{
    private const int DefaultBytes = 4 << 10; // as the framework's own

    private readonly IAllocator _allocator;
    private bool _disposed;

    public AllocatorMemoryPool(IAllocator allocator)
    {
        ArgumentNullException.ThrowIfNull(allocator);
        _allocator = allocator;
    }

    /// <summary>What a <see cref="Memory{T}"/> can say, not what the allocator could give.</summary>
    public override int MaxBufferSize => int.MaxValue;

    /// <param name="minBufferSize">Elements; -1 for as many as 4 KiB hold, and one at least.</param>
    public override unsafe IMemoryOwner<T> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(minBufferSize, -1);
        ObjectDisposedException.ThrowIf(_disposed, this);
        nuint wished = minBufferSize < 0 ? (nuint)Math.Max(DefaultBytes / sizeof(T), 1) : (nuint)minBufferSize;
        var layout = Layout.Of<T>(wished);
        AllocatedBlock block = _allocator.TryAllocate(layout, out AllocatedBlock given) ? given : throw _allocator.Refusal(nameof(Rent), layout);
        return AllocatedMemory<T>.Own(_allocator, block, layout, (int)Math.Min(block.Size / (nuint)sizeof(T), int.MaxValue));
    }

    protected override void Dispose(bool disposing) => _disposed = true;
}

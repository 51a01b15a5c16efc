using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using MemoryPages.Allocators;
using MemoryPages.Ownership;

namespace MemoryPages;

/// <summary>Blocks in memory of the caller's: an array, a lease of pages, memory of a device.</summary>
/// <remarks>
/// <para>
/// Nothing but that memory is used: free parts hold the list of free parts. The first that is large enough is taken; neighbours that are free become
/// one. Blocks take whole multiples of 16 bytes. The last block that is freed leaves everything as it was.
/// </para>
/// <para>
/// For one thread at a time. The memory is pinned, or leased, until the allocator was disposed and its last block freed: a block never outlives what
/// it is in.
/// </para>
/// </remarks>
[Owner, UsableWhenSpent]
[DebuggerDisplay("{FreeBytes} of {Capacity} bytes free, {LiveBlocks} blocks")]
public sealed unsafe class FixedAllocator : IHandledAllocator, IDisposable
{
    private readonly MemoryHandle _pin;
    private readonly FreeParts _parts;
    private bool _disposed;
    private bool _released;
    private readonly LentHandle _lent = new();

    /// <summary>Blocks in an array, or in pages by their <c>LeaseMemory</c>.</summary>
    /// <param name="memory">The memory: pinned from here on. At both ends what is no multiple of 16 bytes is not used.</param>
    public FixedAllocator(Memory<byte> memory)
    {
        _pin = memory.Pin();
        _parts = new FreeParts((nuint)_pin.Pointer, (nuint)memory.Length);
    }

    /// <summary>Blocks in memory that the caller answers for.</summary>
    /// <param name="pointer">The first byte.</param>
    /// <param name="length">Bytes. At both ends what is no multiple of 16 of them is not used.</param>
    /// <safety>All of it may be read and written as long as the allocator or a block of it is used, and is used for nothing else.</safety>
    public FixedAllocator(void* pointer, nuint length) => _parts = new FreeParts((nuint)pointer, length);

    GCHandle IHandledAllocator.Handle => _lent.For(this);

    /// <summary>Bytes that blocks may take.</summary>
    public nuint Capacity => _parts.Capacity;

    /// <summary>Bytes that no block takes: perhaps in many parts.</summary>
    public nuint FreeBytes => _parts.FreeBytes;

    /// <summary>Blocks that were not freed.</summary>
    public nint LiveBlocks { get; private set; }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The allocator was disposed.</exception>
    public bool TryAllocate(Layout layout, out AllocatedBlock block)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        nuint size = SizeFor(layout);
        nuint address = _parts.Take(size, layout.Alignment);
        block = address == 0 ? default : new AllocatedBlock((void*)address, size);
        LiveBlocks += address == 0 ? 0 : 1;
        return address != 0;
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The allocator was disposed.</exception>
    public bool TryAllocateZeroed(Layout layout, out AllocatedBlock block)
    {
        bool allocated = TryAllocate(layout, out block);
        if (allocated)
        {
            Resizing.ClearTail(block, 0);
        }

        return allocated;
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The allocator was disposed, and the block would have to move.</exception>
    public bool TryGrow(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        Resizing.ThrowIfSmaller(layout, newLayout);
        return TryResize(pointer, layout, newLayout, zeroed: false, out block);
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The allocator was disposed, and the block would have to move.</exception>
    public bool TryGrowZeroed(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        Resizing.ThrowIfSmaller(layout, newLayout);
        return TryResize(pointer, layout, newLayout, zeroed: true, out block);
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The allocator was disposed, and the block would have to move.</exception>
    [UsableWhenSpent]
    public bool TryShrink(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        Resizing.ThrowIfLarger(layout, newLayout);
        return TryResize(pointer, layout, newLayout, zeroed: false, out block);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">
    /// Some of the block is free, or not of this memory: it was freed before, or came from elsewhere.
    /// </exception>
    [UsableWhenSpent]
    public void Free(void* pointer, Layout layout)
    {
        _parts.Put((nuint)pointer, SizeFor(layout));
        LiveBlocks--;
        ReleaseOnceEmpty();
    }

    /// <summary>Refuses new blocks, and lets the memory go when the last one is freed. Idempotent.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _lent.KeepAlive(this);
            ReleaseOnceEmpty();
        }
    }

    /// <inheritdoc/>
    [UsableWhenSpent]
    public MemoryPagesException Refusal(string operation, Layout layout) => Resizing.Refusal(
        this, operation, layout, $"Of its {Capacity:N0} bytes {FreeBytes:N0} are free, at most {_parts.Largest:N0} in one part.");

    private bool TryResize(void* pointer, Layout layout, Layout newLayout, bool zeroed, out AllocatedBlock block)
    {
        nuint address = (nuint)pointer;
        nuint old = SizeFor(layout);
        nuint size = SizeFor(newLayout);
        bool stays = PageSize.IsAligned(address, newLayout.Alignment) && (size <= old || _parts.TryTakeAt(address + old, size - old));
        if (!stays)
        {
            return Resizing.TryMove(this, pointer, layout, newLayout, zeroed, out block);
        }

        if (size < old)
        {
            _parts.Put(address + size, old - size);
        }

        block = new AllocatedBlock(pointer, size);
        if (zeroed)
        {
            Resizing.ClearTail(block, layout.Size);
        }

        return true;
    }

    private void ReleaseOnceEmpty()
    {
        if (_disposed && !_released && LiveBlocks == 0)
        {
            _released = true;
            _lent.End();
            _pin.Dispose();
        }
    }

    private static nuint SizeFor(Layout layout) => PageSize.AlignUp(Math.Max(layout.Size, 1), FreeParts.Granule);
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemoryPages.Allocators;
using MemoryPages.Physical;

namespace MemoryPages;

/// <summary>Blocks of physically contiguous memory that stays where it is, for devices: each one's address is known.</summary>
/// <remarks>
/// <para>
/// Blocks are powers of two of at least a cache line, 64 bytes, and begin at a multiple of their length, in the machine as in the process. So two
/// blocks never share a cache line, alignments are kept of both addresses, and a block crosses no multiple of a boundary that is not shorter. Nothing
/// that the allocator knows of blocks stands in the memory itself, where a device could overwrite it.
/// </para>
/// <para>
/// All allocators with the same wishes are one, for the whole process: this is a number. Safe on all threads; a block may be freed on another thread
/// than it came from. Memory comes in huge pages of the default size (see <see cref="PhysicalMemory"/>), longer blocks in several side by side; an
/// empty one is kept, the others go back at once.
/// </para>
/// <para>
/// Memory is cached, as all of a program's is on Linux: there is no other mode to choose. What is written is seen by devices that are coherent with
/// the processor's caches, as those of PCs and servers are. It takes the privilege to see physical addresses (Linux: <c>CAP_SYS_ADMIN</c>); without
/// it nothing is allocated, and the error says so.
/// </para>
/// </remarks>
public readonly unsafe struct PhysicalAllocator : IAllocator
{
    private readonly int _heap;

    /// <summary>The allocator with these wishes.</summary>
    /// <param name="node">The NUMA node; null for any.</param>
    /// <param name="maxAddress">No byte lies above; 0 for no bound.</param>
    /// <param name="boundary">No block crosses a multiple of this, a power of two; 0 for no bound. Longer blocks are refused.</param>
    /// <param name="growPool">Whether the pool of huge pages is raised where it is short, until memory goes back.</param>
    /// <exception cref="ArgumentException">A wish that nothing can fulfil.</exception>
    public PhysicalAllocator(int? node = null, ulong maxAddress = 0, ulong boundary = 0, bool growPool = true) =>
        _heap = PhysicalHeaps.IndexOf(new PhysicalMemoryOptions { Node = node, MaxAddress = maxAddress, Boundary = boundary, GrowPool = growPool });

    /// <summary>What it has now.</summary>
    public PhysicalAllocatorCounters Counters => Heap.Counters;

    private PhysicalHeap Heap => PhysicalHeaps.At(_heap);

    /// <summary>The physical address of a byte of a block.</summary>
    /// <param name="pointer">The byte: it is not read.</param>
    /// <exception cref="InvalidOperationException">It is in no memory of this allocator.</exception>
    /// <remarks>A look into a table: no system call.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PhysicalAddress AddressOf(void* pointer) => Heap.AddressOf((nuint)pointer);

    /// <summary>Whether all of its memory is where it was when it was allocated: see <see cref="PhysicalMemory.VerifyAddresses"/>.</summary>
    /// <exception cref="MemoryPagesException">The process is not shown physical addresses any more.</exception>
    public bool VerifyAddresses() => Heap.VerifyAddresses();

    /// <summary>Gives back all memory that no block is in, also what is kept for the next block.</summary>
    public void Trim() => Heap.Trim();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAllocate(Layout layout, out AllocatedBlock block)
    {
        bool allocated = Heap.TryAllocate(layout.Size, layout.Alignment, out nuint address, out nuint size);
        block = new AllocatedBlock((void*)address, size);
        return allocated;
    }

    /// <inheritdoc/>
    public bool TryAllocateZeroed(Layout layout, out AllocatedBlock block)
    {
        bool allocated = TryAllocate(layout, out block);
        if (allocated)
        {
            NativeMemory.Clear(block.Pointer, block.Size);
        }

        return allocated;
    }

    /// <inheritdoc/>
    public bool TryGrow(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        Resizing.ThrowIfSmaller(layout, newLayout);
        return StaysInPlace(pointer, newLayout, out block) || Resizing.TryMove(this, pointer, layout, newLayout, zeroed: false, out block);
    }

    /// <inheritdoc/>
    public bool TryGrowZeroed(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        Resizing.ThrowIfSmaller(layout, newLayout);
        if (!StaysInPlace(pointer, newLayout, out block) && !Resizing.TryMove(this, pointer, layout, newLayout, zeroed: false, out block))
        {
            return false;
        }

        Resizing.ClearTail(block, layout.Size);
        return true;
    }

    /// <inheritdoc/>
    public bool TryShrink(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        Resizing.ThrowIfLarger(layout, newLayout);
        return StaysInPlace(pointer, newLayout, out block) || Resizing.TryMove(this, pointer, layout, newLayout, zeroed: false, out block);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">There is no such block, or it was freed already: nothing has changed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(void* pointer, Layout layout) => Heap.Free((nuint)pointer);

    /// <inheritdoc/>
    public MemoryPagesException Refusal(string operation, Layout layout) =>
        Resizing.Refusal(this, operation, layout, Heap.WhyNot(layout.Size, layout.Alignment));

    /// <summary>Where the block is long enough, and not twice as long as it need be.</summary>
    private bool StaysInPlace(void* pointer, Layout newLayout, out AllocatedBlock block)
    {
        nuint size = Heap.SizeOf((nuint)pointer);
        block = new AllocatedBlock(pointer, size);
        return size == PhysicalHeap.RoundUp(newLayout.Size, newLayout.Alignment);
    }
}

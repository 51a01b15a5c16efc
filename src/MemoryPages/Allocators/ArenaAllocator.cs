using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemoryPages.Allocators;
using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Platform;
using MemoryPages.Virtual;

namespace MemoryPages;

/// <summary>One block behind the other in reserved address space, and all taken back at once: allocating is an addition and a comparison.</summary>
/// <remarks>
/// <para>
/// Freeing the last block takes it back, and growing it happens where it is; any other block that is freed is only counted. Memory comes back by
/// <see cref="Reset"/>, at the end of a <see cref="Mark">scope</see>, and with <see cref="Dispose"/>. The first two take it only where every block in
/// it was freed: so a box that somebody still holds is never overwritten. Who frees nothing by one, and knows that nothing is in use any more, takes
/// <c>DangerousReset</c> and <c>DangerousMark</c> of the unsafe surface.
/// </para>
/// <para>
/// For one thread at a time. Blocks never move but to grow. What was committed and never used reads zero, so zeroed blocks cost nothing there. Any
/// alignment; the gap before an aligned block is lost until memory comes back.
/// </para>
/// <para>
/// Disposing ends all blocks at once, freed or not: touching one is a fault from then on, since the addresses stay out of use for a while, and
/// freeing one does nothing. In hardened mode (<c>MEMORYPAGES_HARDENED=1</c>) memory that comes back is made inaccessible until it is allocated
/// again.
/// </para>
/// <para>Linux: mmap(2) <c>PROT_NONE</c> reserves, mprotect(2) commits in growing steps, mmap(2) over a part decommits it.</para>
/// </remarks>
[Owner, UsableWhenSpent]
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public sealed unsafe partial class ArenaAllocator : IHandledAllocator, IDisposable
{
    private readonly GrowingMemory _memory;
    private readonly nuint _base;
    private readonly string? _name;
    private nuint _next;  // the first byte that is free
    private nuint _end;   // where committed memory ends; below _next when the arena was disposed
    private nuint _dirty; // what is not below this was never used: it reads zero
    private nint _live;   // blocks of the innermost scope that were not freed
    private SystemError _refused;
    private readonly LentHandle _lent = new();

    /// <summary>An arena as large as the machine's memory, in addresses.</summary>
    /// <exception cref="MemoryPagesException">There are not so many addresses: <c>ulimit -v</c> forbids it.</exception>
    public ArenaAllocator()
        : this(default)
    {
    }

    /// <summary>An arena. Nothing is committed before a block is allocated.</summary>
    /// <param name="options">Further wishes.</param>
    /// <exception cref="MemoryPagesException">There are not so many addresses: no process has, or <c>ulimit -v</c> forbids it.</exception>
    public ArenaAllocator(in ArenaOptions options)
    {
        _name = options.Name;
        _memory = GrowingMemory.Reserve(
            options.ToRequest(), new ListOptions { Name = options.Name, NoHugePages = options.NoHugePages }, nameof(ArenaAllocator));
        _base = _memory.Mapping.Address;
        _next = _end = _dirty = _base;
    }

    GCHandle IHandledAllocator.Handle => _lent.For(this);

    /// <summary>Bytes from the arena's beginning to behind its last block: freed ones that did not come back, and gaps, among them.</summary>
    public nuint UsedBytes => IsDisposed ? 0 : _next - _base;

    /// <summary>Bytes that are memory, charged to what the system can promise.</summary>
    public nuint CommittedBytes => IsDisposed ? 0 : _memory.Committed;

    /// <summary>The most bytes that it can ever hold.</summary>
    public nuint MaximumBytes => _memory.Mapping.Length;

    /// <summary>Blocks that were not freed.</summary>
    public nint LiveBlocks => _live + LiveInOuterScopes;

    /// <summary>The name it was given, or null.</summary>
    public string? Name => _name;

    private bool IsDisposed => _end < _next;

    private string DebuggerDisplay => $"{Name ?? "arena"}: {UsedBytes:N0} of {CommittedBytes:N0} bytes used, {LiveBlocks:N0} blocks";

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The arena was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAllocate(Layout layout, out AllocatedBlock block)
    {
        // Nothing here overflows: a layout's size and alignment together are below 2^63, and addresses far below. A byte at least, so that every
        // block has an address of its own, by which it is told which scope it is of.
        nuint mask = layout.Alignment - 1;
        nuint start = (_next + mask) & ~mask;
        nuint size = Math.Max(layout.Size, 1);
        if (start + size > _end)
        {
            return TryAllocateSlowly(layout, out block);
        }

        _next = start + size;
        _live++;
        block = new AllocatedBlock((void*)start, size);
        return true;
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The arena was disposed.</exception>
    public bool TryAllocateZeroed(Layout layout, out AllocatedBlock block)
    {
        bool allocated = TryAllocate(layout, out block);
        if (allocated)
        {
            ClearDirty(block.Address, block.Address + block.Size, _dirty);
        }

        return allocated;
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The arena was disposed.</exception>
    public bool TryGrow(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        Resizing.ThrowIfSmaller(layout, newLayout);
        return TryGrowInPlace(pointer, layout, newLayout, out block) || Resizing.TryMove(this, pointer, layout, newLayout, zeroed: false, out block);
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The arena was disposed.</exception>
    public bool TryGrowZeroed(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        Resizing.ThrowIfSmaller(layout, newLayout);
        nuint dirty = Math.Max(_dirty, _next); // the block's own bytes behind its layout may be used
        if (!TryGrowInPlace(pointer, layout, newLayout, out block))
        {
            return Resizing.TryMove(this, pointer, layout, newLayout, zeroed: true, out block);
        }

        ClearDirty(block.Address + layout.Size, block.Address + block.Size, dirty);
        return true;
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The arena was disposed.</exception>
    public bool TryShrink(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        Resizing.ThrowIfLarger(layout, newLayout);
        ThrowIfDisposed();
        if (((nuint)pointer & (newLayout.Alignment - 1)) != 0)
        {
            return Resizing.TryMove(this, pointer, layout, newLayout, zeroed: false, out block);
        }

        block = new AllocatedBlock(pointer, Math.Max(newLayout.Size, 1));
        if (IsLast(pointer, layout) && block.Address >= _scopeStart)
        {
            _dirty = Math.Max(_dirty, _next);
            _next = block.Address + block.Size;
        }

        return true;
    }

    /// <inheritdoc/>
    [UsableWhenSpent]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(void* pointer, Layout layout)
    {
        if ((nuint)pointer < _scopeStart)
        {
            FreeInOuterScope((nuint)pointer);
            return;
        }

        _live--;
        if (IsLast(pointer, layout))
        {
            _dirty = Math.Max(_dirty, _next);
            _next = (nuint)pointer;
        }
    }

    /// <summary>Takes all memory back.</summary>
    /// <param name="keep">
    /// Bytes to keep warm: what is committed beyond them goes back to the system, with its charge. <see cref="nuint.MaxValue"/>: nothing does.
    /// </param>
    /// <exception cref="InvalidOperationException">Blocks are in use that were not freed, or a scope is open. Nothing has changed.</exception>
    /// <exception cref="ObjectDisposedException">The arena was disposed.</exception>
    /// <exception cref="MemoryPagesException">The system refused to decommit. Nothing has changed.</exception>
    [Invalidates]
    public void Reset(nuint keep = 0)
    {
        ThrowIfDisposed();
        if (LiveBlocks != 0)
        {
            throw new InvalidOperationException(
                $"{LiveBlocks:N0} blocks of the arena were not freed: drop the boxes that own them, "
                + "or take DangerousReset where nothing uses them any more.");
        }

        Empty(nameof(Reset), keep);
    }

    /// <summary>Ends all blocks, and gives everything back. Idempotent.</summary>
    public void Dispose()
    {
        (_next, _end) = (1, 0);
        _memory.Mapping.CloseOnceIdle();
        _lent.End(); // the boxes that were led here by it are gone with the memory
    }

    /// <inheritdoc/>
    [UsableWhenSpent]
    public MemoryPagesException Refusal(string operation, Layout layout) => _refused.Failed
        ? MappingHandle.Failure(_refused, operation, _name, _next, layout.Size, PageSize.Base)
        : Resizing.Refusal(
            this, operation, layout, $"It has reserved {MaximumBytes:N0} bytes, of which {UsedBytes:N0} are used: reserve more, or reset it.");

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsLast(void* pointer, Layout layout) => (nuint)pointer + Math.Max(layout.Size, 1) == _next;

    /// <remarks>Not a block of an outer scope: its new end would be taken back with this scope.</remarks>
    private bool TryGrowInPlace(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        ThrowIfDisposed();
        block = default;
        nuint start = (nuint)pointer;
        nuint size = Math.Max(newLayout.Size, 1);
        bool may = IsLast(pointer, layout) && start >= _scopeStart && (start & (newLayout.Alignment - 1)) == 0;
        if (!may || (start + size > _end && !TryCommit(start + size)))
        {
            return false;
        }

        _next = start + size;
        block = new AllocatedBlock(pointer, size);
        return true;
    }

    private static void ClearDirty(nuint start, nuint end, nuint dirty)
    {
        if (start < dirty)
        {
            NativeMemory.Clear((void*)start, Math.Min(end, dirty) - start);
        }
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(IsDisposed, this);
}

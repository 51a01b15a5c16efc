using System.Diagnostics;
using MemoryPages.Allocators;
using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>Finds what is done wrong with memory: each block stands against an inaccessible page, and freed ones are inaccessible.</summary>
/// <typeparam name="TAllocator">Where the memory comes from: ordinary memory, as of the heap, of pages, of an arena, of a pool.</typeparam>
/// <remarks>
/// <para>
/// Faults, that is, the end of the process at the very instruction: reading or writing behind a block (its end is the page's, but for what its
/// alignment leaves), more than a page in front of it, and any use of a freed one, as long as its addresses are in quarantine. Reported, when the
/// block is freed or the allocator disposed: what was written in front of it or into the gap behind it, blocks that were not freed. Reported at once:
/// freeing, growing and shrinking what was freed before, what is another allocator's, and what has another layout. Reports have the stacks of the
/// allocation and of the first free.
/// </para>
/// <para>
/// Memory that is not asked to be zero is 0xBE throughout. Growing and shrinking always move, so that old pointers fault. Three pages of addresses
/// and some microseconds a block at least: for tests and for hunting.
/// </para>
/// <para>
/// Safe on all threads, whatever the other allocator is. Disposing reports the blocks in use, and leaves them to those who hold them: they can still
/// be freed. It does not own the other allocator.
/// </para>
/// <para>
/// Linux: madvise(2) <c>MADV_GUARD_INSTALL</c>, which takes no map entries; before 6.13, and on locked memory, mprotect(2), of which a process can
/// have some ten thousand blocks (<c>vm.max_map_count</c>).
/// </para>
/// </remarks>
[Owner, UsableWhenSpent]
[DebuggerDisplay("{LiveBlocks} blocks in use")]
public sealed unsafe partial class GuardedAllocator<TAllocator> : IAllocator, IGuardedInstance, IDisposable
    where TAllocator : IAllocator
{
    private readonly UninterruptedLock _gate = new();
    private readonly Dictionary<nuint, GuardedBlock> _live = [];
    private readonly Dictionary<nuint, GuardedBlock> _freed = [];
    private readonly Queue<GuardedBlock> _quarantine = new();
    private readonly TAllocator _allocator;
    private readonly GuardedOptions _options;
    private nuint _quarantined;
    private bool _disposed;

    [ThreadStatic]
    private static (SystemError Error, nuint Length) t_refused;

    /// <summary>Guards a struct allocator without state.</summary>
    public GuardedAllocator()
        : this(default!)
    {
    }

    /// <summary>Guards an allocator.</summary>
    /// <param name="allocator">Where memory comes from.</param>
    /// <param name="options">Further wishes.</param>
    /// <exception cref="ArgumentNullException"><paramref name="allocator"/> is null.</exception>
    public GuardedAllocator(TAllocator allocator, in GuardedOptions options = default)
    {
        ArgumentNullException.ThrowIfNull(allocator);
        _allocator = allocator;
        _options = options;
        GuardedInstances.Add(this);
    }

    /// <summary>Blocks that were not freed.</summary>
    public int LiveBlocks
    {
        get
        {
            using (_gate.Enter())
            {
                return _live.Count;
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The allocator was disposed.</exception>
    public bool TryAllocate(Layout layout, out AllocatedBlock block) => TryAllocate(layout, zeroed: false, out block);

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The allocator was disposed.</exception>
    public bool TryAllocateZeroed(Layout layout, out AllocatedBlock block) => TryAllocate(layout, zeroed: true, out block);

    /// <inheritdoc/>
    /// <exception cref="AllocatorMisuseException">The block is not this allocator's, was freed, has another layout or was written beside.</exception>
    public bool TryGrow(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        Resizing.ThrowIfSmaller(layout, newLayout);
        return TryResize(pointer, layout, newLayout, zeroed: false, out block);
    }

    /// <inheritdoc/>
    /// <exception cref="AllocatorMisuseException">The block is not this allocator's, was freed, has another layout or was written beside.</exception>
    public bool TryGrowZeroed(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        Resizing.ThrowIfSmaller(layout, newLayout);
        return TryResize(pointer, layout, newLayout, zeroed: true, out block);
    }

    /// <inheritdoc/>
    /// <exception cref="AllocatorMisuseException">The block is not this allocator's, was freed, has another layout or was written beside.</exception>
    public bool TryShrink(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block)
    {
        Resizing.ThrowIfLarger(layout, newLayout);
        return TryResize(pointer, layout, newLayout, zeroed: false, out block);
    }

    /// <inheritdoc/>
    /// <exception cref="AllocatorMisuseException">
    /// The block is not this allocator's, was freed before, or has another layout: it is as it was. Or bytes beside it were written: it is freed.
    /// </exception>
    [UsableWhenSpent]
    public void Free(void* pointer, Layout layout)
    {
        AllocatorMisuse? misuse;
        using (_gate.Enter())
        {
            misuse = Check((nuint)pointer, layout, out GuardedBlock? block);
            bool mayGo = _options.Report is not null
                || misuse is null or { Kind: AllocatorMisuseKind.Overflow or AllocatorMisuseKind.Underflow };
            if (block is not null && mayGo)
            {
                _live.Remove(block.Address);
                block.Bury();
                Quarantine(block);
            }
        }

        Tell(WithOwner(misuse));
    }

    /// <summary>What an address has to do with blocks of this allocator, in use or in quarantine: for a debugger, or after a fault.</summary>
    /// <param name="address">Any address.</param>
    /// <returns>A sentence and stacks; null where no block is near.</returns>
    [UsableWhenSpent]
    public string? Describe(nuint address)
    {
        using (_gate.Enter())
        {
            foreach (GuardedBlock block in _live.Values.Concat(_quarantine))
            {
                if (address - block.Memory.Address < block.MemoryLayout.Size)
                {
                    nint offset = (nint)(address - block.Address);
                    string stacks = $"{Environment.NewLine}Allocated:{Environment.NewLine}{block.AllocationStack}"
                        + (block.FreeStack is null ? "" : $"Freed:{Environment.NewLine}{block.FreeStack}");
                    string state = block.FreeStack is null ? "is in use" : "was freed";
                    return $"0x{address:x} is at offset {offset} of a block of {block.Layout.Size} bytes that {state}.{stacks}";
                }
            }
        }

        return null;
    }

    /// <summary>Reports the blocks in use, which stay, and gives back what is in quarantine. Idempotent.</summary>
    /// <exception cref="AllocatorMisuseException">Blocks were not freed, or written beside.</exception>
    public void Dispose()
    {
        List<AllocatorMisuse> found = [];
        using (_gate.Enter())
        {
            if (!_disposed)
            {
                _disposed = true;
                foreach (GuardedBlock block in _live.Values)
                {
                    found.Add(AllocatorMisuse.Of(block.Damage ?? AllocatorMisuseKind.Leak, block.Address, block.Layout, block));
                }

                ReleaseQuarantine(most: 0);
            }
        }

        Tell(found);
    }

    /// <inheritdoc/>
    public MemoryPagesException Refusal(string operation, Layout layout) => t_refused.Error.Failed
        ? MappingHandle.Failure(t_refused.Error, operation, null, 0, t_refused.Length, PageSize.Base)
        : _allocator.Refusal(operation, layout);

    private bool TryAllocate(Layout layout, bool zeroed, out AllocatedBlock block)
    {
        block = default;
        t_refused = default;
        if (!GuardedBlock.TryGetMemoryLayout(layout, out Layout memoryLayout))
        {
            return false;
        }

        using (_gate.Enter())
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            bool allocated = _allocator.TryAllocate(memoryLayout, out AllocatedBlock memory);
            if (!allocated && _quarantine.Count != 0)
            {
                ReleaseQuarantine(most: 0); // it may be what is missing
                allocated = _allocator.TryAllocate(memoryLayout, out memory);
            }

            if (!allocated)
            {
                return false;
            }

            GuardedBlock? guarded = null;
            bool armed = false;
            try
            {
                guarded = new GuardedBlock(memory, memoryLayout, layout);
                t_refused = (guarded.Arm(zeroed), memoryLayout.Size);
                if (t_refused.Error.Failed)
                {
                    return false;
                }

                _freed.Remove(guarded.Address); // its addresses are somebody else's now
                _live.Add(guarded.Address, guarded);
                armed = true;
            }
            finally
            {
                if (!armed)
                {
                    _ = guarded?.TryDisarm();
                    _allocator.Free(memory.Pointer, memoryLayout);
                }
            }

            block = new AllocatedBlock((void*)guarded.Address, layout.Size);
            return true;
        }
    }

    private bool TryResize(void* pointer, Layout layout, Layout newLayout, bool zeroed, out AllocatedBlock block)
    {
        AllocatorMisuse? misuse;
        using (_gate.Enter())
        {
            misuse = Check((nuint)pointer, layout, out GuardedBlock? known);
            layout = known?.Layout ?? layout;
            block = default;
        }

        misuse = WithOwner(misuse);
        Tell(misuse);
        bool goesOn = misuse is null or { Kind: AllocatorMisuseKind.Overflow or AllocatorMisuseKind.Underflow or AllocatorMisuseKind.WrongLayout };
        return goesOn && Resizing.TryMove(this, pointer, layout, newLayout, zeroed, out block);
    }
}

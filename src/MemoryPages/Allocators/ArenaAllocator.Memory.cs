using System.Runtime.CompilerServices;
using MemoryPages.Mapping;
using MemoryPages.Platform;

namespace MemoryPages;

/// <content>Memory that is committed as blocks need it, and comes back.</content>
public sealed unsafe partial class ArenaAllocator
{
    internal void Empty(string operation, nuint keep)
    {
        ThrowIfDisposed();
        if (_depth != 0)
        {
            throw new InvalidOperationException("A scope of the arena is open: end it first.");
        }

        SystemError error = _memory.DecommitBehind(Hardening.IsOn ? 0 : Math.Min(keep, MaximumBytes));
        if (error.Failed)
        {
            throw MappingHandle.Failure(error, operation, _name, _base, _memory.Committed, PageSize.Base);
        }

        _live = 0;
        RewindTo(_base);
    }

    /// <summary>Makes an address the first that is free, of a block that is not in use any more.</summary>
    private void RewindTo(nuint address)
    {
        _dirty = Math.Max(_dirty, _next);
        _next = address;
        if (Hardening.IsOn)
        {
            _ = _memory.DecommitBehind(address - _base); // what the system does not take stays as it was
        }

        _end = _base + _memory.Committed;
        _dirty = Math.Min(_dirty, _end);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryAllocateSlowly(Layout layout, out AllocatedBlock block)
    {
        ThrowIfDisposed();
        block = default;
        nuint mask = layout.Alignment - 1;
        return TryCommit(((_next + mask) & ~mask) + Math.Max(layout.Size, 1)) && TryAllocate(layout, out block);
    }

    /// <summary>Has memory up to an address; a growing step ahead of it, where the system has that.</summary>
    private bool TryCommit(nuint end)
    {
        const nuint SmallestStep = 64 << 10;
        const nuint LargestStep = 64 << 20;
        nuint required = end - _base;
        _refused = default;
        if (required > MaximumBytes)
        {
            return false;
        }

        nuint step = Math.Clamp(_memory.Committed, SmallestStep, LargestStep);
        _refused = _memory.EnsureCommitted(required, Math.Min(MaximumBytes, required + step));
        _end = _base + _memory.Committed;
        return !_refused.Failed;
    }
}

using System.Runtime.CompilerServices;
using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>Why capacity could not be had.</summary>
public enum CapacityError
{
    /// <summary>It could.</summary>
    None,

    /// <summary>More was wanted than the list's maximum capacity.</summary>
    Overflow,

    /// <summary>The system has no memory to promise, or no map entry.</summary>
    System,
}

/// <content>Memory for elements.</content>
public sealed unsafe partial class VirtualList<T>
{
    /// <summary>What a span can hold. Tests set it lower, to walk the paths of lists that are longer.</summary>
    internal static nint SpanLimit { get; set; } = int.MaxValue;

    /// <summary>Makes room for at least so many elements in all.</summary>
    /// <param name="capacity">Elements.</param>
    /// <returns>The capacity now.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is negative.</exception>
    /// <exception cref="InvalidOperationException">It is more than the maximum capacity.</exception>
    /// <exception cref="ObjectDisposedException">The list was disposed.</exception>
    /// <exception cref="MemoryPagesException">The system has no memory to promise. Nothing has changed.</exception>
    public nint EnsureCapacity(nint capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        ThrowIfFailed(TryEnsure(capacity, grow: true, out SystemError error), error, capacity - _count);
        return _capacity;
    }

    /// <summary>Makes room for at least so many elements more, growing as the strategy says.</summary>
    /// <param name="additional">Elements.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="additional"/> is negative.</exception>
    /// <exception cref="InvalidOperationException">It would be more than the maximum capacity.</exception>
    /// <exception cref="ObjectDisposedException">The list was disposed.</exception>
    /// <exception cref="MemoryPagesException">The system has no memory to promise. Nothing has changed.</exception>
    public void Reserve(nint additional) => ThrowIfFailed(TryReserve(additional, grow: true, out SystemError error), error, additional);

    /// <summary>As <see cref="Reserve"/>, without growing ahead: the pages that are needed and no more.</summary>
    /// <param name="additional">Elements.</param>
    /// <inheritdoc cref="Reserve" path="/exception"/>
    public void ReserveExact(nint additional) => ThrowIfFailed(TryReserve(additional, grow: false, out SystemError error), error, additional);

    /// <summary>As <see cref="Reserve"/>, with an answer in place of an exception.</summary>
    /// <param name="additional">Elements.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="additional"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">The list was disposed.</exception>
    public CapacityError TryReserve(nint additional) => TryReserve(additional, grow: true, out _);

    /// <summary>As <see cref="ReserveExact"/>, with an answer in place of an exception.</summary>
    /// <param name="additional">Elements.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="additional"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">The list was disposed.</exception>
    public CapacityError TryReserveExact(nint additional) => TryReserve(additional, grow: false, out _);

    /// <summary>Gives memory behind the last element back to the system, with its commit charge, in whole pages.</summary>
    /// <exception cref="ObjectDisposedException">The list was disposed.</exception>
    /// <exception cref="InvalidOperationException">A view is open.</exception>
    /// <exception cref="MemoryPagesException">The system refused. Nothing has changed.</exception>
    [Invalidates]
    public void TrimExcess()
    {
        MappingHandle mapping = _memory.Mapping;
        mapping.EnterExclusive(nameof(TrimExcess));
        try
        {
            ThrowIfRefused(_memory.DecommitBehind(EndOf(_count)), nameof(TrimExcess));
            _capacity = CommittedElements();
        }
        finally
        {
            mapping.ExitExclusive();
        }
    }

    /// <summary>Removes all elements and gives their memory back to the system. The capacity stays: what is added next costs memory again.</summary>
    /// <exception cref="ObjectDisposedException">The list was disposed.</exception>
    /// <exception cref="InvalidOperationException">A view is open.</exception>
    /// <exception cref="MemoryPagesException">The system refused. Nothing has changed.</exception>
    [Invalidates]
    public void ClearAndDecommit()
    {
        MappingHandle mapping = _memory.Mapping;
        mapping.EnterExclusive(nameof(ClearAndDecommit));
        try
        {
            ThrowIfRefused(_memory.DiscardBehind(EndOf(0)), nameof(ClearAndDecommit));
            Clear();
        }
        finally
        {
            mapping.ExitExclusive();
        }
    }

    /// <summary>Bytes from the reservation's start to behind so many elements.</summary>
    private nuint EndOf(nint elements) => _elementOffset + ((nuint)elements * (nuint)sizeof(T));

    private nint CommittedElements() => _memory.Committed <= _elementOffset
        ? 0
        : (nint)Math.Min((_memory.Committed - _elementOffset) / (nuint)sizeof(T), (nuint)MaximumCapacity);

    private CapacityError TryReserve(nint additional, bool grow, out SystemError error)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(additional);
        return TryEnsure(additional > nint.MaxValue - _count ? nint.MaxValue : _count + additional, grow, out error);
    }

    private CapacityError TryEnsure(nint required, bool grow, out SystemError error)
    {
        error = default;
        if (_capacity == 0)
        {
            ThrowIfDisposed();
        }

        if (required <= _capacity)
        {
            return CapacityError.None;
        }

        if (required > MaximumCapacity)
        {
            return CapacityError.Overflow;
        }

        error = grow ? Commit(EndOf(required), EndOf(_growth.Next(_capacity, required, MaximumCapacity))) : Commit(EndOf(required), ahead: null);
        return error.Failed ? CapacityError.System : CapacityError.None;
    }

    private SystemError Commit(nuint required, nuint? ahead)
    {
        MappingHandle mapping = _memory.Mapping;
        mapping.Acquire(default);
        try
        {
            SystemError error = ahead is nuint wished ? _memory.EnsureCommitted(required, wished) : _memory.EnsureCommittedExactly(required);
            _capacity = CommittedElements();
            return error;
        }
        finally
        {
            mapping.Release();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void GrowByOne()
    {
        // A list that was disposed has no capacity and comes here.
        ThrowIfFailed(TryReserve(1, grow: true, out SystemError error), error, 1);
    }

    /// <summary>A list that was disposed has no capacity: nobody else needs to ask.</summary>
    private void ThrowIfDisposed()
    {
        _memory.Mapping.Acquire(default);
        _memory.Mapping.Release();
    }

    private void ThrowIfFailed(CapacityError failure, SystemError error, nint wanted)
    {
        if (failure == CapacityError.Overflow)
        {
            throw new InvalidOperationException(
                $"{wanted} elements do not fit beside the list's {_count}: its maximum capacity is {MaximumCapacity} (ListOptions.MaximumCapacity).");
        }

        if (failure == CapacityError.System)
        {
            ThrowIfRefused(error, "Reserve");
        }
    }

    private void ThrowIfRefused(SystemError error, string operation)
    {
        if (error.Failed)
        {
            throw _memory.Mapping.Failure(error, operation, _memory.Mapping.Address, _memory.Committed);
        }
    }
}

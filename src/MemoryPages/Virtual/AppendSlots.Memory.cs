using MemoryPages.Mapping;
using MemoryPages.Platform;

namespace MemoryPages.Virtual;

/// <content>Memory for slots: any thread may make it grow, which takes a lock, once in a doubling; and the end of it.</content>
internal partial struct AppendSlots<TObserver>
{
    /// <summary>Makes sure that so many slots in all have memory.</summary>
    /// <param name="required">Slots that must have it afterwards.</param>
    /// <param name="ahead">Whether to give it to more, as the strategy says, if more are needed at all.</param>
    /// <exception cref="InvalidOperationException">It is more than the maximum.</exception>
    /// <exception cref="ObjectDisposedException">The slots have ended.</exception>
    /// <exception cref="MemoryPagesException">The system has no memory to promise.</exception>
    public void Grow(nint required, bool ahead)
    {
        switch (TryGrow(required, ahead, out SystemError error))
        {
            case CapacityError.Overflow:
                Required(0, required);
                break;
            case CapacityError.System:
                ThrowIfRefused(error, EndOf(required));
                break;
        }
    }

    /// <summary>As <see cref="Grow"/>, with an answer in place of an exception.</summary>
    /// <exception cref="ObjectDisposedException">The slots have ended.</exception>
    public CapacityError TryGrow(nint required, bool ahead, out SystemError error)
    {
        error = SystemError.None;
        if (required > MaximumCapacity)
        {
            return CapacityError.Overflow;
        }

        using (_growing.Enter())
        {
            ObjectDisposedException.ThrowIf(_hasEnded, typeof(ConcurrentVirtualList<>));
            if (required <= Capacity)
            {
                return CapacityError.None;
            }

            // Beyond what is wished, the slack that lets claims overtake the check.
            nint wished = ahead ? _growth.Next(Capacity, required, MaximumCapacity) : required;
            wished += Math.Min(Slack, MaximumCapacity - wished);
            nuint before = _memory.Committed;
            error = _memory.EnsureCommitted(EndOf(required), EndOf(wished));
            if (error.Failed)
            {
                return CapacityError.System;
            }

            // A bit for each slot that has memory; or for as many as the system has bits for.
            nint covered = (nint)Math.Min((_memory.Committed - _elementOffset) / _elementSize, (nuint)MaximumCapacity);
            error = _bitMemory.EnsureCommitted(ReadyBits.BytesFor(covered), ReadyBits.BytesFor(covered));
            covered = (nint)Math.Min((nuint)covered, _bitMemory.Committed * 8);
            if (covered < required)
            {
                _ = _memory.DecommitBehind(before); // nobody knows of it yet
                return CapacityError.System;
            }

            TObserver.At(AppendStep.Committed);
            Volatile.Write(ref _state.Hard, covered);
            Volatile.Write(ref _state.Soft, Math.Max(covered - Slack, 0));
            PublishAbandoned(covered);
            return CapacityError.None;
        }
    }

    /// <summary>The count with so many more.</summary>
    /// <exception cref="InvalidOperationException">It is more than the maximum.</exception>
    public readonly nint Required(nint count, nint additional) => additional <= MaximumCapacity - count
        ? count + additional
        : throw new InvalidOperationException(
            $"{additional} elements do not fit beside the list's {count}: its maximum capacity is {MaximumCapacity} (ListOptions.MaximumCapacity).");

    /// <summary>A lease on the slots from the first to the last before which all are published.</summary>
    /// <exception cref="ObjectDisposedException">The slots have ended.</exception>
    public readonly PageView Published()
    {
        MappingHandle mapping = _memory.Mapping;
        mapping.Acquire(default); // from here on the slots stay, and for a moment the bits
        try
        {
            _bitMemory.Mapping.Acquire(default);
            nint published = _ready.FirstUnset(Frontier, Math.Min(Count, Capacity));
            _bitMemory.Mapping.Release();
            return new PageView(mapping, Address, (nuint)published * _elementSize);
        }
        catch
        {
            mapping.Release();
            throw;
        }
    }

    /// <summary>A lease on what lies before the slots.</summary>
    /// <exception cref="ObjectDisposedException">The slots have ended.</exception>
    public readonly PageView Header()
    {
        MappingHandle mapping = _memory.Mapping;
        mapping.Acquire(default);
        return new PageView(mapping, mapping.Address, _elementOffset);
    }

    /// <summary>Refuses new claims, waits for those under way, and gives everything back. Idempotent.</summary>
    public void End()
    {
        long claimed = Interlocked.Exchange(ref _state.Claimed, ClosedMark);
        if (claimed < 0)
        {
            return;
        }

        TObserver.At(AppendStep.Closed);
        var backoff = default(Backoff);
        while (!TryEnd((nint)claimed))
        {
            backoff.Wait();
        }

        TObserver.At(AppendStep.Settled);
        _memory.Mapping.CloseOnceIdle();
        _bitMemory.Mapping.CloseOnceIdle();
    }

    public static void ThrowIfClosed(long claimed) => ObjectDisposedException.ThrowIf(claimed < 0, typeof(ConcurrentVirtualList<>));

    /// <exception cref="ObjectDisposedException">The slots are closed.</exception>
    public readonly void ThrowIfClosed() => ThrowIfClosed(Volatile.Read(in _state.Claimed));

    /// <summary>Bytes from the reservation's start to behind so many slots.</summary>
    private readonly nuint EndOf(nint slots) => _elementOffset + ((nuint)slots * _elementSize);

    private readonly void ThrowIfRefused(SystemError error, nuint length)
    {
        if (error.Failed)
        {
            throw _memory.Mapping.Failure(error, "Reserve", _memory.Mapping.Address, length);
        }
    }

    /// <summary>
    /// Either the slots were closed, or others took more than the slack provides for: then the slot is used up, and its memory must come now.
    /// </summary>
    private void CoverOvertaken(nint index)
    {
        ThrowIfClosed(index);
        try
        {
            Grow(Required(index, 1), ahead: true);
        }
        catch (Exception) when (index < MaximumCapacity)
        {
            TObserver.At(AppendStep.GrowthFailed);
            Abandon(index);
            throw;
        }
    }

    /// <summary>Somebody else publishes the slot, or the end passes over it.</summary>
    private void Abandon(nint index)
    {
        using (_growing.Enter())
        {
            if (index < Capacity)
            {
                Publish(index); // another thread has grown the list in between
            }
            else
            {
                _abandoned.Add(index);
            }
        }
    }

    private void PublishAbandoned(nint covered)
    {
        foreach (nint index in _abandoned)
        {
            if (index < covered)
            {
                Publish(index);
            }
        }

        _abandoned.RemoveAll(index => index < covered);
    }

    /// <summary>The end, if every claim that has memory is published. Those that have none will find that growing is refused.</summary>
    private bool TryEnd(nint claimed)
    {
        using (_growing.Enter())
        {
            nint covered = Math.Min(claimed, Capacity);
            if (_ready.FirstUnset(Frontier, covered) < covered)
            {
                return false;
            }

            _hasEnded = true;
            Volatile.Write(ref _state.Soft, 0);
            Volatile.Write(ref _state.Hard, 0);
            Volatile.Write(ref _state.Frontier, 0);
            return true;
        }
    }
}

using MemoryPages.Mapping;
using MemoryPages.Platform;
using MemoryPages.Virtual;

namespace MemoryPages;

/// <content>Memory for elements. Any thread may grow the list; growing takes a lock, once in a doubling.</content>
public sealed unsafe partial class ConcurrentVirtualList<T>
{
    private readonly Lock _growing = new();
    private readonly List<(nint Index, nint Count)> _abandoned = [];

    /// <summary>Makes room for at least so many elements in all. When it returns the capacity is there, whoever else was growing.</summary>
    /// <param name="capacity">Elements.</param>
    /// <returns>The capacity now.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is negative.</exception>
    /// <exception cref="InvalidOperationException">It is more than the maximum capacity.</exception>
    /// <exception cref="ObjectDisposedException">The list was disposed.</exception>
    /// <exception cref="MemoryPagesException">The system has no memory to promise. Nothing has changed.</exception>
    public nint EnsureCapacity(nint capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        Grow(capacity, capacity);
        return Capacity;
    }

    /// <summary>Makes room for at least so many elements more than there are.</summary>
    /// <param name="additional">Elements.</param>
    /// <inheritdoc cref="EnsureCapacity" path="/exception"/>
    public void Reserve(nint additional)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(additional);
        nint required = Required(Count, additional);
        Grow(required, _growth.Next(Capacity, required, MaximumCapacity));
    }

    /// <summary>Claims near the end of what is committed, or of what can ever be: by compare-and-swap, so that no index is used up in vain.</summary>
    private nint ClaimSlowly(nint count)
    {
        while (true)
        {
            long claimed = Volatile.Read(ref _state.Claimed);
            ThrowIfClosed(claimed);
            nint required = Required((nint)claimed, count);
            if (required > CommittedSlots)
            {
                Grow(required, _growth.Next(CommittedSlots, required, MaximumCapacity));
            }

            if (Interlocked.CompareExchange(ref _state.Claimed, required, claimed) == claimed)
            {
                return (nint)claimed;
            }
        }
    }

    /// <summary>
    /// Either the list was closed, or more threads than the slack provides for claimed at once: then the index is used up, and its memory must come now.
    /// Where it cannot, the index is published as zeros when there is memory for it.
    /// </summary>
    private void CoverOvertaken(nint index, nint count)
    {
        ThrowIfClosed(index);
        try
        {
            Grow(Required(index, count), index + count);
        }
        catch
        {
            lock (_growing)
            {
                if (index + count <= CommittedSlots)
                {
                    Publish(index, count); // another thread's growth has come in between
                }
                else if (index + count <= MaximumCapacity)
                {
                    _abandoned.Add((index, count));
                }
            }

            throw;
        }
    }

    private static void ThrowIfClosed(long claimed) => ObjectDisposedException.ThrowIf(claimed < 0, typeof(ConcurrentVirtualList<T>));

    private nint Required(nint count, nint additional) => additional <= MaximumCapacity - count
        ? count + additional
        : throw new InvalidOperationException(
            $"{additional} elements do not fit beside the list's {count}: its maximum capacity is {MaximumCapacity} (ListOptions.MaximumCapacity).");

    private void Grow(nint required, nint wished)
    {
        if (required > MaximumCapacity)
        {
            Required(0, required);
        }

        MappingHandle mapping = _memory.Mapping;
        mapping.Acquire(default); // throws where the list was disposed, and holds that off
        bool hasBits = false;
        try
        {
            _bitMemory.Mapping.Acquire(default);
            hasBits = true;
            lock (_growing)
            {
                // Slots and their bits come together; beyond what is needed, the slack that lets claims overtake the check.
                nint target = Math.Min(Math.Max(wished, required) + Slack, MaximumCapacity);
                Commit(_bitMemory, ReadyBits.BytesFor(required), ReadyBits.BytesFor(target));
                Commit(_memory, (nuint)required * (nuint)sizeof(T), (nuint)target * (nuint)sizeof(T));
                nint covered = (nint)Math.Min(Math.Min(_memory.Committed / (nuint)sizeof(T), _bitMemory.Committed * 8), (nuint)MaximumCapacity);
                if (covered > CommittedSlots)
                {
                    Volatile.Write(ref _state.Hard, covered);
                    Volatile.Write(ref _state.Soft, Math.Max(covered - Slack, 0));
                    PublishAbandoned(covered);
                }
            }
        }
        finally
        {
            if (hasBits)
            {
                _bitMemory.Mapping.Release();
            }

            mapping.Release();
        }
    }

    private void PublishAbandoned(nint covered)
    {
        foreach ((nint index, nint count) in _abandoned.FindAll(part => part.Index + part.Count <= covered))
        {
            _abandoned.Remove((index, count));
            Publish(index, count);
        }
    }

    private static void Commit(GrowingMemory memory, nuint required, nuint wished)
    {
        SystemError error = memory.EnsureCommitted(required, wished);
        if (error.Failed)
        {
            throw memory.Mapping.Failure(error, nameof(Reserve), memory.Mapping.Address, wished);
        }
    }
}

using MemoryPages.Platform;

namespace MemoryPages;

/// <content>Memory for elements. Any thread may make the list grow.</content>
public sealed unsafe partial class ConcurrentVirtualList<T>
{
    /// <summary>The number of elements for which memory is committed. A snapshot; it only grows, until the list is disposed: then it is 0.</summary>
    public nint Capacity => _slots.Capacity;

    /// <summary>The most elements that the list can ever hold.</summary>
    public nint MaximumCapacity => _slots.MaximumCapacity;

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
        _slots.Grow(capacity, ahead: false);
        return Math.Max(capacity, Capacity); // the list may have ended in between
    }

    /// <summary>Makes room for at least so many elements more than there are, growing as the strategy says.</summary>
    /// <param name="additional">Elements.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="additional"/> is negative.</exception>
    /// <exception cref="InvalidOperationException">It would be more than the maximum capacity.</exception>
    /// <exception cref="ObjectDisposedException">The list was disposed.</exception>
    /// <exception cref="MemoryPagesException">The system has no memory to promise. Nothing has changed.</exception>
    public void Reserve(nint additional) => GrowBy(additional, ahead: true);

    /// <summary>
    /// As <see cref="Reserve"/>, without growing ahead: what is needed, room for appends that overtake one another, and the rest of the page.
    /// </summary>
    /// <param name="additional">Elements.</param>
    /// <inheritdoc cref="Reserve" path="/exception"/>
    public void ReserveExact(nint additional) => GrowBy(additional, ahead: false);

    /// <summary>As <see cref="Reserve"/>, with an answer in place of an exception.</summary>
    /// <param name="additional">Elements.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="additional"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">The list was disposed.</exception>
    public CapacityError TryReserve(nint additional) => TryGrowBy(additional, ahead: true);

    /// <summary>As <see cref="ReserveExact"/>, with an answer in place of an exception.</summary>
    /// <param name="additional">Elements.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="additional"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">The list was disposed.</exception>
    public CapacityError TryReserveExact(nint additional) => TryGrowBy(additional, ahead: false);

    private void GrowBy(nint additional, bool ahead)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(additional);
        _slots.Grow(_slots.Required(Count, additional), ahead);
    }

    private CapacityError TryGrowBy(nint additional, bool ahead)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(additional);
        nint count = Count;
        return additional > MaximumCapacity - count ? CapacityError.Overflow : _slots.TryGrow(count + additional, ahead, out SystemError _);
    }
}

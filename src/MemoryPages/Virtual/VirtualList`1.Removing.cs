using MemoryPages.Ownership;

namespace MemoryPages;

/// <content>Elements go. None of these gives memory back: <see cref="TrimExcess"/> and <see cref="ClearAndDecommit"/> do.</content>
public sealed unsafe partial class VirtualList<T>
{
    /// <summary>Removes the last element.</summary>
    /// <returns>It.</returns>
    /// <exception cref="InvalidOperationException">The list is empty.</exception>
    public T Pop() => TryPop(out T item) ? item : throw new InvalidOperationException("The list is empty.");

    /// <summary>Removes the last element, if there is one.</summary>
    /// <param name="item">It.</param>
    /// <returns>Whether there was one.</returns>
    public bool TryPop(out T item)
    {
        if (_count == 0)
        {
            item = default;
            return false;
        }

        item = _items[--_count];
        _version++;
        return true;
    }

    /// <summary>Removes an element; those behind it move up.</summary>
    /// <param name="index">Which.</param>
    /// <returns>It.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public T RemoveAt(nint index)
    {
        T item = this[index];
        RemoveRange(index, 1);
        return item;
    }

    /// <summary>Removes elements; those behind them move up.</summary>
    /// <param name="index">The first.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no such elements.</exception>
    public void RemoveRange(nint index, nint count)
    {
        ThrowIfOutside(index, count);
        Move(index + count, index, _count - index - count);
        _count -= count;
        _version++;
    }

    /// <summary>Removes the first element that equals a value.</summary>
    /// <param name="item">The value.</param>
    /// <returns>Whether there was one.</returns>
    public bool Remove(T item)
    {
        nint index = IndexOf(item);
        if (index >= 0)
        {
            RemoveRange(index, 1);
        }

        return index >= 0;
    }

    /// <summary>
    /// Removes every element that a predicate says; the others keep their order. If it throws, none is removed that it has not said.
    /// </summary>
    /// <param name="match">What to remove. It is asked once for each element, in order.</param>
    /// <returns>How many were removed.</returns>
    /// <exception cref="InvalidOperationException">The predicate changed the list.</exception>
    public nint RemoveAll(Predicate<T> match)
    {
        ArgumentNullException.ThrowIfNull(match);
        nint kept = 0;
        nint seen = 0;
        nint count = _count;
        if (count == 0)
        {
            return 0;
        }

        using var foreign = new ForeignCode(this);
        try
        {
            for (; seen < count; seen++)
            {
                T item = _items[seen];
                bool goes = match(item);
                foreign.ThrowIfChanged();
                if (!goes)
                {
                    _items[kept++] = item;
                }
            }
        }
        finally
        {
            // The predicate may have thrown: what was not seen moves up behind what was kept. A list that it changed stays as it left it.
            if (!foreign.HasChanged)
            {
                Move(seen, kept, count - seen);
                _count = kept + (count - seen);
                _version++;
            }
        }

        return seen - kept;
    }

    /// <summary>Removes an element and puts the last one in its place.</summary>
    /// <param name="index">Which.</param>
    /// <returns>The removed one.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public T SwapRemove(nint index)
    {
        T item = this[index];
        _items[index] = Pop();
        return item;
    }

    /// <summary>Removes all elements behind the first ones.</summary>
    /// <param name="count">How many stay; more than there are changes nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    [Invalidates]
    public void Truncate(nint count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        _count = Math.Min(_count, count);
        _version++;
    }

    /// <summary>Removes all elements. Capacity and memory stay.</summary>
    [Invalidates]
    public void Clear() => Truncate(0);

    private void ThrowIfOutside(nint index, nint count)
    {
        if ((nuint)index > (nuint)_count || (nuint)count > (nuint)(_count - index))
        {
            throw new ArgumentOutOfRangeException(nameof(index), index, $"{count} elements from there do not lie within the list's {_count}.");
        }
    }
}

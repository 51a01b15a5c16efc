namespace MemoryPages;

/// <content>Finding, ordering, comparing and copying elements. Lists longer than a span go span by span.</content>
public sealed unsafe partial class VirtualList<T>
{
    /// <summary>Where the first element that equals a value is, or -1.</summary>
    /// <param name="item">The value.</param>
    /// <exception cref="InvalidOperationException">The type's <c>Equals</c> changed the list.</exception>
    public nint IndexOf(T item)
    {
        if (_count == 0)
        {
            return -1;
        }

        using var foreign = new ForeignCode(this);
        for (nint start = 0; start < _count; start += SpanLimit)
        {
            int found = MemoryExtensions.IndexOf((ReadOnlySpan<T>)Elements(start, _count), item, comparer: null);
            foreign.ThrowIfChanged();
            if (found >= 0)
            {
                return start + found;
            }
        }

        return -1;
    }

    /// <summary>Whether an element equals a value.</summary>
    /// <param name="item">The value.</param>
    /// <inheritdoc cref="IndexOf" path="/exception"/>
    public bool Contains(T item) => IndexOf(item) >= 0;

    /// <summary>Where a value is in an ordered list; where it is not, the complement (~) of where it would go.</summary>
    /// <param name="item">The value.</param>
    /// <param name="comparer">The order; null for the type's own.</param>
    /// <exception cref="InvalidOperationException">The comparer changed the list.</exception>
    public nint BinarySearch(T item, IComparer<T>? comparer = null)
    {
        if (_count == 0)
        {
            return ~0;
        }

        using var foreign = new ForeignCode(this);
        comparer ??= Comparer<T>.Default;
        nint low = 0;
        nint high = _count - 1;
        while (low <= high)
        {
            nint middle = low + ((high - low) >> 1);
            int order = comparer.Compare(_items[middle], item);
            foreign.ThrowIfChanged();
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }

    /// <summary>Orders the elements; equal ones in any order.</summary>
    /// <param name="comparer">The order; null for the type's own.</param>
    /// <exception cref="InvalidOperationException">
    /// The comparer threw (its exception is within), contradicts itself, or changed the list. No element is lost, but their order is any.
    /// </exception>
    public void Sort(IComparer<T>? comparer = null)
    {
        if (_count == 0)
        {
            return;
        }

        _version++;
        using var foreign = new ForeignCode(this);
        Sort(0, _count, comparer ?? Comparer<T>.Default);
        foreign.ThrowIfChanged();
    }

    /// <summary>Orders the elements; equal ones in any order.</summary>
    /// <param name="comparison">The order.</param>
    /// <inheritdoc cref="Sort(IComparer{T})" path="/exception"/>
    public void Sort(Comparison<T> comparison) => Sort(Comparer<T>.Create(comparison));

    /// <summary>Turns the order round.</summary>
    public void Reverse()
    {
        if (_count <= SpanLimit)
        {
            Elements(0, _count).Reverse();
        }
        else
        {
            for ((nint low, nint high) = (0, _count - 1); low < high; low++, high--)
            {
                (_items[low], _items[high]) = (_items[high], _items[low]);
            }
        }

        _version++;
    }

    /// <summary>Copies elements out.</summary>
    /// <param name="index">The first.</param>
    /// <param name="destination">Where to; its length says how many.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many.</exception>
    public void CopyTo(nint index, Span<T> destination)
    {
        ThrowIfOutside(index, destination.Length);
        new ReadOnlySpan<T>(_items + index, destination.Length).CopyTo(destination);
    }

    /// <summary>Whether the elements equal others, one by one, in order.</summary>
    /// <param name="other">The others.</param>
    /// <inheritdoc cref="IndexOf" path="/exception"/>
    public bool ContentEquals(VirtualList<T> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (_count != other._count || _count == 0)
        {
            return _count == other._count;
        }

        using var foreign = new ForeignCode(this);
        using var foreignToOther = new ForeignCode(other);
        for (nint start = 0; start < _count; start += SpanLimit)
        {
            bool equal = MemoryExtensions.SequenceEqual((ReadOnlySpan<T>)Elements(start, _count), other.Elements(start, _count), comparer: null);
            foreign.ThrowIfChanged();
            foreignToOther.ThrowIfChanged();
            if (!equal)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the elements equal others, one by one, in order.</summary>
    /// <param name="other">The others.</param>
    /// <inheritdoc cref="IndexOf" path="/exception"/>
    public bool ContentEquals(ReadOnlySpan<T> other)
    {
        if (_count != other.Length || _count == 0)
        {
            return _count == other.Length;
        }

        using var foreign = new ForeignCode(this);
        bool equal = MemoryExtensions.SequenceEqual(new ReadOnlySpan<T>(_items, other.Length), other, comparer: null);
        foreign.ThrowIfChanged();
        return equal;
    }

    /// <summary>Halves what is longer than a span can be, around an element from its middle, until spans can be sorted.</summary>
    private void Sort(nint start, nint end, IComparer<T> comparer)
    {
        while (end - start > SpanLimit)
        {
            T pivot = _items[start + ((end - start) >> 1)];
            nint low = start;
            nint high = end - 1;
            while (low <= high)
            {
                while (low < end && comparer.Compare(_items[low], pivot) < 0)
                {
                    low++;
                }

                while (high >= start && comparer.Compare(pivot, _items[high]) < 0)
                {
                    high--;
                }

                if (low == end || high < start)
                {
                    throw new InvalidOperationException("The comparer contradicts itself: it orders an element before and behind all others.");
                }

                if (low <= high)
                {
                    (_items[low], _items[high]) = (_items[high], _items[low]);
                    low++;
                    high--;
                }
            }

            // The smaller side by recursion, so that its depth stays small.
            if (high + 1 - start < end - low)
            {
                Sort(start, high + 1, comparer);
                start = low;
            }
            else
            {
                Sort(low, end, comparer);
                end = high + 1;
            }
        }

        Elements(start, end).Sort(comparer);
    }
}

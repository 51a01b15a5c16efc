using System.Buffers;
using System.Runtime.CompilerServices;

namespace MemoryPages;

/// <content>Elements come.</content>
public sealed unsafe partial class VirtualList<T>
{
    /// <summary>Adds an element at the end.</summary>
    /// <param name="item">The element.</param>
    /// <exception cref="InvalidOperationException">The list holds its maximum.</exception>
    /// <exception cref="ObjectDisposedException">The list was disposed.</exception>
    /// <exception cref="MemoryPagesException">The system has no memory to promise. Nothing has changed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(T item)
    {
        nint count = _count;
        if (count >= _capacity)
        {
            GrowByOne();
        }

        _items[count] = item;
        _count = count + 1;
    }

    /// <summary>Adds an element at the end if there is capacity for it: commits nothing.</summary>
    /// <param name="item">The element.</param>
    /// <returns>Whether it was added.</returns>
    public bool TryAddWithinCapacity(T item)
    {
        if (_count >= _capacity)
        {
            return false;
        }

        _items[_count++] = item;
        return true;
    }

    /// <summary>Adds elements at the end: all or, where they cannot be had, none. They may be the list's own.</summary>
    /// <param name="items">The elements.</param>
    /// <inheritdoc cref="Add" path="/exception"/>
    public void AddRange(ReadOnlySpan<T> items)
    {
        Reserve(items.Length);
        items.CopyTo(new Span<T>(_items + _count, items.Length));
        _count += items.Length;
    }

    /// <summary>Adds elements at the end: all or, where they cannot be had, none.</summary>
    /// <param name="items">The elements.</param>
    /// <inheritdoc cref="Add" path="/exception"/>
    public void AddRange(IEnumerable<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        nint before = _count;
        try
        {
            if (items.TryGetNonEnumeratedCount(out int count))
            {
                Reserve(count);
            }

            foreach (T item in items)
            {
                Add(item);
            }
        }
        catch
        {
            _count = Math.Min(_count, before);
            throw;
        }
    }

    /// <summary>Adds elements at the end: all or, where they cannot be had, none.</summary>
    /// <param name="items">The elements.</param>
    /// <inheritdoc cref="Add" path="/exception"/>
    public void AddRange(in ReadOnlySequence<T> items)
    {
        Reserve((nint)items.Length);
        nint before = _count;
        try
        {
            foreach (ReadOnlyMemory<T> part in items)
            {
                AddRange(part.Span);
            }
        }
        catch
        {
            _count = Math.Min(_count, before);
            throw;
        }
    }

    /// <summary>Puts an element in front of another.</summary>
    /// <param name="index">Where; the count for the end.</param>
    /// <param name="item">The element.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place.</exception>
    /// <inheritdoc cref="Add" path="/exception"/>
    public void Insert(nint index, T item) => InsertRange(index, new ReadOnlySpan<T>(in item));

    /// <summary>Puts elements in front of another. They must not be the list's own.</summary>
    /// <param name="index">Where; the count for the end.</param>
    /// <param name="items">The elements.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place.</exception>
    /// <inheritdoc cref="Add" path="/exception"/>
    public void InsertRange(nint index, ReadOnlySpan<T> items)
    {
        if ((nuint)index > (nuint)_count)
        {
            ThrowIndex(index, _count);
        }

        Reserve(items.Length);
        Move(index, index + items.Length, _count - index);
        items.CopyTo(new Span<T>(_items + index, items.Length));
        _count += items.Length;
        _version++;
    }

    /// <summary>Copies elements within the list; the parts may overlap.</summary>
    private void Move(nint from, nint to, nint count)
    {
        ulong bytes = (ulong)count * (ulong)sizeof(T);
        Buffer.MemoryCopy(_items + from, _items + to, bytes, bytes);
    }
}

using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

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

    /// <summary>Adds elements at the end: all or, where they cannot be had, none. They may be the list itself.</summary>
    /// <param name="items">The elements.</param>
    /// <inheritdoc cref="Add" path="/exception"/>
    public void AddRange(IEnumerable<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        switch (items)
        {
            case VirtualList<T> list:
                AddElementsOf(list);
                break;
            case List<T> list:
                AddRange((ReadOnlySpan<T>)CollectionsMarshal.AsSpan(list));
                break;
            case T[] array:
                AddRange((ReadOnlySpan<T>)array);
                break;
            default:
                AllOrNone(items, static (list, items) => list.AddOneByOne(items));
                break;
        }
    }

    /// <summary>Adds elements at the end: all or, where they cannot be had, none.</summary>
    /// <param name="items">The elements.</param>
    /// <inheritdoc cref="Add" path="/exception"/>
    public void AddRange(in ReadOnlySequence<T> items)
    {
        Reserve((nint)items.Length);
        AllOrNone(items, static (list, items) =>
        {
            foreach (ReadOnlyMemory<T> part in items)
            {
                list.AddRange(part.Span);
            }
        });
    }

    /// <summary>Puts an element in front of another.</summary>
    /// <param name="index">Where; the count for the end.</param>
    /// <param name="item">The element.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place.</exception>
    /// <inheritdoc cref="Add" path="/exception"/>
    public void Insert(nint index, T item) => InsertRange(index, new ReadOnlySpan<T>(in item));

    /// <summary>Puts elements in front of another. They may be the list's own, as they were before.</summary>
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
        fixed (T* source = items)
        {
            nuint length = (nuint)items.Length * (nuint)sizeof(T);
            byte* place = (byte*)(_items + index);
            Move(index, index + items.Length, _count - index);

            // Own elements behind the place have just moved up by the length of all.
            bool own = source >= _items && source < _items + _count;
            nuint unmoved = !own ? length : source < place ? Math.Min((nuint)(place - (byte*)source), length) : 0;
            Buffer.MemoryCopy(source, place, length, unmoved);
            Buffer.MemoryCopy((byte*)source + unmoved + length, place + unmoved, length - unmoved, length - unmoved);
        }

        _count += items.Length;
        _version++;
    }

    private void AddElementsOf(VirtualList<T> list)
    {
        nint added = list._count;
        Reserve(added);
        ulong bytes = (ulong)added * (ulong)sizeof(T);
        Buffer.MemoryCopy(list._items, _items + _count, bytes, bytes);
        _count += added;
    }

    private void AddOneByOne(IEnumerable<T> items)
    {
        Reserve(items.TryGetNonEnumeratedCount(out int count) ? count : 0);
        foreach (T item in items)
        {
            Add(item);
        }
    }

    /// <summary>Takes back what was added when the source of elements fails, or the memory for them.</summary>
    private void AllOrNone<TItems>(TItems items, Action<VirtualList<T>, TItems> add)
    {
        nint before = _count;
        try
        {
            add(this, items);
        }
        catch
        {
            Truncate(before);
            throw;
        }
    }

    /// <summary>Copies elements within the list; the parts may overlap.</summary>
    private void Move(nint from, nint to, nint count)
    {
        ulong bytes = (ulong)count * (ulong)sizeof(T);
        Buffer.MemoryCopy(_items + from, _items + to, bytes, bytes);
    }
}

using System.Runtime.InteropServices;
using MemoryPages.Allocators;
using MemoryPages.Ownership;

namespace MemoryPages;

/// <content>The memory that elements have, and how it follows them.</content>
public unsafe partial struct BoxedList<T, TAllocator>
{
    private const nuint Fewest = 4; // of elements: what an empty list grows to

    /// <summary>The elements, owned by the list still.</summary>
    internal readonly BoxedSpan<T, TAllocator> Elements => new(_items, _count);

    /// <summary>Has memory for so many elements.</summary>
    /// <param name="capacity">Elements, those that are there among them.</param>
    /// <exception cref="ArgumentOutOfRangeException">Their size is beyond any address space.</exception>
    /// <exception cref="MemoryPagesException">There is no memory to be had: the list is as it was.</exception>
    /// <exception cref="ObjectDisposedException">The list was disposed or moved, or is a default one, or its allocator was lost.</exception>
    [Invalidates]
    public void EnsureCapacity(nuint capacity)
    {
        if (!TryEnsureCapacity(capacity, out TAllocator? allocator))
        {
            throw BoxMemory<TAllocator>.Refusal(allocator!, nameof(EnsureCapacity), Layout.Of<T>(capacity));
        }
    }

    /// <summary>Has memory for so many elements.</summary>
    /// <param name="capacity">Elements, those that are there among them.</param>
    /// <returns>False where there is no memory to be had: the list is as it was.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Their size is beyond any address space.</exception>
    /// <exception cref="ObjectDisposedException">The list was disposed or moved, or is a default one, or its allocator was lost.</exception>
    [Invalidates]
    public bool TryEnsureCapacity(nuint capacity) => TryEnsureCapacity(capacity, out _);

    /// <summary>Gives memory back that no element is in.</summary>
    /// <returns>False where the allocator cannot: the list is as it was.</returns>
    /// <exception cref="ObjectDisposedException">The list was disposed or moved, or is a default one, or its allocator was lost.</exception>
    [Invalidates]
    public bool TrimExcess() => _count == _capacity || TryResize(Allocator(), _count);

    /// <summary>The elements as a boxed span, in memory as long as they are. The list is a default one afterwards.</summary>
    /// <exception cref="MemoryPagesException">The allocator could not give the rest of the memory back: the list is as it was.</exception>
    /// <exception cref="ObjectDisposedException">The list was disposed or moved, or is a default one, or its allocator was lost.</exception>
    [Consumes]
    public BoxedSpan<T, TAllocator> IntoSpan()
    {
        TAllocator allocator = Allocator();
        if (_count != _capacity && !TryResize(allocator, _count))
        {
            throw BoxMemory<TAllocator>.Refusal(allocator, nameof(IntoSpan), Layout.Of<T>(_count));
        }

        BoxedSpan<T, TAllocator> elements = Elements;
        this = default;
        return elements;
    }

    internal static bool TryMake(nuint capacity, TAllocator allocator, out BoxedList<T, TAllocator> list)
    {
        bool made = BoxMemory<TAllocator>.TryAllocate(allocator, Layout.Of<T>(capacity), zeroed: false, out void* items);
        list = new BoxedList<T, TAllocator>((T*)items, 0, made ? capacity : 0);
        return made;
    }

    private bool TryAddRange(ReadOnlySpan<T> source, ref TAllocator? allocator)
    {
        BoxErrors.ThrowIfOwning<T>(nameof(AddRange));
        fixed (T* first = source)
        {
            // The list's own elements may move with it.
            nuint offset = (nuint)first - (nuint)_items;
            bool isOwn = offset < _count * (nuint)sizeof(T);
            if ((nuint)source.Length > _capacity - _count && !TryGrow((nuint)source.Length, out allocator))
            {
                return false;
            }

            NativeMemory.Copy(isOwn ? (byte*)_items + offset : first, _items + _count, (nuint)source.Length * (nuint)sizeof(T));
        }

        _count += (nuint)source.Length;
        return true;
    }

    /// <summary>For a value that has no place to be if this fails.</summary>
    private void GrowOrDrop(ref T value)
    {
        bool grown = false;
        try
        {
            grown = TryGrow(1, out TAllocator? allocator);
            if (!grown)
            {
                throw BoxMemory<TAllocator>.Refusal(allocator!, nameof(Add), Layout.Of<T>(_count + 1));
            }
        }
        finally
        {
            if (!grown)
            {
                Cleanup<T>.RunAfterFailure(ref value);
            }
        }
    }

    /// <summary>Has memory for some elements more, and twice what it had at least, so that adding one costs the same in the long run.</summary>
    private bool TryGrow(nuint more, out TAllocator? allocator)
    {
        allocator = Allocator();
        nuint needed = checked(_count + more);
        nuint longest = (nuint)nint.MaxValue / (nuint)sizeof(T);
        nuint doubled = Math.Max(_capacity <= longest / 4 ? 2 * _capacity : 0, Fewest);
        return needed <= longest && ((doubled > needed && TryResize(allocator, doubled)) || TryResize(allocator, needed));
    }

    private bool TryEnsureCapacity(nuint capacity, out TAllocator? allocator)
    {
        allocator = Allocator();
        return capacity <= _capacity || TryResize(allocator, capacity);
    }

    private bool TryResize(TAllocator allocator, nuint capacity)
    {
        void* items = _items;
        bool resized = BoxMemory<TAllocator>.TryResize(allocator, ref items, Layout.Of<T>(_capacity), Layout.Of<T>(capacity));
        _items = (T*)items;
        _capacity = resized ? capacity : _capacity;
        return resized;
    }

    private readonly TAllocator Allocator() => BoxMemory<TAllocator>.Of(_items, Layout.Of<T>(_capacity));
}

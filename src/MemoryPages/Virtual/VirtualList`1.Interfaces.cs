using System.Buffers;
using System.Collections;
using MemoryPages.Virtual;

namespace MemoryPages;

/// <content>What the framework knows lists by: those interfaces count in <see cref="int"/>, and refuse where the list is longer.</content>
public sealed unsafe partial class VirtualList<T> : IList<T>, IReadOnlyList<T>, IBufferWriter<T>
{
    int ICollection<T>.Count => checked((int)_count);

    int IReadOnlyCollection<T>.Count => checked((int)_count);

    bool ICollection<T>.IsReadOnly => false;

    T IList<T>.this[int index]
    {
        get => this[index];
        set => this[index] = value;
    }

    T IReadOnlyList<T>.this[int index] => this[index];

    /// <summary>
    /// Goes through the elements by value, without allocating. <c>foreach (ref T item in view.Elements&lt;T&gt;())</c> goes by reference.
    /// </summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>The elements as a sequence of memories, for what takes more than 2^31-1 of them. They are this list's own, and end with it.</summary>
    public ReadOnlySequence<T> ToSequence()
    {
        ListSegment<T>? first = null;
        ListSegment<T>? last = null;
        for (nint start = 0; start < _count; start += SpanLimit)
        {
            var memory = new ListMemory<T>(_memory, _items + start, Elements(start, _count).Length);
            last = new ListSegment<T>(memory.Memory, last);
            first ??= last;
        }

        return first is null ? ReadOnlySequence<T>.Empty : new ReadOnlySequence<T>(first, 0, last!, last!.Memory.Length);
    }

    int IList<T>.IndexOf(T item) => checked((int)IndexOf(item));

    void IList<T>.Insert(int index, T item) => Insert(index, item);

    void IList<T>.RemoveAt(int index) => RemoveAt(index);

    void ICollection<T>.CopyTo(T[] array, int arrayIndex)
    {
        ArgumentNullException.ThrowIfNull(array);
        CopyTo(0, array.AsSpan(arrayIndex, checked((int)_count)));
    }

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    void IBufferWriter<T>.Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _capacity - _count);
        _count += count;
    }

    Memory<T> IBufferWriter<T>.GetMemory(int sizeHint)
    {
        Span<T> free = ((IBufferWriter<T>)this).GetSpan(sizeHint);
        return new ListMemory<T>(_memory, _items + _count, free.Length).Memory;
    }

    Span<T> IBufferWriter<T>.GetSpan(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        Reserve(Math.Max(sizeHint, 1));
        return Elements(_count, _capacity);
    }

    /// <summary>Goes through a list by value.</summary>
    public struct Enumerator : IEnumerator<T>
    {
        private readonly VirtualList<T> _list;
        private readonly nint _count;
        private readonly int _version;
        private nint _next;

        internal Enumerator(VirtualList<T> list)
        {
            _list = list;
            _count = list._count;
            _version = list._version;
        }

        /// <inheritdoc/>
        public T Current { get; private set; }

        readonly object IEnumerator.Current => Current;

        /// <inheritdoc/>
        /// <exception cref="InvalidOperationException">The list has changed since the beginning.</exception>
        public bool MoveNext()
        {
            T* items = _list._items; // before the branches: so the JIT moves it out of the loop
            ThrowIfChanged();
            if (_next >= _count)
            {
                return false;
            }

            Current = items[_next++];
            return true;
        }

        /// <inheritdoc/>
        /// <exception cref="InvalidOperationException">The list has changed since the beginning.</exception>
        public void Reset()
        {
            ThrowIfChanged();
            _next = 0;
        }

        /// <inheritdoc/>
        public readonly void Dispose()
        {
        }

        private readonly void ThrowIfChanged()
        {
            if (_count != _list._count || _version != _list._version)
            {
                Throw();
            }

            static void Throw() => throw new InvalidOperationException("The list has changed while it was gone through.");
        }
    }
}

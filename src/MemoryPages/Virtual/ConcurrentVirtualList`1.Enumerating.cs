using System.Collections;
using MemoryPages.Ownership;

namespace MemoryPages;

/// <content>Going through what is published.</content>
public sealed unsafe partial class ConcurrentVirtualList<T> : IEnumerable<T>
{
    /// <summary>Goes through the elements that are published when it comes to them, up to the count at its beginning. Allocates nothing.</summary>
    [UsableWhenSpent]
    public Enumerator GetEnumerator() => new(this);

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Goes through a concurrent list by value.</summary>
    public struct Enumerator : IEnumerator<T>
    {
        private readonly ConcurrentVirtualList<T> _list;
        private readonly nint _end;

        // As far as the frontier was when it was last asked. What appends write is asked again only behind it: each reading of that takes its cache
        // line from them.
        private nint _inOrder;

        internal Enumerator(ConcurrentVirtualList<T> list)
        {
            _list = list;
            _end = list.Count;
            Index = -1;
        }

        /// <summary>The index of <see cref="Current"/>.</summary>
        public nint Index { get; private set; }

        /// <inheritdoc/>
        public T Current { get; private set; }

        readonly object IEnumerator.Current => Current;

        /// <inheritdoc/>
        public bool MoveNext()
        {
            while (++Index < _end)
            {
                if (Index < Math.Min(_inOrder, _list.Capacity) || IsPublished())
                {
                    Current = _list._items[Index];
                    return true;
                }
            }

            return false;
        }

        /// <inheritdoc/>
        public void Reset() => Index = -1;

        /// <inheritdoc/>
        public readonly void Dispose()
        {
        }

        private bool IsPublished()
        {
            _inOrder = _list._slots.Frontier;
            return _list.IsPublished(Index);
        }
    }
}

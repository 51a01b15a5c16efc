namespace MemoryPages;

/// <content>Code that is not ours and runs in the middle of a verb.</content>
public sealed unsafe partial class VirtualList<T>
{
    /// <summary>
    /// Around comparers, predicates and <c>Equals</c>. Whatever they do to the list, the memory that the verb goes through stays (trimming is
    /// refused, disposing waits), and that they did something is found out.
    /// </summary>
    private readonly ref struct ForeignCode
    {
        private readonly VirtualList<T> _list;
        private readonly nint _count;
        private readonly int _version;

        public ForeignCode(VirtualList<T> list)
        {
            list._memory.Mapping.Acquire(default);
            (_list, _count, _version) = (list, list._count, list._version);
        }

        public bool HasChanged => _count != _list._count || _version != _list._version;

        public void ThrowIfChanged()
        {
            if (HasChanged)
            {
                throw new InvalidOperationException("The comparer, predicate or Equals that the list called has changed the list.");
            }
        }

        public void Dispose() => _list._memory.Mapping.Release();
    }
}

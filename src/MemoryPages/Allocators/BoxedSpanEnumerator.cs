using System.Runtime.CompilerServices;

namespace MemoryPages;

/// <summary>Goes through the elements of a boxed span.</summary>
/// <typeparam name="T">Their type.</typeparam>
public unsafe ref struct BoxedSpanEnumerator<T>
    where T : unmanaged
{
    private readonly T* _end;
    private T* _next;

    internal BoxedSpanEnumerator(T* items, nuint length)
    {
        _next = items;
        _end = items + length;
    }

    /// <summary>The element, by reference.</summary>
    public readonly ref T Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _next[-1];
    }

    /// <summary>To the next element.</summary>
    /// <returns>False behind the last one.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MoveNext()
    {
        if (_next == _end)
        {
            return false;
        }

        _next++;
        return true;
    }
}

using System.Diagnostics;
using System.Runtime.CompilerServices;
using MemoryPages.Allocators;
using MemoryPages.Ownership;

namespace MemoryPages;

/// <summary>Memory for a value that is not there yet: <see cref="Set"/> makes it a box. Disposing it frees the memory and nothing else.</summary>
/// <typeparam name="T">The value's type: no references in it.</typeparam>
/// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
[DebuggerDisplay("(uninitialized)")]
[MoveOnly, Owner]
public unsafe struct UninitializedBox<T, TAllocator> : IDisposable
    where T : unmanaged
    where TAllocator : IAllocator
{
    private T* _place;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal UninitializedBox(T* place) => _place = place;

    /// <summary>False for one that is <c>default</c>, or was set or disposed.</summary>
    [UsableWhenSpent]
    public readonly bool HasMemory => _place != null;

    internal readonly T* Place => _place == null ? throw BoxErrors.Empty() : _place;

    /// <summary>Puts the value into the memory, and hands both on as a box.</summary>
    /// <param name="value">The value.</param>
    /// <exception cref="ObjectDisposedException">The memory was freed or handed on.</exception>
    [Consumes]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Box<T, TAllocator> Set([Consumes] T value)
    {
        *Place = value;
        return Initialized();
    }

    /// <summary>Frees the memory. Idempotent.</summary>
    public void Dispose()
    {
        T* place = _place;
        if (place != null)
        {
            _place = null;
            BoxMemory<TAllocator>.Free(place, Layout.Of<T>());
        }
    }

    internal static bool TryMake(TAllocator allocator, out UninitializedBox<T, TAllocator> box)
    {
        bool made = BoxMemory<TAllocator>.TryAllocate(allocator, Layout.Of<T>(), zeroed: false, out void* pointer);
        box = new UninitializedBox<T, TAllocator>((T*)pointer);
        return made;
    }

    [Consumes]
    internal Box<T, TAllocator> Initialized()
    {
        var box = new Box<T, TAllocator>(Place);
        _place = null;
        return box;
    }
}

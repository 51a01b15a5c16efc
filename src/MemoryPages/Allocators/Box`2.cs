using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MemoryPages.Allocators;
using MemoryPages.Ownership;

namespace MemoryPages;

/// <summary>
/// Owns one value in an allocator's memory. Disposing it disposes the value, if that has a Dispose, and frees the memory: once, in this order.
/// </summary>
/// <remarks>
/// <para>
/// A box is one pointer, whatever the allocator, and itself an unmanaged value: boxes may stand in values that are boxed. It finds its allocator by
/// itself: one without state costs nothing, the state of a struct and a handle to a class stand behind the value, in the same block.
/// </para>
/// <para>
/// There is one of each box. Hand it on with <see cref="Move"/>, or by returning it; a copy would free the same memory again, which the analyzer
/// reports (MP1004) and the run time cannot always find out. A struct that holds boxes disposes them in its own Dispose (MP1009). <c>default</c> is
/// an empty box: disposing it does nothing. Disposing a box empties it.
/// </para>
/// <para>Not thread-safe. The value may be used, and the box disposed, on any thread that its allocator allows to free.</para>
/// </remarks>
/// <typeparam name="T">The value's type: no references in it.</typeparam>
/// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
[DebuggerDisplay("{ToString(),nq}")]
[DebuggerTypeProxy(typeof(BoxDebugView<,>))]
[MoveOnly, Owner]
public unsafe struct Box<T, TAllocator> : IDisposable, IEquatable<Box<T, TAllocator>>
    where T : unmanaged
    where TAllocator : IAllocator
{
    // An access to an empty box touches an address below this, which every system keeps inaccessible.
    private const int FaultsByItself = 2048;

    private T* _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Box(T* value) => _value = value;

    /// <summary>False for an empty box: <c>default</c>, or one that was disposed or moved.</summary>
    [UsableWhenSpent]
    public readonly bool HasValue => _value != null;

    /// <summary>The value, by reference, for as long as the box is not disposed: an access costs what one through a pointer does.</summary>
    /// <remarks>What is overwritten is not disposed: <see cref="Replace"/> gives it back.</remarks>
    /// <exception cref="NullReferenceException">The box is empty, and the reference is read or written.</exception>
    [UnscopedRef]
    public readonly ref T Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (sizeof(T) > FaultsByItself)
            {
                _ = Volatile.Read(ref *(byte*)_value);
            }

            return ref *_value;
        }
    }

    internal readonly T* Pointer => _value == null ? throw BoxErrors.Empty() : _value;

    /// <summary>Makes the box empty, without an end of the value.</summary>
    [Consumes]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal T* Release()
    {
        T* pointer = Pointer;
        _value = null;
        return pointer;
    }

    /// <summary>Equal values, or both empty.</summary>
    /// <param name="left">A box.</param>
    /// <param name="right">Another.</param>
    public static bool operator ==(in Box<T, TAllocator> left, in Box<T, TAllocator> right) => left._value == null || right._value == null
        ? left._value == right._value
        : EqualityComparer<T>.Default.Equals(*left._value, *right._value);

    /// <summary>Different values, or one of them empty.</summary>
    /// <param name="left">A box.</param>
    /// <param name="right">Another.</param>
    public static bool operator !=(in Box<T, TAllocator> left, in Box<T, TAllocator> right) => !(left == right);

    /// <summary>The box, moved: to another variable, into a value, to a method. This one is empty afterwards.</summary>
    /// <remarks>A <c>using</c> variable that was moved disposes nothing.</remarks>
    [Consumes]
    public Box<T, TAllocator> Move()
    {
        var moved = new Box<T, TAllocator>(_value);
        _value = null;
        return moved;
    }

    /// <summary>The value itself. Its memory is freed; it is not disposed, but the caller's now.</summary>
    /// <exception cref="ObjectDisposedException">The box is empty.</exception>
    [Consumes]
    public T Take()
    {
        T* pointer = Release();
        T value = *pointer;
        BoxMemory<TAllocator>.Free(pointer, Layout.Of<T>());
        return value;
    }

    /// <summary>Puts a value in the place of the one that is there.</summary>
    /// <param name="value">The new value.</param>
    /// <returns>The old one, which is not disposed, but the caller's.</returns>
    /// <exception cref="ObjectDisposedException">The box is empty.</exception>
    public readonly T Replace([Consumes] T value)
    {
        T* pointer = Pointer;
        T old = *pointer;
        *pointer = value;
        return old;
    }

    /// <summary>Another box with the same value, from the same allocator.</summary>
    /// <exception cref="NotSupportedException">The value has a Dispose: whatever it owns would be owned twice.</exception>
    /// <exception cref="MemoryPagesException">There is no memory to be had.</exception>
    /// <exception cref="ObjectDisposedException">The box is empty, or its allocator was lost.</exception>
    [return: Owned]
    public readonly Box<T, TAllocator> Clone()
    {
        T value = Cloned(out TAllocator allocator);
        return Make(value, allocator, nameof(Clone));
    }

    /// <summary>As <see cref="Clone"/>; false where there is no memory to be had.</summary>
    /// <param name="box">Another box with the same value, or an empty one.</param>
    /// <exception cref="NotSupportedException">The value has a Dispose: whatever it owns would be owned twice.</exception>
    /// <exception cref="ObjectDisposedException">The box is empty, or its allocator was lost.</exception>
    public readonly bool TryClone([Owned] out Box<T, TAllocator> box)
    {
        T value = Cloned(out TAllocator allocator);
        return TryMake(value, allocator, out box);
    }

    /// <summary>The order of the values; an empty box comes before all others.</summary>
    /// <param name="other">What to compare with.</param>
    /// <returns>Less than 0, 0, more than 0.</returns>
    /// <exception cref="ArgumentException">The values have no order.</exception>
    public readonly int CompareTo(in Box<T, TAllocator> other) => _value == null || other._value == null
        ? HasValue.CompareTo(other.HasValue)
        : Comparer<T>.Default.Compare(*_value, *other._value);

    /// <inheritdoc/>
    public override readonly bool Equals([NotNullWhen(true)] object? obj) => 
        obj is Box<T, TAllocator> && this == (Box<T, TAllocator>)obj;

    readonly bool IEquatable<Box<T, TAllocator>>.Equals(Box<T, TAllocator> other) => this == other;

    /// <inheritdoc/>
    public override readonly int GetHashCode() => _value == null ? 0 : EqualityComparer<T>.Default.GetHashCode(*_value);

    /// <summary>The value as text.</summary>
    public override readonly string ToString() => _value == null ? "(empty)" : _value->ToString() ?? "";

    /// <summary>
    /// Disposes the value, if it has a Dispose, and frees its memory, also if that throws. Idempotent, as long as the box is not copied.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// This is a copy of a box that was disposed: found out where the allocator is a class, if at all.
    /// </exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose()
    {
        T* pointer = _value;
        if (pointer == null)
        {
            return;
        }

        _value = null; // first: a cleanup that comes back here finds nothing to do
        if (Cleanup<T>.IsNeeded)
        {
            BoxMemory<TAllocator>.DropAll(pointer, 1, 1);
        }
        else
        {
            BoxMemory<TAllocator>.Free(pointer, Layout.Of<T>());
        }
    }

    /// <summary>A box with the value, which is disposed if there is no place for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Box<T, TAllocator> Make(T value, TAllocator allocator, string operation)
    {
        T* pointer = Cleanup<T>.IsNeeded ? AllocateOrDrop(ref value, allocator, operation) : Allocate(allocator, zeroed: false, operation);
        *pointer = value;
        return new Box<T, TAllocator>(pointer);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryMake(T value, TAllocator allocator, out Box<T, TAllocator> box)
    {
        bool made = BoxMemory<TAllocator>.TryAllocate(allocator, Layout.Of<T>(), zeroed: false, out void* pointer);
        box = new Box<T, TAllocator>((T*)pointer);
        if (made)
        {
            *(T*)pointer = value;
        }

        return made;
    }

    internal static bool TryMakeZeroed(TAllocator allocator, out Box<T, TAllocator> box)
    {
        bool made = BoxMemory<TAllocator>.TryAllocate(allocator, Layout.Of<T>(), zeroed: true, out void* pointer);
        box = new Box<T, TAllocator>((T*)pointer);
        return made;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T* Allocate(TAllocator allocator, bool zeroed, string operation)
    {
        if (!BoxMemory<TAllocator>.TryAllocate(allocator, Layout.Of<T>(), zeroed, out void* pointer))
        {
            throw BoxMemory<TAllocator>.Refusal(allocator, operation, Layout.Of<T>());
        }

        return (T*)pointer;
    }

    private static T* AllocateOrDrop(ref T value, TAllocator allocator, string operation)
    {
        try
        {
            return Allocate(allocator, zeroed: false, operation);
        }
        catch
        {
            Cleanup<T>.RunAfterFailure(ref value);
            throw;
        }
    }

    private readonly T Cloned(out TAllocator allocator)
    {
        BoxErrors.ThrowIfOwning<T>(nameof(Clone));
        allocator = BoxMemory<TAllocator>.Of(_value, Layout.Of<T>());
        return *_value;
    }
}

/// <summary>What a debugger shows of a box: its value.</summary>
internal sealed class BoxDebugView<T, TAllocator>(Box<T, TAllocator> box)
    where T : unmanaged
    where TAllocator : IAllocator
{
    [DebuggerBrowsable(DebuggerBrowsableState.RootHidden)]
    public T[] Value { get; } = box.HasValue ? [box.Value] : [];
}

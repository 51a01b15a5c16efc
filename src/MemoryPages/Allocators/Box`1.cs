using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MemoryPages.Allocators;
using MemoryPages.Ownership;

namespace MemoryPages;

/// <summary>A <see cref="Box{T, TAllocator}"/> of the native heap, which is used where no allocator is named.</summary>
/// <remarks>The two convert into each other, at no cost.</remarks>
/// <typeparam name="T">The value's type: no references in it.</typeparam>
[DebuggerDisplay("{ToString(),nq}")]
[DebuggerTypeProxy(typeof(BoxDebugView<>))]
[MoveOnly, Owner]
public struct Box<T> : IDisposable, IEquatable<Box<T>>
    where T : unmanaged
{
    private Box<T, NativeAllocator> _box;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Box([Consumes] Box<T, NativeAllocator> box) => _box = box.Move();

    /// <inheritdoc cref="Box{T, TAllocator}.HasValue"/>
    [UsableWhenSpent]
    public readonly bool HasValue => _box.HasValue;

    /// <inheritdoc cref="Box{T, TAllocator}.Value"/>
    [UnscopedRef]
    public readonly ref T Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _box.Value;
    }

    /// <summary>The same box, with its allocator named.</summary>
    /// <param name="box">The box, which is handed on.</param>
    public static implicit operator Box<T, NativeAllocator>([Consumes] Box<T> box) => box._box.Move();

    /// <summary>The same box, without the allocator's name.</summary>
    /// <param name="box">The box, which is handed on.</param>
    public static implicit operator Box<T>([Consumes] Box<T, NativeAllocator> box) => new(box.Move());

    /// <inheritdoc cref="Box{T, TAllocator}.op_Equality"/>
    public static bool operator ==(in Box<T> left, in Box<T> right) => left._box == right._box;

    /// <inheritdoc cref="Box{T, TAllocator}.op_Inequality"/>
    public static bool operator !=(in Box<T> left, in Box<T> right) => left._box != right._box;

    /// <inheritdoc cref="Box{T, TAllocator}.Move"/>
    [Consumes]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Box<T> Move() => new(_box.Move());

    /// <inheritdoc cref="Box{T, TAllocator}.Take"/>
    [Consumes]
    public T Take() => _box.Take();

    /// <inheritdoc cref="Box{T, TAllocator}.Replace"/>
    public readonly T Replace([Consumes] T value) => _box.Replace(value);

    /// <inheritdoc cref="Box{T, TAllocator}.Clone"/>
    [return: Owned]
    public readonly Box<T> Clone() => new(_box.Clone());

    /// <inheritdoc cref="Box{T, TAllocator}.TryClone"/>
    public readonly bool TryClone([Owned] out Box<T> box)
    {
        bool cloned = _box.TryClone(out Box<T, NativeAllocator> clone);
        box = clone.Move();
        return cloned;
    }

    /// <inheritdoc cref="Box{T, TAllocator}.CompareTo"/>
    [UsableWhenSpent]
    public readonly int CompareTo(in Box<T> other) => _box.CompareTo(other._box);

    /// <inheritdoc/>
    public override readonly bool Equals([NotNullWhen(true)] object? obj) => 
        obj is Box<T> && this == (Box<T>)obj;

    readonly bool IEquatable<Box<T>>.Equals(Box<T> other) => this == other;

    /// <inheritdoc/>
    public override readonly int GetHashCode() => _box.GetHashCode();

    /// <inheritdoc cref="Box{T, TAllocator}.ToString"/>
    public override readonly string ToString() => _box.ToString();

    [Consumes]
    internal unsafe T* Release() => _box.Release();

    /// <inheritdoc cref="Box{T, TAllocator}.Dispose"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose() => _box.Dispose();
}

/// <summary>What a debugger shows of a box: its value.</summary>
internal sealed class BoxDebugView<T>(Box<T> box)
    where T : unmanaged
{
    [DebuggerBrowsable(DebuggerBrowsableState.RootHidden)]
    public T[] Value { get; } = box.HasValue ? [box.Value] : [];
}

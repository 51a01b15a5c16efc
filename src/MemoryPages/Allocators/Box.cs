using System.Runtime.CompilerServices;
using MemoryPages.Ownership;

namespace MemoryPages;

/// <summary>Makes boxes: values in an allocator's memory, owned by one pointer.</summary>
/// <remarks>
/// <para>
/// Without an allocator the memory is the native heap's. A struct that needs no state may be named as a type only: <c>Box.New&lt;T,
/// PageAllocator&gt;(value)</c>.
/// </para>
/// <para>
/// The throwing forms take the value for good: where there is no memory for it, it is disposed, if it has a Dispose. The <c>Try</c> forms leave it to
/// the caller if they return false, and allocate nothing managed then.
/// </para>
/// <para>
/// Boxes that were made for a value that is never made are nobody's: in <c>Box.New(new Tree { Left = Box.New(a), Right = Box.New(b) })</c> the left
/// one is lost if there is no memory for the right one. Hold each part with <c>using</c>, and move it: <c>using var left = Box.New(a); using var
/// right = Box.New(b); return Box.New(new Tree { Left = left.Move(), Right = right.Move() });</c> loses nothing.
/// </para>
/// </remarks>
public static unsafe partial class Box
{
    /// <summary>A box with a value.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="value">The value, which is handed over.</param>
    /// <exception cref="MemoryPagesException">There is no memory to be had; the value was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Box<T> New<[MoveOnly] T>([Consumes] T value)
        where T : unmanaged => new(Box<T, NativeAllocator>.Make(value, default, "Box.New"));

    /// <summary>A box with a value, from an allocator.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
    /// <param name="value">The value, which is handed over.</param>
    /// <param name="allocator">Where the memory comes from, and goes back to.</param>
    /// <exception cref="ArgumentNullException">There is no allocator; the value was disposed.</exception>
    /// <exception cref="MemoryPagesException">There is no memory to be had; the value was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Box<T, TAllocator> New<[MoveOnly] T, TAllocator>([Consumes] T value, [Borrows] TAllocator allocator)
        where T : unmanaged
        where TAllocator : IAllocator => Box<T, TAllocator>.Make(value, allocator, "Box.New");

    /// <summary>A box with a value, from an allocator that its type says all of.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
    /// <param name="value">The value, which is handed over.</param>
    /// <exception cref="MemoryPagesException">There is no memory to be had; the value was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Box<T, TAllocator> New<[MoveOnly] T, TAllocator>([Consumes] T value)
        where T : unmanaged
        where TAllocator : struct, IAllocator => New(value, default(TAllocator));

    /// <summary>A box with the default value: all bytes are zero.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <exception cref="MemoryPagesException">There is no memory to be had.</exception>
    public static Box<T> NewZeroed<[MoveOnly] T>()
        where T : unmanaged => new(NewZeroed<T, NativeAllocator>());

    /// <summary>A box with the default value, from an allocator: all bytes are zero.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
    /// <param name="allocator">Where the memory comes from, and goes back to.</param>
    /// <exception cref="ArgumentNullException">There is no allocator.</exception>
    /// <exception cref="MemoryPagesException">There is no memory to be had.</exception>
    public static Box<T, TAllocator> NewZeroed<[MoveOnly] T, TAllocator>([Borrows] TAllocator allocator)
        where T : unmanaged
        where TAllocator : IAllocator => new(Box<T, TAllocator>.Allocate(allocator, zeroed: true, "Box.NewZeroed"));

    /// <summary>A box with the default value, from an allocator that its type says all of: all bytes are zero.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
    /// <exception cref="MemoryPagesException">There is no memory to be had.</exception>
    public static Box<T, TAllocator> NewZeroed<[MoveOnly] T, TAllocator>()
        where T : unmanaged
        where TAllocator : struct, IAllocator => NewZeroed<T, TAllocator>(default);

    /// <summary>Memory for a value, of undefined content.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <exception cref="MemoryPagesException">There is no memory to be had.</exception>
    [return: Owned]
    public static UninitializedBox<T, NativeAllocator> NewUninitialized<[MoveOnly] T>()
        where T : unmanaged => NewUninitialized<T, NativeAllocator>(default);

    /// <summary>Memory for a value, of undefined content, from an allocator.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
    /// <param name="allocator">Where the memory comes from, and goes back to.</param>
    /// <exception cref="ArgumentNullException">There is no allocator.</exception>
    /// <exception cref="MemoryPagesException">There is no memory to be had.</exception>
    [return: Owned]
    public static UninitializedBox<T, TAllocator> NewUninitialized<[MoveOnly] T, TAllocator>([Borrows] TAllocator allocator)
        where T : unmanaged
        where TAllocator : IAllocator => new(Box<T, TAllocator>.Allocate(allocator, zeroed: false, "Box.NewUninitialized"));

    /// <summary>Memory for a value, of undefined content, from an allocator that its type says all of.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
    /// <exception cref="MemoryPagesException">There is no memory to be had.</exception>
    [return: Owned]
    public static UninitializedBox<T, TAllocator> NewUninitialized<[MoveOnly] T, TAllocator>()
        where T : unmanaged
        where TAllocator : struct, IAllocator => NewUninitialized<T, TAllocator>(default);
}

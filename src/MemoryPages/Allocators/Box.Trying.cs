using MemoryPages.Ownership;

namespace MemoryPages;

public static unsafe partial class Box
{
    /// <summary>A box with a value.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="value">The value, which is handed over.</param>
    /// <param name="box">The box, or an empty one.</param>
    /// <returns>False where there is no memory to be had; the value is still the caller's.</returns>
    public static bool TryNew<[MoveOnly] T>([Consumes(WhenTrue = true)] T value, out Box<T> box)
        where T : unmanaged
    {
        bool made = TryNew(value, default(NativeAllocator), out Box<T, NativeAllocator> named);
        box = named.Move();
        return made;
    }

    /// <summary>A box with a value, from an allocator.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
    /// <param name="value">The value, which is handed over.</param>
    /// <param name="allocator">Where the memory comes from, and goes back to.</param>
    /// <param name="box">The box, or an empty one.</param>
    /// <returns>False where there is no memory to be had; the value is still the caller's.</returns>
    /// <exception cref="ArgumentNullException">There is no allocator.</exception>
    public static bool TryNew<[MoveOnly] T, TAllocator>(
        [Consumes(WhenTrue = true)] T value, [Borrows] TAllocator allocator, out Box<T, TAllocator> box)
        where T : unmanaged
        where TAllocator : IAllocator => Box<T, TAllocator>.TryMake(value, allocator, out box);

    /// <summary>A box with a value, from an allocator that its type says all of.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
    /// <param name="value">The value, which is handed over.</param>
    /// <param name="box">The box, or an empty one.</param>
    /// <returns>False where there is no memory to be had; the value is still the caller's.</returns>
    public static bool TryNew<[MoveOnly] T, TAllocator>([Consumes(WhenTrue = true)] T value, out Box<T, TAllocator> box)
        where T : unmanaged
        where TAllocator : struct, IAllocator => Box<T, TAllocator>.TryMake(value, default, out box);

    /// <summary>A box with the default value.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="box">The box, or an empty one.</param>
    /// <returns>False where there is no memory to be had.</returns>
    public static bool TryNew<[MoveOnly] T>(out Box<T> box)
        where T : unmanaged => TryNewZeroed(out box);

    /// <summary>A box with the default value, from an allocator that its type says all of.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
    /// <param name="box">The box, or an empty one.</param>
    /// <returns>False where there is no memory to be had.</returns>
    public static bool TryNew<[MoveOnly] T, TAllocator>(out Box<T, TAllocator> box)
        where T : unmanaged
        where TAllocator : struct, IAllocator => TryNewZeroed(default, out box);

    /// <summary>A box with the default value: all bytes are zero.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="box">The box, or an empty one.</param>
    /// <returns>False where there is no memory to be had.</returns>
    public static bool TryNewZeroed<[MoveOnly] T>(out Box<T> box)
        where T : unmanaged
    {
        bool made = TryNewZeroed(default(NativeAllocator), out Box<T, NativeAllocator> named);
        box = named.Move();
        return made;
    }

    /// <summary>A box with the default value, from an allocator: all bytes are zero.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
    /// <param name="allocator">Where the memory comes from, and goes back to.</param>
    /// <param name="box">The box, or an empty one.</param>
    /// <returns>False where there is no memory to be had.</returns>
    /// <exception cref="ArgumentNullException">There is no allocator.</exception>
    public static bool TryNewZeroed<[MoveOnly] T, TAllocator>([Borrows] TAllocator allocator, out Box<T, TAllocator> box)
        where T : unmanaged
        where TAllocator : IAllocator => Box<T, TAllocator>.TryMakeZeroed(allocator, out box);

    /// <summary>Memory for a value, of undefined content.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="box">The box, or an empty one.</param>
    /// <returns>False where there is no memory to be had.</returns>
    public static bool TryNewUninitialized<[MoveOnly] T>([Owned] out UninitializedBox<T, NativeAllocator> box)
        where T : unmanaged => TryNewUninitialized(default(NativeAllocator), out box);

    /// <summary>Memory for a value, of undefined content, from an allocator.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
    /// <param name="allocator">Where the memory comes from, and goes back to.</param>
    /// <param name="box">The box, or an empty one.</param>
    /// <returns>False where there is no memory to be had.</returns>
    /// <exception cref="ArgumentNullException">There is no allocator.</exception>
    public static bool TryNewUninitialized<[MoveOnly] T, TAllocator>([Borrows] TAllocator allocator, [Owned] out UninitializedBox<T, TAllocator> box)
        where T : unmanaged
        where TAllocator : IAllocator => UninitializedBox<T, TAllocator>.TryMake(allocator, out box);
}

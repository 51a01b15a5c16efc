using MemoryPages.Allocators;
using MemoryPages.Ownership;

namespace MemoryPages;

public static unsafe partial class BoxedSpan
{
    /// <summary>The elements of a span, copied.</summary>
    /// <typeparam name="T">The elements' type.</typeparam>
    /// <param name="source">The elements, which are copied.</param>
    /// <param name="span">The elements, or none.</param>
    /// <returns>False where there is no memory to be had.</returns>
    /// <exception cref="NotSupportedException">The elements have a Dispose: whatever they own would be owned twice.</exception>
    public static bool TryNew<[MoveOnly] T>(ReadOnlySpan<T> source, out BoxedSpan<T> span)
        where T : unmanaged
    {
        bool made = TryNew(source, default(NativeAllocator), out BoxedSpan<T, NativeAllocator> named);
        span = named.Move();
        return made;
    }

    /// <summary>The elements of a span, copied, from an allocator.</summary>
    /// <typeparam name="T">The elements' type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
    /// <param name="source">The elements, which are copied.</param>
    /// <param name="allocator">Where the memory comes from, and goes back to.</param>
    /// <param name="span">The elements, or none.</param>
    /// <returns>False where there is no memory to be had.</returns>
    /// <exception cref="NotSupportedException">The elements have a Dispose: whatever they own would be owned twice.</exception>
    /// <exception cref="ArgumentNullException">There is no allocator.</exception>
    public static bool TryNew<[MoveOnly] T, TAllocator>(ReadOnlySpan<T> source, [Borrows] TAllocator allocator, out BoxedSpan<T, TAllocator> span)
        where T : unmanaged
        where TAllocator : IAllocator
    {
        BoxErrors.ThrowIfOwning<T>("BoxedSpan.TryNew");
        bool made = BoxedSpan<T, TAllocator>.TryMake((nuint)source.Length, allocator, zeroed: false, out span);
        if (made)
        {
            source.CopyTo(span.Span);
        }

        return made;
    }

    /// <summary>Elements of the default value: all bytes are zero.</summary>
    /// <typeparam name="T">The elements' type.</typeparam>
    /// <param name="length">The number of elements; 0 is allowed.</param>
    /// <param name="span">The elements, or none.</param>
    /// <returns>False where there is no memory to be had.</returns>
    /// <remarks>The elements are legal values then: <c>default</c>, of which boxes are empty.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">Their size is beyond any address space.</exception>
    public static bool TryNewZeroed<[MoveOnly] T>(nuint length, out BoxedSpan<T> span)
        where T : unmanaged
    {
        bool made = TryNewZeroed(length, default(NativeAllocator), out BoxedSpan<T, NativeAllocator> named);
        span = named.Move();
        return made;
    }

    /// <summary>Elements of the default value: all bytes are zero, from an allocator.</summary>
    /// <typeparam name="T">The elements' type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
    /// <param name="length">The number of elements; 0 is allowed.</param>
    /// <param name="allocator">Where the memory comes from, and goes back to.</param>
    /// <param name="span">The elements, or none.</param>
    /// <returns>False where there is no memory to be had.</returns>
    /// <remarks>The elements are legal values then: <c>default</c>, of which boxes are empty.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">Their size is beyond any address space.</exception>
    /// <exception cref="ArgumentNullException">There is no allocator.</exception>
    public static bool TryNewZeroed<[MoveOnly] T, TAllocator>(nuint length, [Borrows] TAllocator allocator, out BoxedSpan<T, TAllocator> span)
        where T : unmanaged
        where TAllocator : IAllocator =>
        BoxedSpan<T, TAllocator>.TryMake(length, allocator, zeroed: true, out span);

    /// <summary>Elements of the default value: all bytes are zero, from an allocator that its type says all of.</summary>
    /// <typeparam name="T">The elements' type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
    /// <param name="length">The number of elements; 0 is allowed.</param>
    /// <param name="span">The elements, or none.</param>
    /// <returns>False where there is no memory to be had.</returns>
    /// <remarks>The elements are legal values then: <c>default</c>, of which boxes are empty.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">Their size is beyond any address space.</exception>
    public static bool TryNewZeroed<[MoveOnly] T, TAllocator>(nuint length, out BoxedSpan<T, TAllocator> span)
        where T : unmanaged
        where TAllocator : struct, IAllocator => TryNewZeroed(length, default(TAllocator), out span);

    /// <summary>Elements of undefined content.</summary>
    /// <typeparam name="T">The elements' type.</typeparam>
    /// <param name="length">The number of elements; 0 is allowed.</param>
    /// <param name="span">The elements, or none.</param>
    /// <returns>False where there is no memory to be had.</returns>
    /// <exception cref="NotSupportedException">The elements have a Dispose, which must not run on undefined content.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Their size is beyond any address space.</exception>
    public static bool TryNewUninitialized<[MoveOnly] T>(nuint length, out BoxedSpan<T> span)
        where T : unmanaged
    {
        bool made = TryNewUninitialized(length, default(NativeAllocator), out BoxedSpan<T, NativeAllocator> named);
        span = named.Move();
        return made;
    }

    /// <summary>Elements of undefined content, from an allocator.</summary>
    /// <typeparam name="T">The elements' type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
    /// <param name="length">The number of elements; 0 is allowed.</param>
    /// <param name="allocator">Where the memory comes from, and goes back to.</param>
    /// <param name="span">The elements, or none.</param>
    /// <returns>False where there is no memory to be had.</returns>
    /// <exception cref="NotSupportedException">The elements have a Dispose, which must not run on undefined content.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Their size is beyond any address space.</exception>
    /// <exception cref="ArgumentNullException">There is no allocator.</exception>
    public static bool TryNewUninitialized<[MoveOnly] T, TAllocator>(nuint length, [Borrows] TAllocator allocator, out BoxedSpan<T, TAllocator> span)
        where T : unmanaged
        where TAllocator : IAllocator
    {
        BoxErrors.ThrowIfUndefined<T>();
        return BoxedSpan<T, TAllocator>.TryMake(length, allocator, zeroed: false, out span);
    }

    /// <summary>Elements of undefined content, from an allocator that its type says all of.</summary>
    /// <typeparam name="T">The elements' type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
    /// <param name="length">The number of elements; 0 is allowed.</param>
    /// <param name="span">The elements, or none.</param>
    /// <returns>False where there is no memory to be had.</returns>
    /// <exception cref="NotSupportedException">The elements have a Dispose, which must not run on undefined content.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Their size is beyond any address space.</exception>
    public static bool TryNewUninitialized<[MoveOnly] T, TAllocator>(nuint length, out BoxedSpan<T, TAllocator> span)
        where T : unmanaged
        where TAllocator : struct, IAllocator => TryNewUninitialized(length, default(TAllocator), out span);
}

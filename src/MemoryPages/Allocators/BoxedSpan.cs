using MemoryPages.Allocators;
using MemoryPages.Ownership;

namespace MemoryPages;

/// <summary>Makes boxed spans: neighbouring values in an allocator's memory, with an owner.</summary>
/// <remarks>Without an allocator the memory is the native heap's. A struct that needs no state may be named as a type only.</remarks>
public static unsafe partial class BoxedSpan
{
    /// <summary>The elements of a span, copied.</summary>
    /// <typeparam name="T">The elements' type.</typeparam>
    /// <param name="source">The elements, which are copied.</param>
    /// <exception cref="NotSupportedException">The elements have a Dispose: whatever they own would be owned twice.</exception>
    /// <exception cref="MemoryPagesException">There is no memory to be had.</exception>
    public static BoxedSpan<T> New<[MoveOnly] T>(ReadOnlySpan<T> source)
        where T : unmanaged => new(New(source, default(NativeAllocator)));

    /// <summary>The elements of a span, copied, from an allocator.</summary>
    /// <typeparam name="T">The elements' type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
    /// <param name="source">The elements, which are copied.</param>
    /// <param name="allocator">Where the memory comes from, and goes back to.</param>
    /// <exception cref="NotSupportedException">The elements have a Dispose: whatever they own would be owned twice.</exception>
    /// <exception cref="ArgumentNullException">There is no allocator.</exception>
    /// <exception cref="MemoryPagesException">There is no memory to be had.</exception>
    public static BoxedSpan<T, TAllocator> New<[MoveOnly] T, TAllocator>(ReadOnlySpan<T> source, [Borrows] TAllocator allocator)
        where T : unmanaged
        where TAllocator : IAllocator
    {
        BoxErrors.ThrowIfOwning<T>("BoxedSpan.New");
        BoxedSpan<T, TAllocator> made = BoxedSpan<T, TAllocator>.Make((nuint)source.Length, allocator, zeroed: false, "BoxedSpan.New");
        source.CopyTo(made.Span);
        return made;
    }

    /// <summary>Elements of the default value: all bytes are zero.</summary>
    /// <typeparam name="T">The elements' type.</typeparam>
    /// <param name="length">The number of elements; 0 is allowed.</param>
    /// <remarks>The elements are legal values then: <c>default</c>, of which boxes are empty.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">Their size is beyond any address space.</exception>
    /// <exception cref="MemoryPagesException">There is no memory to be had.</exception>
    public static BoxedSpan<T> NewZeroed<[MoveOnly] T>(nuint length)
        where T : unmanaged => new(NewZeroed<T, NativeAllocator>(length, default(NativeAllocator)));

    /// <summary>Elements of the default value: all bytes are zero, from an allocator.</summary>
    /// <typeparam name="T">The elements' type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
    /// <param name="length">The number of elements; 0 is allowed.</param>
    /// <param name="allocator">Where the memory comes from, and goes back to.</param>
    /// <remarks>The elements are legal values then: <c>default</c>, of which boxes are empty.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">Their size is beyond any address space.</exception>
    /// <exception cref="ArgumentNullException">There is no allocator.</exception>
    /// <exception cref="MemoryPagesException">There is no memory to be had.</exception>
    public static BoxedSpan<T, TAllocator> NewZeroed<[MoveOnly] T, TAllocator>(nuint length, [Borrows] TAllocator allocator)
        where T : unmanaged
        where TAllocator : IAllocator =>
        BoxedSpan<T, TAllocator>.Make(length, allocator, zeroed: true, "BoxedSpan.NewZeroed");

    /// <summary>Elements of the default value: all bytes are zero, from an allocator that its type says all of.</summary>
    /// <typeparam name="T">The elements' type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
    /// <param name="length">The number of elements; 0 is allowed.</param>
    /// <remarks>The elements are legal values then: <c>default</c>, of which boxes are empty.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">Their size is beyond any address space.</exception>
    /// <exception cref="MemoryPagesException">There is no memory to be had.</exception>
    public static BoxedSpan<T, TAllocator> NewZeroed<[MoveOnly] T, TAllocator>(nuint length)
        where T : unmanaged
        where TAllocator : struct, IAllocator => NewZeroed<T, TAllocator>(length, default);

    /// <summary>Elements of undefined content.</summary>
    /// <typeparam name="T">The elements' type.</typeparam>
    /// <param name="length">The number of elements; 0 is allowed.</param>
    /// <exception cref="NotSupportedException">The elements have a Dispose, which must not run on undefined content.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Their size is beyond any address space.</exception>
    /// <exception cref="MemoryPagesException">There is no memory to be had.</exception>
    public static BoxedSpan<T> NewUninitialized<[MoveOnly] T>(nuint length)
        where T : unmanaged => new(NewUninitialized<T, NativeAllocator>(length, default(NativeAllocator)));

    /// <summary>Elements of undefined content, from an allocator.</summary>
    /// <typeparam name="T">The elements' type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
    /// <param name="length">The number of elements; 0 is allowed.</param>
    /// <param name="allocator">Where the memory comes from, and goes back to.</param>
    /// <exception cref="NotSupportedException">The elements have a Dispose, which must not run on undefined content.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Their size is beyond any address space.</exception>
    /// <exception cref="ArgumentNullException">There is no allocator.</exception>
    /// <exception cref="MemoryPagesException">There is no memory to be had.</exception>
    public static BoxedSpan<T, TAllocator> NewUninitialized<[MoveOnly] T, TAllocator>(nuint length, [Borrows] TAllocator allocator)
        where T : unmanaged
        where TAllocator : IAllocator
    {
        BoxErrors.ThrowIfUndefined<T>();
        return BoxedSpan<T, TAllocator>.Make(length, allocator, zeroed: false, "BoxedSpan.NewUninitialized");
    }

    /// <summary>Elements of undefined content, from an allocator that its type says all of.</summary>
    /// <typeparam name="T">The elements' type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
    /// <param name="length">The number of elements; 0 is allowed.</param>
    /// <exception cref="NotSupportedException">The elements have a Dispose, which must not run on undefined content.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Their size is beyond any address space.</exception>
    /// <exception cref="MemoryPagesException">There is no memory to be had.</exception>
    public static BoxedSpan<T, TAllocator> NewUninitialized<[MoveOnly] T, TAllocator>(nuint length)
        where T : unmanaged
        where TAllocator : struct, IAllocator => NewUninitialized<T, TAllocator>(length, default);
}

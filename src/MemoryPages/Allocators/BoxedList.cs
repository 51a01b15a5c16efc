using MemoryPages.Allocators;
using MemoryPages.Ownership;

namespace MemoryPages;

/// <summary>Makes boxed lists: values in an allocator's memory, which grows with them.</summary>
/// <remarks>Without an allocator the memory is the native heap's. A struct that needs no state may be named as a type only.</remarks>
public static class BoxedList
{
    /// <summary>A list without elements, on the native heap.</summary>
    /// <typeparam name="T">The elements' type.</typeparam>
    /// <param name="capacity">Elements that it has memory for; 0 is allowed.</param>
    /// <exception cref="ArgumentOutOfRangeException">Their size is beyond any address space.</exception>
    /// <exception cref="MemoryPagesException">There is no memory to be had.</exception>
    public static BoxedList<T, NativeAllocator> New<[MoveOnly] T>(nuint capacity)
        where T : unmanaged => New<T, NativeAllocator>(capacity, default(NativeAllocator));

    /// <summary>A list without elements, from an allocator.</summary>
    /// <typeparam name="T">The elements' type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
    /// <param name="capacity">Elements that it has memory for; 0 is allowed.</param>
    /// <param name="allocator">Where the memory comes from, and goes back to.</param>
    /// <exception cref="ArgumentOutOfRangeException">Their size is beyond any address space.</exception>
    /// <exception cref="ArgumentNullException">There is no allocator.</exception>
    /// <exception cref="MemoryPagesException">There is no memory to be had.</exception>
    public static BoxedList<T, TAllocator> New<[MoveOnly] T, TAllocator>(nuint capacity, [Borrows] TAllocator allocator)
        where T : unmanaged
        where TAllocator : IAllocator =>
        BoxedList<T, TAllocator>.TryMake(capacity, allocator, out BoxedList<T, TAllocator> list)
            ? list
            : throw BoxMemory<TAllocator>.Refusal(allocator, "BoxedList.New", Layout.Of<T>(capacity));

    /// <summary>A list without elements, from an allocator that its type says all of.</summary>
    /// <typeparam name="T">The elements' type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
    /// <param name="capacity">Elements that it has memory for; 0 is allowed.</param>
    /// <exception cref="ArgumentOutOfRangeException">Their size is beyond any address space.</exception>
    /// <exception cref="MemoryPagesException">There is no memory to be had.</exception>
    public static BoxedList<T, TAllocator> New<[MoveOnly] T, TAllocator>(nuint capacity)
        where T : unmanaged
        where TAllocator : struct, IAllocator => New<T, TAllocator>(capacity, default);

    /// <summary>A list without elements, from an allocator.</summary>
    /// <typeparam name="T">The elements' type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
    /// <param name="capacity">Elements that it has memory for; 0 is allowed.</param>
    /// <param name="allocator">Where the memory comes from, and goes back to.</param>
    /// <param name="list">The list, or an empty one.</param>
    /// <returns>False where there is no memory to be had.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Their size is beyond any address space.</exception>
    /// <exception cref="ArgumentNullException">There is no allocator.</exception>
    public static bool TryNew<[MoveOnly] T, TAllocator>(nuint capacity, [Borrows] TAllocator allocator, out BoxedList<T, TAllocator> list)
        where T : unmanaged
        where TAllocator : IAllocator => BoxedList<T, TAllocator>.TryMake(capacity, allocator, out list);

    /// <summary>A list without elements, from an allocator that its type says all of.</summary>
    /// <typeparam name="T">The elements' type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory comes from.</typeparam>
    /// <param name="capacity">Elements that it has memory for; 0 is allowed.</param>
    /// <param name="list">The list, or an empty one.</param>
    /// <returns>False where there is no memory to be had.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Their size is beyond any address space.</exception>
    public static bool TryNew<[MoveOnly] T, TAllocator>(nuint capacity, out BoxedList<T, TAllocator> list)
        where T : unmanaged
        where TAllocator : struct, IAllocator => TryNew(capacity, default(TAllocator), out list);
}

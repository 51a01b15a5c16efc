using MemoryPages.Allocators;
using MemoryPages.Ownership;

namespace MemoryPages.Unsafe;

/// <summary>Boxes as raw pointers, for native code that keeps them.</summary>
[Dangerous]
public static unsafe class BoxDangerous
{
    extension<T, TAllocator>(ref Box<T, TAllocator> box)
        where T : unmanaged
        where TAllocator : IAllocator
    {
        /// <summary>
        /// The value's address. The box is empty afterwards, and nobody owns the value until <see cref="DangerousFromRaw{T, TAllocator}(T*)"/>.
        /// </summary>
        /// <exception cref="ObjectDisposedException">The box is empty.</exception>
        /// <safety>
        /// The caller makes a box of the address again, once, of the same types: only that frees the memory. What stands behind the value is not
        /// touched.
        /// </safety>
        [Consumes]
        public T* DangerousIntoRaw() => box.Release();

        /// <summary>The value, for good: nobody will dispose or free it. The box is empty afterwards.</summary>
        /// <exception cref="ObjectDisposedException">The box is empty.</exception>
        /// <safety>The reference is valid for as long as the allocator keeps its memory.</safety>
        [Consumes]
        public ref T DangerousLeak() => ref *box.Release();
    }

    extension<T>(ref Box<T> box)
        where T : unmanaged
    {
        /// <summary>The value's address. The box is empty afterwards, and nobody owns the value until <see cref="DangerousFromRaw{T}"/>.</summary>
        /// <exception cref="ObjectDisposedException">The box is empty.</exception>
        /// <safety>
        /// The caller makes a box of the address again, once, of the same type, or frees it with <see
        /// cref="System.Runtime.InteropServices.NativeMemory.Free"/>.
        /// </safety>
        [Consumes]
        public T* DangerousIntoRaw() => box.Release();

        /// <summary>The value, for good: nobody will dispose or free it. The box is empty afterwards.</summary>
        /// <exception cref="ObjectDisposedException">The box is empty.</exception>
        /// <safety>The reference is valid until the process ends.</safety>
        [Consumes]
        public ref T DangerousLeak() => ref *box.Release();
    }

    extension<T, TAllocator>(ref UninitializedBox<T, TAllocator> box)
        where T : unmanaged
        where TAllocator : IAllocator
    {
        /// <summary>The address of the memory, to be filled.</summary>
        /// <exception cref="ObjectDisposedException">The memory was freed or handed on.</exception>
        /// <safety>The pointer is valid until the memory is freed.</safety>
        public T* DangerousPointer() => box.Place;

        /// <summary>The box, whatever the memory holds.</summary>
        /// <exception cref="ObjectDisposedException">The memory was freed or handed on.</exception>
        /// <safety>The caller has put a legal value there. If it has a Dispose, that will run on it.</safety>
        [Consumes]
        public Box<T, TAllocator> DangerousAssumeInitialized() => box.Initialized();
    }

    extension<T, TAllocator>(ref BoxedSpan<T, TAllocator> span)
        where T : unmanaged
        where TAllocator : IAllocator
    {
        /// <summary>The elements' address. The boxed span is empty afterwards, and nobody owns them.</summary>
        /// <param name="length">The number of elements.</param>
        /// <exception cref="ObjectDisposedException">It was disposed or moved.</exception>
        /// <safety>
        /// Only a boxed span that is made of address and length again, once, of the same types, frees the memory. Until then nobody does: that is
        /// also how to leak it.
        /// </safety>
        public T* DangerousIntoRaw(out nuint length)
        {
            T* pointer = span.Release(out length);
            return pointer == null ? throw BoxErrors.Empty() : pointer;
        }
    }

    /// <summary>A boxed span of what <c>DangerousIntoRaw</c> gave.</summary>
    /// <typeparam name="T">The elements' type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory came from: it is found behind the elements, if it has a state.</typeparam>
    /// <param name="pointer">The elements.</param>
    /// <param name="length">How many.</param>
    /// <exception cref="ArgumentNullException">There is no pointer.</exception>
    /// <safety>Pointer and length came from a boxed span of the same types, and were not made one since.</safety>
    [return: Owned]
    public static BoxedSpan<T, TAllocator> DangerousSpanFromRaw<[MoveOnly] T, TAllocator>(T* pointer, nuint length)
        where T : unmanaged
        where TAllocator : IAllocator
    {
        ArgumentNullException.ThrowIfNull(pointer);
        return new BoxedSpan<T, TAllocator>(pointer, length);
    }

    /// <summary>A box of what <c>DangerousIntoRaw</c> gave.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="pointer">The value.</param>
    /// <exception cref="ArgumentNullException">There is no pointer.</exception>
    /// <safety>
    /// The pointer came from a box of the same type, and was not made a box since; or from malloc, for a value that malloc's alignment is enough
    /// for.
    /// </safety>
    [return: Owned]
    public static Box<T> DangerousFromRaw<[MoveOnly] T>(T* pointer)
        where T : unmanaged => DangerousFromRaw<T, NativeAllocator>(pointer);

    /// <summary>A box of what <c>DangerousIntoRaw</c> gave.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <typeparam name="TAllocator">Where the memory came from: it is found behind the value, if it has a state.</typeparam>
    /// <param name="pointer">The value.</param>
    /// <exception cref="ArgumentNullException">There is no pointer.</exception>
    /// <safety>The pointer came from a box of the same types, and was not made a box since.</safety>
    [return: Owned]
    public static Box<T, TAllocator> DangerousFromRaw<[MoveOnly] T, TAllocator>(T* pointer)
        where T : unmanaged
        where TAllocator : IAllocator
    {
        ArgumentNullException.ThrowIfNull(pointer);
        return new Box<T, TAllocator>(pointer);
    }
}

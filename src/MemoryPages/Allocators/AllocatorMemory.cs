using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using MemoryPages.Allocators;
using MemoryPages.Ownership;

namespace MemoryPages;

/// <summary>
/// Any allocator where the framework wants a <see cref="MemoryPool{T}"/> or a <see cref="Memory{T}"/>: for pipes, streams, asynchronous code.
/// </summary>
/// <remarks>
/// <para>
/// Each memory is an object that owns its block until it is disposed; a pin holds the block longer. After the end its memories refuse to be used. A
/// span that was taken before is bounded by nobody, as with the framework's own pools: kept past the end, it reads what the allocator does next
/// with the block. A <see cref="GuardedAllocator{TAllocator}"/> below makes that a fault.
/// </para>
/// <para>
/// Only one that was lost, and not disposed, loses its block. Where the allocator is for one thread at a time, so are its memories, their ends and
/// the ends of their pins. Elements are not disposed. For code of one's own a <see cref="BoxedSpan{T, TAllocator}"/> makes no object.
/// </para>
/// </remarks>
public static class AllocatorMemory
{
    extension(IAllocator allocator)
    {
        /// <summary>The allocator as a pool of bytes.</summary>
        /// <remarks>As <c>AsMemoryPool&lt;byte&gt;</c>.</remarks>
        /// <exception cref="ArgumentNullException">There is no allocator.</exception>
        public MemoryPool<byte> AsMemoryPool() => new AllocatorMemoryPool<byte>(allocator);

        /// <summary>The allocator as a pool of memories.</summary>
        /// <typeparam name="T">The elements' type.</typeparam>
        /// <returns>
        /// A pool whose memories have undefined content, and all elements that their blocks have room for. Disposing it refuses further rentals, and
        /// ends neither the allocator nor what was rented.
        /// </returns>
        /// <exception cref="ArgumentNullException">There is no allocator.</exception>
        public MemoryPool<T> AsMemoryPool<T>()
            where T : unmanaged => new AllocatorMemoryPool<T>(allocator);

        /// <summary>Elements whose bytes are zero, as an object that owns them.</summary>
        /// <typeparam name="T">The elements' type.</typeparam>
        /// <param name="length">The number of elements; 0 is allowed.</param>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative.</exception>
        /// <exception cref="ArgumentNullException">There is no allocator.</exception>
        /// <exception cref="MemoryPagesException">There is no memory to be had.</exception>
        [return: Owned]
        public IMemoryOwner<T> AllocateMemory<T>(int length)
            where T : unmanaged =>
            TryAllocateMemory(allocator, length, out IMemoryOwner<T>? memory)
                ? memory
                : throw allocator.Refusal(nameof(AllocateMemory), Layout.Of<T>((nuint)length));

        /// <summary>Elements whose bytes are zero, as an object that owns them.</summary>
        /// <typeparam name="T">The elements' type.</typeparam>
        /// <param name="length">The number of elements; 0 is allowed.</param>
        /// <param name="memory">The elements, or null.</param>
        /// <returns>False where there is no memory to be had.</returns>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative.</exception>
        /// <exception cref="ArgumentNullException">There is no allocator.</exception>
        public bool TryAllocateMemory<T>(int length, [Owned, NotNullWhen(true)] out IMemoryOwner<T>? memory)
            where T : unmanaged
        {
            ArgumentNullException.ThrowIfNull(allocator);
            ArgumentOutOfRangeException.ThrowIfNegative(length);
            var layout = Layout.Of<T>((nuint)length);
            memory = allocator.TryAllocateZeroed(layout, out AllocatedBlock block) ? AllocatedMemory<T>.Own(allocator, block, layout, length) : null;
            return memory is not null;
        }
    }
}

using MemoryPages.Ownership;

namespace MemoryPages.Unsafe;

/// <summary>Appending without waiting for the element: for programs that synchronise the content of slots themselves.</summary>
[Dangerous]
public static class ConcurrentListDangerous
{
    extension<T>(ConcurrentVirtualList<T> list)
        where T : unmanaged
    {
        /// <summary>Appends a slot of zeros, which readers see at once, and returns it to be filled. From any thread.</summary>
        /// <param name="index">Its index, for good.</param>
        /// <exception cref="InvalidOperationException">The list holds its maximum.</exception>
        /// <exception cref="ObjectDisposedException">The list was disposed.</exception>
        /// <exception cref="MemoryPagesException">The system has no memory to promise.</exception>
        /// <safety>
        /// Zeros must be a legal value of the type. The caller synchronises writing the slot with its readers, who may otherwise see half of it, and
        /// does not use the reference after the list was disposed.
        /// </safety>
        public unsafe ref T DangerousAdd(out nint index) => ref list.AddZeroed(out index);
    }
}

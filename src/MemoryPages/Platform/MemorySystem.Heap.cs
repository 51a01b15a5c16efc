namespace MemoryPages.Platform;

/// <content>The C library's heap: for what is smaller than pages. Sizes are never 0; a null pointer says that there is no memory.</content>
/// <remarks>
/// Not <see cref="System.Runtime.InteropServices.NativeMemory"/>, which says so by an exception: an object, where there is no memory.
/// </remarks>
internal abstract unsafe partial class MemorySystem
{
    /// <summary>The alignment of every block that is at least so large: a power of two.</summary>
    public abstract nuint HeapAlignment { get; }

    public abstract void* HeapAllocate(nuint size);

    public abstract void* HeapAllocateZeroed(nuint size);

    /// <summary>Keeps the content of a block of the two above; null: the block is as it was.</summary>
    public abstract void* HeapReallocate(void* block, nuint size);

    public abstract void HeapFree(void* block);

    /// <param name="size">Bytes: a multiple of the alignment.</param>
    /// <param name="alignment">A power of two beyond <see cref="HeapAlignment"/>.</param>
    public abstract void* HeapAllocateAligned(nuint size, nuint alignment);

    public abstract void HeapFreeAligned(void* block);
}

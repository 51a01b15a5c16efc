using MemoryPages.Platform.Linux.Native;

namespace MemoryPages.Platform.Linux;

/// <summary>The C library's heap.</summary>
internal sealed unsafe partial class LinuxMemorySystem
{
    /// <summary>alignof(max_align_t) where the kernel gives 64 bits. C promises it of blocks at least that large, and not of smaller ones.</summary>
    public override nuint HeapAlignment => (nuint)(2 * sizeof(nuint));

    public override void* HeapAllocate(nuint size) => HeapCalls.malloc(size);

    public override void* HeapAllocateZeroed(nuint size) => HeapCalls.calloc(1, size);

    public override void* HeapReallocate(void* block, nuint size) => HeapCalls.realloc(block, size);

    public override void HeapFree(void* block) => HeapCalls.free(block);

    public override void* HeapAllocateAligned(nuint size, nuint alignment) => HeapCalls.aligned_alloc(alignment, size);

    /// <summary>free(3) takes both kinds here; other systems have a call for each.</summary>
    public override void HeapFreeAligned(void* block) => HeapCalls.free(block);
}

using MemoryPages.Platform.MacOS.Native;

namespace MemoryPages.Platform.MacOS;

/// <summary>The C library's heap.</summary>
internal sealed unsafe partial class MacMemorySystem
{
    /// <summary>16 bytes: malloc(3).</summary>
    public override nuint HeapAlignment => (nuint)(2 * sizeof(nuint));

    public override void* HeapAllocate(nuint size) => HeapCalls.malloc(size);

    public override void* HeapAllocateZeroed(nuint size) => HeapCalls.calloc(1, size);

    public override void* HeapReallocate(void* block, nuint size) => HeapCalls.realloc(block, size);

    public override void HeapFree(void* block) => HeapCalls.free(block);

    public override void* HeapAllocateAligned(nuint size, nuint alignment) => HeapCalls.aligned_alloc(alignment, size);

    public override void HeapFreeAligned(void* block) => HeapCalls.free(block);
}

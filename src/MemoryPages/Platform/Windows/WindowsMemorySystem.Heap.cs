using MemoryPages.Platform.Windows.Native;

namespace MemoryPages.Platform.Windows;

/// <summary>The C library's heap.</summary>
internal sealed unsafe partial class WindowsMemorySystem
{
    /// <summary>MEMORY_ALLOCATION_ALIGNMENT where the system has 64 bits.</summary>
    public override nuint HeapAlignment => (nuint)(2 * sizeof(nuint));

    public override void* HeapAllocate(nuint size) => HeapCalls.malloc(size);

    public override void* HeapAllocateZeroed(nuint size) => HeapCalls.calloc(1, size);

    public override void* HeapReallocate(void* block, nuint size) => HeapCalls.realloc(block, size);

    public override void HeapFree(void* block) => HeapCalls.free(block);

    public override void* HeapAllocateAligned(nuint size, nuint alignment) => HeapCalls._aligned_malloc(size, alignment);

    public override void HeapFreeAligned(void* block) => HeapCalls._aligned_free(block);
}

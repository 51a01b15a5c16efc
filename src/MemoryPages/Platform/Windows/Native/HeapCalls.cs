using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Windows.Native;

/// <summary>malloc and what belongs to it: the universal C library's heap, which is also <see cref="NativeMemory"/>'s.</summary>
/// <remarks>A null pointer says that there is no memory. Aligned blocks have calls of their own, for their end too.</remarks>
internal static unsafe partial class HeapCalls
{
    [LibraryImport("ucrtbase")]
    public static partial void* malloc(nuint size);

    [LibraryImport("ucrtbase")]
    public static partial void* calloc(nuint number, nuint size);

    [LibraryImport("ucrtbase")]
    public static partial void* realloc(void* memblock, nuint size);

    [LibraryImport("ucrtbase")]
    public static partial void free(void* memblock);

    [LibraryImport("ucrtbase")]
    public static partial void* _aligned_malloc(nuint size, nuint alignment);

    [LibraryImport("ucrtbase")]
    public static partial void _aligned_free(void* memblock);
}

using System.Runtime.InteropServices;

namespace MemoryPages.Platform.MacOS.Native;

/// <summary>malloc(3), aligned_alloc(3): the C library's heap.</summary>
internal static unsafe partial class HeapCalls
{
    [LibraryImport("libSystem")]
    public static partial void* malloc(nuint size);

    [LibraryImport("libSystem")]
    public static partial void* calloc(nuint count, nuint size);

    [LibraryImport("libSystem")]
    public static partial void* realloc(void* block, nuint size);

    [LibraryImport("libSystem")]
    public static partial void free(void* block);

    [LibraryImport("libSystem")]
    public static partial void* aligned_alloc(nuint alignment, nuint size);
}

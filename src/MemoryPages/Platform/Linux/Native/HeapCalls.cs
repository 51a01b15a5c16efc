using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>malloc(3) and what belongs to it: the C library's heap, which is also <see cref="NativeMemory"/>'s.</summary>
/// <remarks>The only errno of these is ENOMEM, and a null pointer says it.</remarks>
internal static unsafe partial class HeapCalls
{
    [LibraryImport("libc")]
    public static partial void* malloc(nuint size);

    [LibraryImport("libc")]
    public static partial void* calloc(nuint nmemb, nuint size);

    [LibraryImport("libc")]
    public static partial void* realloc(void* ptr, nuint size);

    [LibraryImport("libc")]
    public static partial void* aligned_alloc(nuint alignment, nuint size);

    [LibraryImport("libc")]
    public static partial void free(void* ptr);
}

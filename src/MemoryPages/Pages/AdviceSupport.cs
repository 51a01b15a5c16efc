using MemoryPages.Platform;
using MemoryPages.Unsafe;

namespace MemoryPages;

/// <summary>Whether the running kernel takes an advice.</summary>
public static class AdviceSupport
{
    extension(Advice advice)
    {
        /// <summary>
        /// Asked of the running kernel, once: by its answer to an empty range, and for what this library rests on by its effect too, since the number
        /// may mean another thing there. It does not say that this process has the privilege, or that every kind of memory takes it.
        /// </summary>
        public bool IsSupported => MemorySystem.Current.IsSupported(advice);
    }

    extension(UncheckedAdvice advice)
    {
        /// <inheritdoc cref="get_IsSupported(Advice)"/>
        public bool IsSupported => MemorySystem.Current.IsSupported(advice);
    }
}
